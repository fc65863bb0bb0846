"""A mean from few labels and many predictions of them: prediction-powered inference, PPI++."""

from dataclasses import dataclass

import numpy as np

from primum.statistics.arrays import Floats
from primum.statistics.interval import Interval
from primum.statistics.paired_bootstrap import BATCH, widened

FOLDS = 5
"""Parts of the labels; the weight for each is chosen on the others. A choice."""


@dataclass(frozen=True, slots=True)
class PoweredMean:
    """A mean of labels, corrected by predictions.

    Attributes:
        interval: The mean with its interval; `n` counts labels.
        weight: λ, how far the predictions are trusted: 0 not at all, 1 as far as they go; the mean
            over the folds.
        labels_alone: The mean of the labels with its interval, by the same method.
    """

    interval: Interval
    weight: float
    labels_alone: Interval

    @property
    def width_ratio(self) -> float | None:
        """Width of the interval over that of the labels alone; None where one has no width."""
        widths = [
            found.high - found.low
            for found in (self.interval, self.labels_alone)
            if found.low is not None and found.high is not None
        ]
        return widths[0] / widths[1] if len(widths) == 2 and widths[1] > 0 else None


def powered_mean(
    labels: Floats,
    predicted: Floats,
    others: Floats,
    *,
    bounds: tuple[float, float],
    resamples: int,
    confidence: float,
    seed: int,
    weight: float | None = None,
) -> PoweredMean:
    """The mean label of the population that labelled and other prompts were drawn from.

    PPI++ (Angelopoulos, Duchi & Zrnic 2023, arXiv 2311.01453, section 2 and, for λ, section 6): the
    mean over the labelled prompts of Y − λ(f − f̄), where f̄ is the mean prediction of the *other*
    prompts. Labelled and other prompts are disjoint, so that the two means are independent and
    their variances add up. With f̄ over all judged prompts instead it is the same estimator with
    λ(1 + n/M) in the place of λ, n labels and M others: nothing is lost.

    λ is chosen for the least variance, Cov(Y, f) / ((1 + n/M) Var f), clipped to [0, 1]; for each
    fold of the labels from the others, so that its choice biases nothing. A judge that is wrong,
    however far, makes the interval no shorter; it does not move it.

    The interval is a BCa bootstrap over both samples (Efron 1987), widened as Student's quantiles
    are (Hesterberg 2015, section 4), like `paired_gain`. Labels can leave out what is rare: to the
    resampled ones two are added, one at either bound (as Agresti & Min 2005, "Simple improved
    confidence intervals for comparing matched proportions", add to each cell). So ten labels that
    are all alike do not give an interval without width.

    Args:
        labels: Y of the labelled prompts, shape [n], a random sample of all.
        predicted: f of the same prompts in the same order; any function of prompt and answers.
        others: f of the prompts that were not labelled, shape [M].
        bounds: The lowest and the highest label there can be.
        resamples: Bootstrap resamples.
        confidence: Two-sided; each end errs with half of what is left.
        seed: Makes folds and resamples.
        weight: λ, where it is not to be chosen.

    Raises:
        ValueError: If labels and predictions differ in number.
    """
    if len(labels) != len(predicted):
        raise ValueError(f"{len(labels)} labels, but {len(predicted)} predictions")
    n = len(labels)
    if n == 0:
        nothing = Interval(None, None, None, 0)
        return PoweredMean(nothing, 0.0, nothing)
    rng = np.random.default_rng(seed)
    usable = n > FOLDS and len(others) > 1
    centre = float(others.mean()) if usable else 0.0
    if not usable:
        weights = np.zeros(n)
    elif weight is not None:
        weights = np.full(n, weight)
    else:
        weights = _cross_fitted(labels, predicted, len(others), rng)
    mean_weight = float(weights.mean())
    corrected = labels - weights * (predicted - centre)
    spread = mean_weight * (others - centre)
    bca = _Bca(bounds, resamples, confidence, seed)
    alone = bca.interval(labels, np.zeros(0))
    return PoweredMean(
        interval=bca.interval(corrected, spread) if mean_weight else alone,
        weight=mean_weight,
        labels_alone=alone,
    )


def _cross_fitted(
    labels: Floats, predicted: Floats, others: int, rng: np.random.Generator
) -> Floats:
    """λ for every label, from the labels of the other folds; shape [n].

    Args:
        labels: Y, shape [n].
        predicted: f, shape [n].
        others: How many prompts were not labelled.
        rng: Makes the folds.
    """
    n = len(labels)
    fold = rng.permutation(np.arange(n) % FOLDS)
    found = np.zeros(n)
    for held in range(FOLDS):
        y, f = labels[fold != held], predicted[fold != held]
        variance = float(f.var())
        if variance > 0:
            covariance = float(np.mean((y - y.mean()) * (f - f.mean())))
            found[fold == held] = np.clip(covariance / ((1 + n / others) * variance), 0, 1)
    return found


@dataclass(frozen=True, slots=True)
class _Bca:
    """How intervals are made; see `powered_mean`."""

    bounds: tuple[float, float]
    resamples: int
    confidence: float
    seed: int

    def interval(self, labels: Floats, others: Floats) -> Interval:
        """The sum of two independent means, of which the second's is 0.

        Args:
            labels: Labels, corrected or not.
            others: What the other prompts add to the spread; empty for nothing.
        """
        mean, n = float(labels.mean()), len(labels)
        if n == 1:
            return Interval(mean, None, None, 1)
        # Only here: SciPy takes longer to import than a report takes to read.
        from scipy.stats import bootstrap

        samples = [np.concatenate([labels, self.bounds])]
        if len(others):
            samples.append(others)
        found = bootstrap(
            samples,
            _sum_of_means,
            n_resamples=self.resamples,
            batch=max(1, BATCH // max(map(len, samples))),
            vectorized=True,
            confidence_level=widened(self.confidence, n, n - 1.0, self.resamples),
            method="BCa",
            rng=np.random.default_rng(self.seed),
        ).confidence_interval
        lowest, highest = self.bounds
        return Interval(
            value=min(max(mean, lowest), highest),
            low=max(min(float(found.low), mean), lowest),
            high=min(max(float(found.high), mean), highest),
            n=n,
        )


def _sum_of_means(*samples: Floats, axis: int = -1) -> Floats:
    found: Floats = np.mean(samples[0], axis=axis)
    for sample in samples[1:]:
        found = found + np.mean(sample, axis=axis)
    return found
