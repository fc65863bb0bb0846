"""The gate: was nothing lost on a prior objective, and was something gained?"""

import numpy as np
import pyarrow as pa

from primum.evaluation.endings import Endings, answer_endings
from primum.evaluation.gate_result import GateResult, ObjectiveResult
from primum.recipe.schema import Evaluation, Gate
from primum.statistics.interval import Interval
from primum.statistics.paired_bootstrap import paired_gain

LEAST_PROMPTS = 10
"""Complete pairs below which no interval is trusted: with eight skewed gains a 97.5 % bound errs
three times as often as it says (the samples of `benchmarks/intervals.py`, eight prompts each)."""

MOST_MISSING = 0.2
"""Share of prompts without a complete pair beyond which the rest says too little about the whole
(the limit that clinical trials use for loss to follow-up: Schulz & Grimes, Lancet 2002)."""


def decide(
    evaluation: pa.Table,
    objectives: tuple[str, ...],
    settings: Gate,
    evaluation_settings: Evaluation,
    seed: int,
) -> GateResult:
    """Decides whether the model may be released.

    Objectives are tested in their order. First non-inferiority: the lower bound of the paired gain
    lies above −margin. All must hold, so that this needs no correction for multiple tests
    (an intersection-union test). Then superiority: the lower bound lies above 0. One objective
    suffices for a pass, so that these bounds are Bonferroni-corrected over the objectives. A rise
    counts only where every objective up to its own has held.

    Args:
        evaluation: The run's `evaluation` table, one row per held-out prompt.
        objectives: Names in order of priority.
        settings: The margins.
        evaluation_settings: Resamples and confidence.
        seed: Makes the resamples.

    Returns:
        `pass` where every objective held and at least one rose; `hold` where every objective held
        and no rise was shown; `fail` where some objective is not shown to have held, too few
        scored prompts included.
    """
    confidence = evaluation_settings.confidence
    superiority = 1 - (1 - confidence) / len(objectives)
    results: list[ObjectiveResult] = []
    for name in objectives:
        before, after = (
            evaluation.column(f"{side}_{name}").to_pylist() for side in ("before", "after")
        )
        gain, stricter = (
            paired_gain(
                before, after, resamples=evaluation_settings.bootstrap, confidence=level, seed=seed
            )
            for level in (confidence, superiority)
        )
        margin = settings.margins.get(name, settings.margin)
        mean_before, mean_after = _means(before, after)
        reason = _shortage(gain)
        held = reason is None and gain.low is not None and gain.low > -margin
        rose = reason is None and stricter.low is not None and stricter.low > 0
        results.append(
            ObjectiveResult(
                objective=name,
                margin=margin,
                before=mean_before,
                after=mean_after,
                gain=gain,
                low_superiority=stricter.low,
                held=held,
                rose=rose,
                counted=rose and held and all(earlier.held for earlier in results),
                reason=reason,
            )
        )
    return _result(results, answer_endings(evaluation), confidence, superiority)


def _result(
    results: list[ObjectiveResult],
    ended: tuple[Endings, Endings],
    confidence: float,
    superiority: float,
) -> GateResult:
    """The verdict that follows.

    Args:
        results: One per objective, in order of priority.
        ended: How the answers before and after ended.
        confidence: Of the intervals.
        superiority: The stricter level at which an objective rises.
    """
    failed = next((result.objective for result in results if not result.held), None)
    rises = any(result.counted for result in results)
    return GateResult(
        verdict="fail" if failed is not None else "pass" if rises else "hold",
        objectives=tuple(results),
        failed=failed,
        prompts=ended[0].total,
        confidence=confidence,
        superiority_confidence=superiority,
        endings=ended,
    )


def _shortage(gain: Interval) -> str | None:
    """Why there are too few scores to show anything, if there are."""
    total = gain.n + gain.missing
    if gain.n < LEAST_PROMPTS:
        return f"{gain.n} of {total} prompts have both scores and {LEAST_PROMPTS} are needed"
    if gain.missing > MOST_MISSING * total:
        return (
            f"{gain.missing} of {total} prompts lack a score and the rest may not stand for them "
            f"(at most {MOST_MISSING:.0%} may)"
        )
    return None


def _means(
    before: list[float | None], after: list[float | None]
) -> tuple[float, float] | tuple[None, None]:
    """Mean scores of both sides over the complete pairs."""
    pairs = np.array([before, after], dtype=np.float64)
    complete = pairs[:, np.isfinite(pairs).all(axis=0)]
    if complete.shape[1] == 0:
        return None, None
    return float(complete[0].mean()), float(complete[1].mean())
