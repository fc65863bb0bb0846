"""The gate: was nothing lost on a prior objective, and was something gained?"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
import pyarrow as pa

from primum.recipe.schema import Evaluation, Gate
from primum.statistics.paired import Interval, paired_gain

Verdict = Literal["pass", "hold", "fail"]

EXIT_CODES: Mapping[Verdict, int] = {"pass": 0, "hold": 3, "fail": 1}
"""Exit code of a release pipeline, per verdict."""

LEAST_PROMPTS = 10
"""Complete pairs below which no interval is trusted: with eight skewed gains a 97.5 % bound errs
three times as often as it says."""

MOST_MISSING = 0.2
"""Share of prompts without a complete pair beyond which the rest says too little about the whole
(the limit that clinical trials use for loss to follow-up: Schulz & Grimes, Lancet 2002)."""


@dataclass(frozen=True, slots=True)
class ObjectiveResult:
    """What was shown on one objective.

    Attributes:
        objective: Its name.
        margin: The fall, in points of the scale, that still counts as none.
        before: Mean score before, over prompts with both scores; None without any.
        after: Mean score after, over the same prompts.
        gain: The paired gain at the recipe's confidence; its lower bound decides `held`.
        low_superiority: The gain's lower bound at the Bonferroni level; decides `rose`.
        held: Non-inferior: the lower bound lies above −margin.
        rose: Superior: the Bonferroni lower bound lies above 0.
        counted: Whether the rise counts: every objective up to this one held.
        reason: Why nothing can be shown; None where the prompts suffice.
    """

    objective: str
    margin: float
    before: float | None
    after: float | None
    gain: Interval
    low_superiority: float | None
    held: bool
    rose: bool
    counted: bool
    reason: str | None

    @property
    def sentence(self) -> str:
        """In plain words, such as `harmless: +0.31 [0.12, 0.50], did not fall (margin 0.2) …`."""
        gain = self.gain
        if self.reason or gain.mean is None or gain.low is None or gain.high is None:
            return f"{self.objective}: not shown to hold, since {self.reason}"
        figure = f"{gain.mean:+.2f} [{gain.low:.2f}, {gain.high:.2f}]"
        return f"{self.objective}: {figure}, {self._outcome(gain.low, gain.high)}"

    def _outcome(self, low: float, high: float) -> str:
        if not self.held:
            if high < -self.margin:
                return f"fell by more than the margin {self.margin:g}"
            fall = "fell, and" if high < 0 else "not shown to hold:"
            return f"{fall} a fall beyond the margin {self.margin:g} cannot be ruled out"
        if high < 0:
            return f"fell, but by less than the margin {self.margin:g}"
        held = f"did not fall (margin {self.margin:g})"
        if not self.rose:
            level = " at the stricter level" if low > 0 else ""
            return f"{held}; no rise shown{level}"
        return f"{held} and rose" if self.counted else f"{held} and rose, which does not count yet"


@dataclass(frozen=True, slots=True)
class GateVerdict:
    """The verdict and all that led to it.

    Attributes:
        verdict: `pass`, `hold` or `fail`.
        results: One per objective, the first one first.
        failed: The first objective not shown to hold; None where all held.
        prompts: Held-out prompts.
        confidence: Two-sided confidence of the intervals.
        superiority_confidence: The same, Bonferroni-corrected over the objectives.
    """

    verdict: Verdict
    results: tuple[ObjectiveResult, ...]
    failed: str | None
    prompts: int
    confidence: float
    superiority_confidence: float

    @property
    def sentence(self) -> str:
        """The whole verdict in plain words."""
        parts = [result.sentence for result in self.results]
        return "; ".join([*parts, f"verdict: {self.verdict}"])

    @property
    def exit_code(self) -> int:
        """What a release pipeline sees."""
        return EXIT_CODES[self.verdict]

    def to_json(self) -> dict[str, Any]:
        """As plain data: the content of `evaluation.json`."""
        return {
            "verdict": self.verdict,
            "sentence": self.sentence,
            "exit_code": self.exit_code,
            "failed": self.failed,
            "prompts": self.prompts,
            "confidence": self.confidence,
            "superiority_confidence": self.superiority_confidence,
            "objectives": [
                {**asdict(result), "sentence": result.sentence} for result in self.results
            ],
        }


def decide(
    evaluation: pa.Table,
    objectives: tuple[str, ...],
    settings: Gate,
    evaluation_settings: Evaluation,
    seed: int,
) -> GateVerdict:
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
        before = evaluation.column(f"before_{name}").to_pylist()
        after = evaluation.column(f"after_{name}").to_pylist()
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
    failed = next((result.objective for result in results if not result.held), None)
    rises = any(result.counted for result in results)
    return GateVerdict(
        verdict="fail" if failed is not None else "pass" if rises else "hold",
        results=tuple(results),
        failed=failed,
        prompts=evaluation.num_rows,
        confidence=confidence,
        superiority_confidence=superiority,
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
