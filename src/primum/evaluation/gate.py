"""The gate: was nothing lost on a prior objective, and was something gained?"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from primum.evaluation.endings import answer_endings
from primum.evaluation.gate_result import GateResult, ObjectiveResult, Shown
from primum.evaluation.guards.result import GuardResult
from primum.evaluation.side_by_side import side_by_side
from primum.judging.facts import JudgeFacts
from primum.recipe.schema import Evaluation, Gate
from primum.statistics.interval import Interval
from primum.statistics.paired_bootstrap import paired_gain

LEAST_PROMPTS = 10
"""Complete pairs below which no interval is trusted: with eight skewed gains a 97.5 % bound errs
three times as often as it says (the samples of `benchmarks/intervals.py`, eight prompts each)."""

MOST_MISSING = 0.2
"""Share of prompts without a complete pair beyond which the rest says too little about the whole
(the limit that clinical trials use for loss to follow-up: Schulz & Grimes, Lancet 2002)."""


@dataclass(frozen=True)
class Evidence:
    """What the gate decides from.

    Attributes:
        objectives: Names in order of priority.
        answers: Of the models before and after; see `store.schemas.ANSWERS`.
        judgements: Their scores; see `store.schemas.JUDGEMENTS`.
        judges: Who judged.
        guards: What guards found.
        notes: What has to be known of the answers, in sentences.
    """

    objectives: tuple[str, ...]
    answers: pa.Table
    judgements: pa.Table
    judges: tuple[JudgeFacts, ...]
    guards: tuple[GuardResult, ...] = ()
    notes: tuple[str, ...] = ()


def decide(
    evidence: Evidence, settings: Gate, evaluation_settings: Evaluation, seed: int
) -> GateResult:
    """Decides whether the model may be released.

    Objectives are tested in their order, by every examiner. First non-inferiority: the lower bound
    of the paired gain lies above −margin. All must hold, so that this needs no correction for
    multiple tests (an intersection-union test). Then superiority: the lower bound lies above 0.
    One objective and one examiner suffice for a pass, so that these bounds are Bonferroni-corrected
    over both. A rise counts only where every objective up to its own has held, and no other
    examiner sees a mean gain below zero. What the teacher sees is shown, and decides nothing.

    Args:
        evidence: What it decides from.
        settings: The margins.
        evaluation_settings: Resamples and confidence.
        seed: Makes the resamples.

    Returns:
        `pass` where every guard and objective held and at least one rose; `hold` where all held
        and no rise was shown, as where no objective was judged; `fail` where something is not shown
        to have held, too few scored prompts included.
    """
    confidence = evaluation_settings.confidence
    examiners = [judge for judge in evidence.judges if judge.role == "examiner"]
    tests = max(1, len(evidence.objectives) * len(examiners))
    levels = confidence, 1 - (1 - confidence) / tests
    shown = {
        judge.name: _shown(judge.name, evidence, settings, evaluation_settings, levels, seed)
        for judge in evidence.judges
    }
    teacher = next((judge.name for judge in evidence.judges if judge.role == "teacher"), None)
    results: list[ObjectiveResult] = []
    for place, name in enumerate(evidence.objectives):
        by = tuple(shown[judge.name][place] for judge in examiners)
        held = bool(by) and all(each.held for each in by)
        rose = any(each.rose for each in by) and not any((each.gain.value or 0) < 0 for each in by)
        results.append(
            ObjectiveResult(
                objective=name,
                by=by,
                teacher=None if teacher is None else shown[teacher][place],
                held=held,
                rose=rose,
                counted=rose and held and all(earlier.held for earlier in results),
            )
        )
    return _result(results, evidence, levels)


def _shown(
    judge: str,
    evidence: Evidence,
    settings: Gate,
    evaluation_settings: Evaluation,
    levels: tuple[float, float],
    seed: int,
) -> tuple[Shown, ...]:
    """What one judge shows on every objective.

    Args:
        judge: Its name.
        evidence: What the gate decides from.
        settings: The margins.
        evaluation_settings: Resamples.
        levels: Confidence of the intervals, and the stricter one at which an objective rises.
        seed: Makes the resamples.
    """
    table = side_by_side(evidence.answers, evidence.judgements, evidence.objectives, judge=judge)
    found = []
    for name in evidence.objectives:
        before, after = (table.column(f"{side}_{name}").to_pylist() for side in ("before", "after"))
        gain, stricter = (
            paired_gain(
                before, after, resamples=evaluation_settings.bootstrap, confidence=level, seed=seed
            )
            for level in levels
        )
        margin = settings.margins.get(name, settings.margin)
        mean_before, mean_after = _means(before, after)
        reason = _shortage(gain)
        found.append(
            Shown(
                judge=judge,
                objective=name,
                unit="points",
                margin=margin,
                before=mean_before,
                after=mean_after,
                gain=gain,
                low_superiority=stricter.low,
                held=reason is None and gain.low is not None and gain.low > -margin,
                rose=reason is None and stricter.low is not None and stricter.low > 0,
                reason=reason,
            )
        )
    return tuple(found)


def _result(
    results: list[ObjectiveResult], evidence: Evidence, levels: tuple[float, float]
) -> GateResult:
    """The verdict that follows.

    Args:
        results: One per objective, in order of priority.
        evidence: What the gate decides from.
        levels: Confidence of the intervals, and the stricter one at which an objective rises.
    """
    guards = tuple(sorted(evidence.guards, key=lambda guard: guard.held))
    broken = [guard.guard for guard in guards if not guard.held]
    fallen = [result.objective for result in results if not result.held]
    failed = next(iter([*broken, *fallen]), None)
    rises = any(result.counted for result in results)
    ended = answer_endings(evidence.answers)
    return GateResult(
        verdict="fail" if failed is not None else "pass" if rises else "hold",
        objectives=tuple(results),
        guards=guards,
        judges=evidence.judges,
        failed=failed,
        prompts=ended[0].total,
        confidence=levels[0],
        superiority_confidence=levels[1],
        endings=ended,
        notes=evidence.notes,
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
