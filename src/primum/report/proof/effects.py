"""What changed on held-out prompts, a row per objective and judge."""

from dataclasses import dataclass

from primum.evaluation.gate_result import GateResult, ObjectiveResult, Shown
from primum.judging.facts import JudgeRole
from primum.report.drawing.marks import Tone
from primum.report.drawing.text import interval, number, one_line, signed

_TEACHER: tuple[str, Tone] = ("decides nothing", "after")

POINTS = "points"
"""The unit of scores; people's is another one, and the two cannot be subtracted."""


@dataclass(frozen=True, slots=True)
class Effect:
    """A row of the table before and after: one objective by one judge; figures as text.

    Attributes:
        objective: Its name.
        judge: The judge's name.
        role: What the judge is.
        unit: Of all figures in the row.
        before: Mean score before.
        after: The same after.
        gain: The paired gain.
        interval: Its interval; empty where there is none.
        noise: The gain of a change of nothing with its interval; empty where not measured.
        by_seed: Mean gain of every trained model; empty where there is but one.
        optimised: The teacher's gain minus this examiner's: the over-optimisation; empty for the
            teacher itself, and where either is missing or the units differ.
        margin: The fall that still counts as none.
        n: Prompts with both scores.
        missing: Prompts without.
        outcome: What follows, in words.
        tone: The same as a colour.
    """

    objective: str
    judge: str
    role: JudgeRole
    unit: str
    before: str
    after: str
    gain: str
    interval: str
    noise: str
    by_seed: str
    optimised: str
    margin: str
    n: int
    missing: int
    outcome: str
    tone: Tone


def effects(gate: GateResult) -> tuple[Effect, ...]:
    """The table before and after, a row per objective and judge, from the gate's figures."""
    roles: dict[str, JudgeRole] = {judge.name: judge.role for judge in gate.judges}
    return tuple(
        _effect(result, shown, roles.get(shown.judge, "examiner"))
        for result in gate.objectives
        for shown in result.shown
    )


def _effect(result: ObjectiveResult, shown: Shown, role: JudgeRole) -> Effect:
    gain, noise = shown.gain, shown.noise
    taught = shown is result.teacher
    outcome, tone = _TEACHER if taught else outcome_of(result, shown)
    floor = (signed(noise.value), interval(noise.low, noise.high)) if noise else ()
    return Effect(
        objective=one_line(result.objective),
        judge=one_line(shown.judge),
        role="teacher" if taught else role,
        unit=one_line(shown.unit),
        before=number(shown.before),
        after=number(shown.after),
        gain=signed(gain.value),
        interval=interval(gain.low, gain.high),
        noise=" ".join(filter(None, floor)),
        by_seed=", ".join(map(signed, shown.by_seed)),
        optimised=signed(over) if (over := over_optimisation(result, shown)) is not None else "",
        margin=number(shown.margin),
        n=gain.n,
        missing=gain.missing,
        outcome=outcome,
        tone=tone,
    )


def over_optimisation(result: ObjectiveResult, shown: Shown) -> float | None:
    """How much more the teacher sees gained than an examiner does, in points of the scale.

    What a model learns of its teacher's taste and not of the objective is over-optimisation (Gao,
    Schulman & Hilton, ICML 2023, arXiv 2210.10760).

    Args:
        result: What was shown on an objective.
        shown: By one examiner.

    Returns:
        The difference of the mean gains; None where there is no teacher, either has no gain, or
        they are not in the same unit.
    """
    teacher = result.teacher
    if teacher is None or shown is teacher or teacher.unit != shown.unit:
        return None
    if teacher.gain.value is None or shown.gain.value is None:
        return None
    return teacher.gain.value - shown.gain.value


def outcome_of(result: ObjectiveResult, shown: Shown) -> tuple[str, Tone]:
    """What an examiner showed on an objective, in words and as a colour."""
    if not shown.held:
        return "not shown to hold", "bad"
    if shown.rose and result.counted:
        return "held and rose", "good"
    return ("rose, not counted", "even") if shown.rose else ("held", "after")
