"""Calibration: raw scores of read-outs and reward models, placed on the constitution's scale."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from primum.arrays import BoolArray, Float64Array
from primum.constitution import LEAST_EXEMPLARS, Objective
from primum.errors import UserError
from primum.progress import Progress

LEAST_MARKS = 10
"""Answers of either mark that a threshold is placed by, at the least: a choice."""

LEAST_PROMPTS = 2
"""Prompts that an objective's contrasts answer, at the least, so that one can be held out."""

_FLAT = 30.0
"""Where the logistic curve is flat to double precision: its distance from 1 is below 1e-13."""


@dataclass(frozen=True)
class Placement:
    """Where raw scores lie on a scale.

    Attributes:
        slope: With `intercept`, turns a raw score into the log-odds that the answer meets the
            objective; into standard deviations from the middle where no answers are marked.
        intercept: See `slope`.
        point: Share of the scale below log-odds of 0: where the threshold stands, or the middle.
        by_marks: Whether marks say where that is; otherwise it is the middle of the contrasts.
    """

    slope: float
    intercept: float
    point: float
    by_marks: bool

    def log_odds(self, raw: npt.ArrayLike) -> Float64Array:
        """See `slope`."""
        return self.slope * np.asarray(raw, dtype=np.float64) + self.intercept

    def to_scale(self, raw: npt.ArrayLike, scale: tuple[float, float]) -> Float64Array:
        """Points of the scale, on a logistic curve that never reaches the ends.

        Args:
            raw: Raw scores.
            scale: Lowest and highest score.
        """
        low, high = scale
        return low + (high - low) * logistic(self.log_odds(raw) + _logit(self.point))


def check_exemplars(objective: Objective, scale: tuple[float, float]) -> None:
    """Makes sure that a judge can be fitted, before any model is asked.

    Args:
        objective: Has the exemplars, and may have a threshold.
        scale: Lowest and highest score.

    Raises:
        UserError: If there are too few contrasts, or all of them answer one prompt, or a threshold
            is an end of the scale or has too few marks.
    """
    count = len(objective.contrasts)
    if count < LEAST_EXEMPLARS:
        raise UserError(
            f"the objective {objective.name!r} has {count} contrasts; a fitted judge (probe, "
            f"reward-model) needs at least {LEAST_EXEMPLARS} (a hundred or more are better): add "
            "some, or use judging.kind=rating-expected"
        )
    if len({one.prompt for one in objective.contrasts}) < LEAST_PROMPTS:
        raise UserError(
            f"the {count} contrasts of {objective.name!r} all answer one prompt, so that none can "
            "be held out; add contrasts on other prompts"
        )
    _point(objective, scale)
    marks = [one.meets for one in objective.marked_alone]
    _check_marks(objective, sum(marks), len(marks))


def fits(objective: Objective, scale: tuple[float, float]) -> bool:
    """Whether a judge can be fitted; see `check_exemplars`."""
    try:
        check_exemplars(objective, scale)
    except UserError:
        return False
    return True


def _check_marks(objective: Objective, meets: int, marks: int) -> None:
    """Refuses a threshold that too few marks say the place of."""
    fails = marks - meets
    if objective.threshold is not None and min(meets, fails) < LEAST_MARKS:
        raise UserError(
            f"the objective {objective.name!r} has a threshold of {objective.threshold:g}, but "
            f"{meets} single answers marked as meeting it and {fails} as not: a fitted judge needs "
            f"{LEAST_MARKS} of each to tell where it lies; mark some (primum mark; "
            "docs/constitution.md), or leave the threshold out"
        )


