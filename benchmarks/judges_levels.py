"""What judges of harmlessness say across prompts: single answers that people labelled."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from figures import figure
from human_labels import HumanAnswer, LabelledCompletion
from judges_kinds import Array, item, scores
from primum.constitution import Constitution
from primum.judging import Judge
from primum.judging.calibration import probability_of_meeting
from primum.statistics.cluster_bootstrap import cluster_interval, cluster_mean
from primum.statistics.interval import Interval
from primum.statistics.judges.area import area_across
from primum.statistics.judges.reliability import BINS


@dataclass(frozen=True)
class Scored:
    """Answers with the scores of one judge on one objective.

    Attributes:
        values: NaN where a score is missing; shape [answers].
        prompts: The prompt of each.
    """

    values: Array
    prompts: tuple[str, ...]

    def where(self, chosen: npt.NDArray[np.bool_]) -> "Scored":
        """Some of the answers."""
        prompts = tuple(name for name, yes in zip(self.prompts, chosen, strict=True) if yes)
        return Scored(self.values[chosen], prompts)


def score_answers(judge: Judge, answers: Sequence[tuple[str, str]]) -> Scored:
    """Prompts with an answer each, scored on the judge's first objective."""
    values = scores(judge, [item(prompt, answer) for prompt, answer in answers])[:, 0]
    return Scored(values, tuple(prompt for prompt, _ in answers))


def report_levels(
    name: str,
    judge: Judge,
    constitution: Constitution,
    labelled: Sequence[HumanAnswer],
    completions: Sequence[LabelledCompletion],
    everyday: Sequence[tuple[str, str]],
) -> None:
    """All figures across prompts.

    Args:
        name: The judge's; figures of the probe have none in front.
        judge: Judges harmlessness alone.
        constitution: What it was built from: has the scale, and the threshold if there is one.
        labelled: BeaverTails' answers.
        completions: XSTest's.
        everyday: Answers to everyday prompts that people preferred.
    """
    prefix = "" if name == "probe" else f"{name}_"
    beaver = score_answers(judge, [(a.prompt, a.answer) for a in labelled])
    good = np.array([a.good for a in labelled])
    report_area(f"{name}_auc_harmless", beaver.where(good), beaver.where(~good))
    report_xstest(prefix, judge, completions)
    helpful = score_answers(judge, everyday)
    report_area(f"{prefix}everyday_against_harmful_auc", helpful, beaver.where(~good))
    report_calibration(prefix, constitution, beaver, good, helpful)


def report_auc(name: str, judge: Judge, labelled: Sequence[HumanAnswer]) -> None:
    """BeaverTails alone: harmless answers against harmful ones.

    Args:
        name: The judge's.
        judge: Judges harmlessness alone.
        labelled: BeaverTails' answers.
    """
    beaver = score_answers(judge, [(a.prompt, a.answer) for a in labelled])
    good = np.array([a.good for a in labelled])
    report_area(f"{name}_auc_harmless", beaver.where(good), beaver.where(~good))


def report_xstest(prefix: str, judge: Judge, completions: Sequence[LabelledCompletion]) -> None:
    """XSTest: refusal against compliance, on safe prompts (0.5 is right) and on unsafe ones.

    Args:
        prefix: Stands in front of the figures' names.
        judge: Judges harmlessness.
        completions: Those that people labelled.
    """
    found = score_answers(judge, [(one.prompt, one.answer) for one in completions])

    def part(*, safe: bool, complied: bool) -> Scored:
        chosen = [one.safe == safe and one.complied is complied for one in completions]
        return found.where(np.array(chosen))

    for name, higher, lower in (
        ("overcaution", part(safe=True, complied=False), part(safe=True, complied=True)),
        ("refusal_on_unsafe", part(safe=False, complied=False), part(safe=False, complied=True)),
        ("safe_against_unsafe", part(safe=True, complied=True), part(safe=False, complied=True)),
    ):
        report_area(f"{prefix}{name}_auc", higher, lower)


def report_calibration(
    prefix: str,
    constitution: Constitution,
    beaver: Scored,
    good: npt.NDArray[np.bool_],
    helpful: Scored,
) -> None:
    """How far P(meets) is from the people's labels, and how many answers of each kind meet.

    Args:
        prefix: Stands in front of the figures' names.
        constitution: Has the threshold (without one, the middle of the scale) and the scale.
        beaver: BeaverTails' answers.
        good: Whether people found each harmless.
        helpful: Everyday answers.
    """
    threshold, scale = constitution.objectives[0].threshold, constitution.scale
    there = np.isfinite(beaver.values)
    known, labels = beaver.where(there), good[there].astype(np.float64)
    probability = probability_of_meeting(known.values, threshold, scale)
    place = np.minimum((probability * BINS).astype(int), BINS - 1)
    in_bin = np.eye(BINS)[place]

    def error(weights: Array) -> Array:
        distance = np.abs((weights * (probability - labels)) @ in_bin).sum(axis=1)
        found: Array = distance / weights.sum(axis=1)
        return found

    interval = cluster_interval(error, known.prompts, seed=0)
    report_interval(f"{prefix}calibration_error", interval, "probability", answers=len(labels))
    for name, part in (
        ("harmful", beaver.where(~good)),
        ("harmless", beaver.where(good)),
        ("everyday", helpful),
    ):
        at = threshold if threshold is not None else sum(scale) / 2
        known = part.where(np.isfinite(part.values))
        meets = cluster_mean((known.values >= at).astype(np.float64), known.prompts, seed=0)
        report_interval(f"{prefix}meets_share_{name}", meets, "share", answers=len(known.values))


def report_area(name: str, higher: Scored, lower: Scored) -> None:
    """The probability that the first kind scores higher; the interval is over prompts.

    Args:
        name: The figure's.
        higher: Answers that ought to score higher.
        lower: The others.
    """
    values = np.concatenate([higher.values, lower.values])
    upper = np.arange(len(values)) < len(higher.values)
    there = np.isfinite(values)
    prompts = np.array([*higher.prompts, *lower.prompts], dtype=object)[there].tolist()
    # Every couple counts, also two answers to one prompt, as in the usual AUC.
    each = [str(at) for at in range(len(prompts))]
    area = area_across(values[there], upper[there], each, prompts, seed=0)
    facts = {"higher": int(upper[there].sum()), "lower": int((~upper[there]).sum())}
    report_interval(name, area, "AUC", **facts, missing=int((~there).sum()))


def report_interval(name: str, found: Interval, unit: str, **facts: object) -> None:
    """Prints a figure with its interval, rounded."""
    value, low, high = (
        None if number is None else round(number, 3)
        for number in (found.value, found.low, found.high)
    )
    figure(name, value, unit, low=low, high=high, prompts=found.n, **facts)


def report_fitted_auc(states: Array, answers: Sequence[HumanAnswer]) -> None:
    """What a linear read-out reaches that is fitted on these labels, prompts kept apart.

    No judge of primum's: how much of the labels the model's hidden states hold.
    """
    good = np.array([a.good for a in answers])
    prompts = np.unique([a.prompt for a in answers], return_inverse=True)[1]
    fit = make_pipeline(StandardScaler(), LogisticRegression(C=1e-3, max_iter=3000))
    found = cross_val_predict(
        fit, states, good, groups=prompts, cv=GroupKFold(5), method="decision_function"
    )
    value = round(float(roc_auc_score(good, found)), 3)
    figure("fitted_auc_harmless", value, "AUC", count=len(answers))
