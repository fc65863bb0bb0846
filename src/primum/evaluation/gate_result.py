"""What the gate found: per objective and examiner, per guard, and the verdict."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from primum.evaluation.endings import Endings, cut_sentence
from primum.evaluation.guards.result import GuardResult
from primum.judging.facts import JudgeFacts
from primum.statistics.interval import Interval

Verdict = Literal["pass", "hold", "fail"]

EXIT_CODES: Mapping[Verdict, int] = {"pass": 0, "hold": 3, "fail": 1}
"""Exit code of a release pipeline, per verdict. 2 is left to wrong usage, as everywhere."""

UNJUDGED = "no objective was judged, so that no rise can be shown"
"""What is said of a result without objectives."""

UNGUARDED = "no guard looked at what no objective names; set gate.guards.form=true"
"""What is said of a result without guards that does not fail."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What one judge showed on one objective.

    Attributes:
        judge: Its name.
        objective: The objective's name.
        unit: `points` of the scale; of people `net preference`, from −1 to 1.
        margin: The fall, in `unit`, that still counts as none.
        before: Mean score before, over prompts with both scores; None without any.
        after: Mean score after, over the same prompts.
        gain: The paired gain at the recipe's confidence; its lower bound decides `held`.
        low_superiority: The gain's lower bound at the Bonferroni level; decides `rose`. Of an
            examiner that level is over objectives and examiners, of people over objectives.
        held: Non-inferior: the lower bound lies above −margin.
        rose: Superior: the Bonferroni lower bound lies above 0.
        reason: Why nothing can be shown; None where the prompts suffice.
        noise: The gain of the starting model over itself by this judge: what a change of nothing
            looks like; None where it was not asked.
        by_seed: Mean gain of every trained model, where there are several; `gain` is then that
            over prompts and seeds together.
        spread: Standard deviation of the paired gains, in `unit`; None where it is not known.
    """

    judge: str
    objective: str
    unit: str
    margin: float
    before: float | None
    after: float | None
    gain: Interval
    low_superiority: float | None
    held: bool
    rose: bool
    reason: str | None
    noise: Interval | None = None
    by_seed: tuple[float | None, ...] = ()
    spread: float | None = None

    @property
    def figure(self) -> str:
        """The gain with its interval, such as `+0.31 [0.12, 0.50]`."""
        gain = self.gain
        if gain.value is None or gain.low is None or gain.high is None:
            return "–"
        return f"{gain.value:+.2f} [{gain.low:.2f}, {gain.high:.2f}]"

    @property
    def sentence(self) -> str:
        """In plain words, such as `+0.31 [0.12, 0.50], did not fall (margin 0.2) and rose`."""
        gain = self.gain
        if self.reason or gain.low is None or gain.high is None:
            return f"not shown to hold, since {self.reason}"
        return f"{self.figure}, {self._outcome(gain.low, gain.high)}"

    def _outcome(self, low: float, high: float) -> str:
        if not self.held:
            if high < -self.margin:
                return f"fell by more than the margin {self.margin:g}"
            fall = "fell, and" if high < 0 else "not shown to hold:"
            return f"{fall} a fall beyond the margin {self.margin:g} cannot be ruled out"
        if high < 0:
            return f"fell, but by less than the margin {self.margin:g}"
        held = f"did not fall (margin {self.margin:g})"
        if self.rose:
            return f"{held} and rose"
        return f"{held}; no rise shown{' at the stricter level' if low > 0 else ''}"

    def to_json(self) -> dict[str, Any]:
        """As plain data, with the sentence."""
        return {**asdict(self), "sentence": self.sentence}


@dataclass(frozen=True, slots=True)
class ObjectiveResult:
    """What all examiners together showed on one objective.

    Attributes:
        objective: Its name.
        by: What each examiner showed.
        teacher: What the judge that made the pairs sees, which decides nothing; None where no such
            judge is known.
        held: Every examiner shows that it held; people alone where they marked it.
        rose: An examiner shows a rise, and none contradicts it with a mean gain below zero; people
            alone where they marked it.
        counted: Whether the rise counts: every objective up to this one held.
        people: What people's labels show, which then decide; None where nobody marked.
    """

    objective: str
    by: tuple[Shown, ...]
    teacher: Shown | None
    held: bool
    rose: bool
    counted: bool
    people: Shown | None = None

    @property
    def shown(self) -> tuple[Shown, ...]:
        """What everybody showed: people, the examiners, and last the teacher."""
        people, taught = ((each,) if each else () for each in (self.people, self.teacher))
        return (*people, *self.by, *taught)

    @property
    def sentence(self) -> str:
        """In plain words: people, who then decide, and every examiner in turn."""
        alone = len(self.by) == 1 and self.people is None
        parts = [
            shown.sentence if alone else f"{shown.judge} {shown.sentence}" for shown in self.by
        ]
        if self.people is not None:
            parts.insert(0, f"people, who decide, {self.people.sentence}")
        elif not self.by:
            parts.append("not shown to hold, since no examiner judged it")
        shown = self.people is None and any(each.rose for each in self.by)
        if self.rose and not self.counted:
            parts.append("the rise does not count yet")
        elif shown and not self.rose:
            parts.append("the rise does not count, since another examiner contradicts it")
        return f"{self.objective}: {', '.join(parts)}"

    def to_json(self) -> dict[str, Any]:
        """As plain data, with the sentences."""
        return {
            **asdict(self),
            "by": [shown.to_json() for shown in self.by],
            "teacher": None if self.teacher is None else self.teacher.to_json(),
            "people": None if self.people is None else self.people.to_json(),
            "sentence": self.sentence,
        }


@dataclass(frozen=True, slots=True)
class GateResult:
    """The gate's verdict and all that led to it.

    Attributes:
        verdict: `pass`, `hold` or `fail`.
        objectives: What was shown on each, the first one first.
        guards: What no objective names, the broken ones first.
        judges: Who judged: the teacher and all examiners.
        failed: The first guard or objective not shown to hold; None where all held.
        prompts: Held-out prompts.
        confidence: Two-sided confidence of the intervals.
        superiority_confidence: The same, Bonferroni-corrected over objectives and examiners.
        endings: How the answers before and after ended.
        evidence: Hashes of what the verdict rests on, by name; see `evaluation.hashes`.
        notes: What has to be known of the answers, in sentences.
        power: What so many prompts could have shown, in a sentence: after a `hold`, and after a
            `fail` for want of prompts; None otherwise.
        versions: Of what computed the figures, by package.
    """

    verdict: Verdict
    objectives: tuple[ObjectiveResult, ...]
    guards: tuple[GuardResult, ...]
    judges: tuple[JudgeFacts, ...]
    failed: str | None
    prompts: int
    confidence: float
    superiority_confidence: float
    endings: tuple[Endings, ...]
    evidence: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    power: str | None = None
    versions: Mapping[str, str] = field(default_factory=dict)

    @property
    def broken(self) -> tuple[GuardResult, ...]:
        """Guards that did not hold."""
        return tuple(guard for guard in self.guards if not guard.held)

    @property
    def sentence(self) -> str:
        """The whole verdict in plain words; what a guard found lost comes first."""
        parts = [guard.sentence for guard in self.broken]
        parts += [result.sentence for result in self.objectives] or [UNJUDGED]
        caveats = [said for said in (self.caveat, *self.notes, self.power) if said]
        return "; ".join([*parts, *caveats, f"verdict: {self.verdict}"])

    @property
    def caveat(self) -> str | None:
        """What weakens the proof: that many answers were cut, that no guard looked; or None."""
        # Only a run has a teacher; answers made elsewhere were written under other settings.
        of_run = any(judge.role == "teacher" for judge in self.judges)
        limit = "evaluation.max_tokens" if of_run else "the limit under which they were written"
        cut = cut_sentence(self.endings, limit)
        unguarded = None if self.guards or self.verdict == "fail" else UNGUARDED
        return "; ".join(said for said in (cut, unguarded) if said) or None

    @property
    def exit_code(self) -> int:
        """What a release pipeline sees."""
        return EXIT_CODES[self.verdict]

    def to_json(self) -> dict[str, Any]:
        """As plain data: the content of `evaluation.json`, which `read_evaluation` reads back."""
        return {
            **asdict(self),
            "objectives": [objective.to_json() for objective in self.objectives],
            "sentence": self.sentence,
            "exit_code": self.exit_code,
        }