def place_on_scale(
    objective: Objective,
    scale: tuple[float, float],
    raw: Float64Array,
    marked: Float64Array,
    meets: BoolArray,
) -> Placement:
    """Places raw scores so that an answer at the threshold is as likely to meet it as not.

    The log-odds of meeting are fitted to the marks by logistic regression on the raw score (Platt,
    1999). An objective without marks and without a threshold has the middle of the exemplars in
    the middle of the scale.

    Args:
        objective: May have a threshold.
        scale: Lowest and highest score.
        raw: Raw scores of the contrasts' sides.
        marked: Raw scores of marked answers, by a fit that has not seen them.
        meets: Their marks.

    Raises:
        UserError: If there is a threshold and too few marks to place it by.
    """
    point = _point(objective, scale)
    _check_marks(objective, int(meets.sum()), len(meets))
    if min(int(meets.sum()), int((~meets).sum())) >= LEAST_MARKS:
        slope, intercept = fit_log_odds(marked, meets)
        if slope > 0:
            return Placement(slope, intercept, point, by_marks=True)
    # Marks that the scores have nothing to do with place nothing.
    spread = float(raw.std()) or 1.0
    return Placement(1 / spread, -float(raw.mean()) / spread, point, by_marks=False)


def note_misplaced(objective: Objective, placement: Placement, progress: Progress) -> None:
    """Says that a threshold stands where no mark has put it.

    Args:
        objective: May have a threshold.
        placement: Of its scores on the scale.
        progress: Is told.
    """
    if objective.threshold is not None and not placement.by_marks:
        progress.note(
            f"the judge's scores on {objective.name!r} have nothing to do with the marks, so that "
            "its threshold stands in the middle of the contrasts; audit the judge (primum audit), "
            f"or take the threshold away (pairing.thresholds={{{objective.name}: null}})"
        )


def probability_of_meeting(
    score: npt.ArrayLike, threshold: float | None, scale: tuple[float, float]
) -> Float64Array:
    """How likely an answer with this score meets the objective, by a calibrated judge.

    Args:
        score: Points of the scale.
        threshold: The objective's; None for the middle of the scale.
        scale: Lowest and highest score.
    """
    low, high = scale
    share = (np.asarray(score, dtype=np.float64) - low) / (high - low)
    point = 0.5 if threshold is None else (threshold - low) / (high - low)
    return logistic(_logit(share) - _logit(point))


def fit_log_odds(raw: Float64Array, meets: BoolArray) -> tuple[float, float]:
    """Slope and intercept of the log-odds of a mark on a raw score, both kinds being there.

    Every mark counts a little for its opposite, as one more answer of either kind would have it
    (Platt, 1999, equation 5): otherwise the slope of scores that part the marks has no end.
    """
    # Only here: it takes a second, and commands that judge nothing import this module.
    from sklearn.linear_model import LogisticRegression

    spread = float(raw.std()) or 1.0
    met = int(meets.sum())
    share = np.where(meets, (met + 1) / (met + 2), 1 / (len(meets) - met + 2))
    fit = LogisticRegression(C=np.inf).fit(
        np.tile(raw / spread, 2)[:, None],
        np.repeat([True, False], len(meets)),
        np.concatenate([share, 1 - share]),
    )
    return float(fit.coef_[0, 0]) / spread, float(fit.intercept_[0])


def good_or_bad_entropy(log_odds: float) -> float:
    """The entropy, in nats, of the two-way judgement at these log-odds."""
    probability = float(logistic(log_odds))
    return float(-sum(p * np.log(p) for p in (probability, 1 - probability) if p > 0))


def _point(objective: Objective, scale: tuple[float, float]) -> float:
    low, high = scale
    if objective.threshold is None:
        return 0.5
    if not low < objective.threshold < high:
        raise UserError(
            f"the threshold of {objective.name!r} ({objective.threshold:g}) is an end of the "
            "scale, which the scores of a fitted judge never reach; put it between the ends"
        )
    return (objective.threshold - low) / (high - low)


def _logit(share: npt.ArrayLike) -> Float64Array:
    inside = np.clip(np.asarray(share, dtype=np.float64), 1e-12, 1 - 1e-12)
    return np.log(inside) - np.log1p(-inside)


def logistic(log_odds: npt.ArrayLike) -> Float64Array:
    """Probabilities of log-odds."""
    clipped = np.clip(np.asarray(log_odds, dtype=np.float64), -_FLAT, _FLAT)
    return np.asarray(1 / (1 + np.exp(-clipped)))
