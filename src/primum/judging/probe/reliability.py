"""Reliability: whether answers meet the threshold as often as the probe says."""

from dataclasses import dataclass

import numpy as np

from primum.arrays import BoolArray, Float64Array
from primum.judging.calibration import LEAST_MARKS, fit_log_odds, logistic
from primum.judging.probe.labels import Labels, folds_of


@dataclass(frozen=True)
class Reliability:
    """How well probabilities of meeting the threshold hold for answers that the fit had not seen.

    Attributes:
        predicted: Mean probability of the answers in each part of [0, 1] that has any; shape
            [parts].
        observed: Share of them that are marked as meeting it, shape [parts].
        counts: How many, shape [parts].
        error: Expected calibration error: the mean distance of the two over answers.
        brier: Mean squared distance of probability and mark.
        auc: Probability that an answer that meets it has the higher one.
    """

    predicted: Float64Array
    observed: Float64Array
    counts: Float64Array
    error: float
    brier: float
    auc: float


def measure_reliability(raw: Float64Array, labels: Labels) -> Reliability | None:
    """Probabilities by raw scores of answers left out, turned by marks of the other folds.

    Args:
        raw: Per answer, the raw score by a fit that had not seen its topic.
        labels: What is known of the answers.

    Returns:
        None with fewer than ten marks of either kind in the other folds.
    """
    fold_of = folds_of(labels.topics)[labels.marked]
    scores, meets = raw[labels.marked], labels.meets
    probability = np.empty(len(meets))
    for fold in np.unique(fold_of):
        held = fold_of == fold
        if min(int(meets[~held].sum()), int((~meets[~held]).sum())) < LEAST_MARKS:
            return None
        slope, intercept = fit_log_odds(scores[~held], meets[~held])
        probability[held] = logistic(slope * scores[held] + intercept)
    if not len(meets) or meets.all() or not meets.any():
        return None
    return reliability_of(probability, meets)


def reliability_of(probability: Float64Array, meets: BoolArray) -> Reliability:
    """Compares probabilities with marks.

    Args:
        probability: Of meeting the threshold, shape [answers].
        meets: The marks, shape [answers], both kinds among them.
    """
    # Only here: they take a second, and commands that judge nothing import this module.
    from sklearn.metrics import roc_auc_score

    from primum.statistics.judges.reliability import reliability_points

    points = reliability_points(probability, meets.astype(np.float64))
    predicted, observed, counts = np.array(
        [(point.predicted, point.observed, point.count) for point in points]
    ).T
    return Reliability(
        predicted=predicted,
        observed=observed,
        counts=counts,
        error=float(np.average(np.abs(predicted - observed), weights=counts)),
        brier=float(((probability - meets) ** 2).mean()),
        auc=float(roc_auc_score(meets, probability)),
    )
