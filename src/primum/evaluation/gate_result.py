"""What the gate found: per objective, and the verdict."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from primum.evaluation.endings import Endings, cut_sentence
from primum.statistics.interval import Interval

Verdict = Literal["pass", "hold", "fail"]

EXIT_CODES: Mapping[Verdict, int] = {"pass": 0, "hold": 3, "fail": 1}
"""Exit code of a release pipeline, per verdict. 2 is left to wrong usage, as everywhere."""


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
        if self.reason or gain.value is None or gain.low is None or gain.high is None:
            return f"{self.objective}: not shown to hold, since {self.reason}"
        figure = f"{gain.value:+.2f} [{gain.low:.2f}, {gain.high:.2f}]"
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
class GateResult:
    """The gate's verdict and all that led to it.

    Attributes:
        verdict: `pass`, `hold` or `fail`.
        objectives: What was shown on each, the first one first.
        failed: The first objective not shown to hold; None where all held.
        prompts: Held-out prompts.
        confidence: Two-sided confidence of the intervals.
        superiority_confidence: The same, Bonferroni-corrected over the objectives.
        endings: How the answers before and after ended.
    """

    verdict: Verdict
    objectives: tuple[ObjectiveResult, ...]
    failed: str | None
    prompts: int
    confidence: float
    superiority_confidence: float
    endings: tuple[Endings, ...]

    @property
    def sentence(self) -> str:
        """The whole verdict in plain words."""
        parts = [result.sentence for result in self.objectives]
        caveats = [self.caveat] if self.caveat else []
        return "; ".join([*parts, *caveats, f"verdict: {self.verdict}"])

    @property
    def caveat(self) -> str | None:
        """What weakens the proof: that many answers were cut. None where few were."""
        return cut_sentence(self.endings, "evaluation.max_tokens")

    @property
    def exit_code(self) -> int:
        """What a release pipeline sees."""
        return EXIT_CODES[self.verdict]

    def to_json(self) -> dict[str, Any]:
        """As plain data: the content of `evaluation.json`, which `read_evaluation` reads back."""
        return {
            "verdict": self.verdict,
            "sentence": self.sentence,
            "exit_code": self.exit_code,
            "failed": self.failed,
            "prompts": self.prompts,
            "confidence": self.confidence,
            "superiority_confidence": self.superiority_confidence,
            "endings": [asdict(each) for each in self.endings],
            "objectives": [
                {**asdict(result), "sentence": result.sentence} for result in self.objectives
            ],
        }
