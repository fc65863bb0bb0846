"""What one judge shows: the paired gains on an objective, and what follows from them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from primum.evaluation.answerers import AFTER, BEFORE, change_of_nothing, trained_among
from primum.evaluation.gate_result import Shown
from primum.evaluation.shortage import too_few, too_many_missing
from primum.statistics.interval import Interval
from primum.statistics.over_seeds import PromptScores, gain_over_seeds, mean_after, seed_gains
from primum.statistics.paired_bootstrap import paired_gain


@dataclass(frozen=True)
class Scored:
    """One judge's scores on one objective, each a list in the order of the prompts.

    Attributes:
        before: Of the starting model.
        afters: Of every trained model.
        nothing: Of the starting model twice, by different seeds; None where it was not asked.
    """

    before: PromptScores
    afters: tuple[PromptScores, ...]
    nothing: tuple[PromptScores, PromptScores] | None = None


@dataclass(frozen=True)
class Levels:
    """How sure the gate has to be.

    Attributes:
        confidence: Two-sided, of the intervals that decide what held.
        superiority: The same, corrected for several tests, of what rose.
        resamples: Bootstrap resamples.
        seed: Makes the resamples.
    """

    confidence: float
    superiority: float
    resamples: int
    seed: int


def scores_of(
    answers: pa.Table, judgements: pa.Table, judge: str, objectives: Sequence[str]
) -> dict[str, Scored]:
    """One judge's scores by objective.

    Args:
        answers: See `store.schemas.ANSWERS`; prompts that the starting model was asked count.
        judgements: See `store.schemas.JUDGEMENTS`.
        judge: Whose scores.
        objectives: Names, in order.
    """
    columns = ("prompt_id", "answerer")
    asked = list(zip(*(answers.column(name).to_pylist() for name in columns), strict=True))
    # Each once: a prompt that stood there twice would count as two.
    prompts = list(dict.fromkeys(prompt for prompt, answerer in asked if answerer == BEFORE))
    answerers = {answerer for _, answerer in asked}
    values = {
        (row["answerer"], row["objective"], row["prompt_id"]): row["value"]
        for row in judgements.to_pylist()
        if row["judge"] == judge
    }
    nothing = change_of_nothing(answerers)

    def given(answerer: str, objective: str) -> list[float | None]:
        return [values.get((answerer, objective, prompt)) for prompt in prompts]

    return {
        name: Scored(
            given(BEFORE, name),
            tuple(given(answerer, name) for answerer in trained_among(answerers) or (AFTER,)),
            None if nothing is None else (given(nothing[0], name), given(nothing[1], name)),
        )
        for name in objectives
    }


def show(judge: str, objective: str, scored: Scored, margin: float, levels: Levels) -> Shown:
    """What a judge shows on an objective.

    Args:
        judge: Its name.
        objective: The objective's name.
        scored: Its scores.
        margin: The fall, in points, that still counts as none.
        levels: How sure the gate has to be.
    """
    averaged = mean_after(scored.afters)
    before, after = _complete(scored.before, averaged)
    gain = _gain(scored, levels.confidence, levels)
    low = gain.low
    stricter = low
    if levels.superiority != levels.confidence:
        stricter = _gain(scored, levels.superiority, levels).low
    reason = shortage(gain)
    several = len(scored.afters) > 1
    return Shown(
        judge=judge,
        objective=objective,
        unit="points",
        margin=margin,
        before=float(before.mean()) if len(before) else None,
        after=float(after.mean()) if len(after) else None,
        gain=gain,
        low_superiority=stricter,
        held=reason is None and low is not None and low > -margin,
        rose=reason is None and stricter is not None and stricter > 0,
        reason=reason,
        noise=_noise(scored, levels),
        by_seed=seed_gains(scored.before, scored.afters) if several else (),
        spread=float((after - before).std(ddof=1)) if len(before) > 1 else None,
    )


def shortage(gain: Interval) -> str | None:
    """Why there are too few scores to show anything, if there are."""
    total = gain.n + gain.missing
    few = too_few(gain.n, f"of {total} prompts have both scores")
    return few or too_many_missing(gain.missing, total, "prompts lack a score")


def _gain(scored: Scored, confidence: float, levels: Levels) -> Interval:
    """The gain, its lower end moved down for what missing scores may hide.

    A judge may read an answer the less, the worse it is. So a missing score is taken to hide a gain
    as bad as the mean of the worse half of those that are known: a choice, between taking it for
    any other one and for the worst one.
    """
    found = gain_over_seeds(
        scored.before,
        scored.afters,
        resamples=levels.resamples,
        confidence=confidence,
        seed=levels.seed,
    )
    if not found.missing or found.value is None or found.low is None:
        return found
    before, after = _complete(scored.before, mean_after(scored.afters))
    gains = np.sort(after - before)
    worse = float(gains[: max(1, len(gains) // 2)].mean())
    share = found.missing / (found.n + found.missing)
    return replace(found, low=found.low - share * (found.value - worse))


def _noise(scored: Scored, levels: Levels) -> Interval | None:
    """The gain of the starting model over itself; None where it was not asked twice."""
    if scored.nothing is None:
        return None
    return paired_gain(
        *scored.nothing,
        resamples=levels.resamples,
        confidence=levels.confidence,
        seed=levels.seed,
    )


def _complete(
    before: PromptScores, after: PromptScores
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Scores of both sides, a row each, over the prompts that have both."""
    pairs = np.array([before, after], dtype=np.float64)
    return pairs[:, np.isfinite(pairs).all(axis=0)]
