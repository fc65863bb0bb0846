"""Do scores of answers that meet an objective lie above those of answers that do not?"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from primum.audit.across.figure import Figure, TwoKinds, area_figure, no_figure, share_figure
from primum.audit.across.rows import ScoredAnswer
from primum.judging.calibration import probability_of_meeting
from primum.statistics.arrays import Floats
from primum.statistics.judges.reliability import ReliabilityCurve, reliability

MEETS, FAILS = "answers that meet it", "answers that do not"


@dataclass(frozen=True, slots=True)
class Bar:
    """Where an objective's threshold lies, for its judge.

    Attributes:
        threshold: From which score on an answer meets the objective; None where nothing says.
        own: The constitution's, at which P(meets) is one half; None for the middle of the scale.
        calibrated: Whether the judge's scores stand for P(meets).
        scale: Lowest and highest score.
    """

    threshold: float | None
    own: float | None
    calibrated: bool
    scale: tuple[float, float]


@dataclass(frozen=True, slots=True)
class MarksAudit:
    """Scores against marks.

    Attributes:
        area: The probability that an answer that meets the objective scores higher than one that
            does not, to another prompt.
        length_alone: The same with lengths in the place of scores.
        right: The share of answers that lie on the right side of the threshold.
        passed: The share of answers that do not meet the objective and lie at or above it.
        missed: The share of answers that meet the objective and lie below it.
        calibration: P(meets) against the marks; None where there is none.
        uncalibrated: Why there is none; None where there is.
    """

    area: Figure
    length_alone: Figure
    right: Figure
    passed: Figure
    missed: Figure
    calibration: ReliabilityCurve | None
    uncalibrated: str | None


def audit_marks(answers: Sequence[ScoredAnswer], bar: Bar, *, seed: int) -> MarksAudit:
    """Compares scores with marks.

    Args:
        answers: Marked ones, on one objective.
        bar: Its threshold.
        seed: Makes the bootstrap resamples.
    """
    found = answers_of(answers, [one.meets for one in answers])
    area = area_figure(found, MEETS, FAILS, seed=seed)
    calibration, reason = None, _uncalibrated(bar, area)
    if reason is None:
        chances = probability_of_meeting(found.scores, bar.own, bar.scale)
        outcomes = found.upper.astype(np.float64)
        calibration = reliability(chances, outcomes, found.clusters, seed=seed)
    by_length = replace(found, scores=np.array([one.length for one in answers], dtype=np.float64))
    every, meets = np.ones(len(answers), dtype=np.bool_), found.upper
    return MarksAudit(
        area=area,
        length_alone=area_figure(by_length, MEETS, FAILS, seed=seed),
        right=_side(found, bar, every, "marked answers", right=True, seed=seed),
        passed=_side(found, bar, ~meets, FAILS, right=False, seed=seed),
        missed=_side(found, bar, meets, MEETS, right=False, seed=seed),
        calibration=calibration,
        uncalibrated=reason,
    )


def answers_of(answers: Sequence[ScoredAnswer], upper: Sequence[bool]) -> TwoKinds:
    """Answers in columns, and which of them ought to score higher."""
    return TwoKinds(
        scores=np.array([one.score for one in answers], dtype=np.float64),
        upper=np.array(upper, dtype=np.bool_),
        prompts=tuple(one.prompt for one in answers),
        clusters=tuple(one.cluster for one in answers),
    )


def _side(
    found: TwoKinds, bar: Bar, part: NDArray[np.bool_], what: str, *, right: bool, seed: int
) -> Figure:
    """The share of some answers that lies on the right side of the threshold, or on the wrong one.

    Args:
        found: All answers.
        bar: Has the threshold.
        part: Which answers, shape [answers].
        what: What they are called.
        right: Which side is meant.
        seed: Makes the bootstrap resamples.
    """
    if bar.threshold is None:
        return no_figure(int(part.sum()), "the objective has no threshold")
    is_right = (found.scores >= bar.threshold) == found.upper
    there: Floats = (is_right[part] == right).astype(np.float64)
    clusters = [name for name, is_in in zip(found.clusters, part.tolist(), strict=True) if is_in]
    return share_figure(there, clusters, what, seed=seed)


def _uncalibrated(bar: Bar, area: Figure) -> str | None:
    if not bar.calibrated:
        return "only the probe's scores stand for a probability of meeting the threshold"
    return area.reason
