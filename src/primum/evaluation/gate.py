"""The gate: was nothing lost on a prior objective, and was something gained?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import pyarrow as pa

from primum.evaluation.endings import answer_endings
from primum.evaluation.gate_result import GateResult, ObjectiveResult, Shown, Verdict
from primum.evaluation.guards.result import GuardResult
from primum.evaluation.showing import Levels, scores_of, show
from primum.evaluation.strength import after_fail, after_hold
from primum.judging.facts import JudgeFacts
from primum.recipe.schema import Evaluation, Gate
from primum.statistics.multiplicity import bonferroni


@dataclass(frozen=True)
class Evidence:
    """What the gate decides from.

    Attributes:
        objectives: Names in order of priority.
        answers: Of the models before and after, of further seeds, and of the starting model again
            (`evaluation.answerers`); see `store.schemas.ANSWERS`.
        judgements: Their scores; see `store.schemas.JUDGEMENTS`.
        judges: Who judged.
        guards: What guards found.
        notes: What has to be known of the answers, in sentences.
        people: By objective, what human labels show of it, which then decide it.
    """

    objectives: tuple[str, ...]
    answers: pa.Table
    judgements: pa.Table
    judges: tuple[JudgeFacts, ...]
    guards: tuple[GuardResult, ...] = ()
    notes: tuple[str, ...] = ()
    people: Mapping[str, Shown] = field(default_factory=dict)


def decide(
    evidence: Evidence, settings: Gate, evaluation_settings: Evaluation, seed: int
) -> GateResult:
    """Decides whether the model may be released.

    Objectives are tested in their order, by every examiner. First non-inferiority: the lower bound
    of the paired gain lies above −margin. All must hold, so that this needs no correction for
    multiple tests (an intersection-union test). Then superiority: the lower bound lies above 0.
    One objective and one examiner suffice for a pass, so that these bounds are Bonferroni-corrected
    over both: each objective has an equal part of what may err, and each of its examiners an equal
    part of that. A rise counts only where every objective up to its own has held, and no other
    examiner sees a mean gain below zero. Where people marked an objective, they alone decide it,
    with the whole of that objective's part.
    What the teacher sees is shown, and decides nothing; so is a change of nothing.

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
    examiners = [judge.name for judge in evidence.judges if judge.role == "examiner"]
    teacher = next((judge.name for judge in evidence.judges if judge.role == "teacher"), None)
    levels = levels_of(evaluation_settings, len(evidence.objectives), len(examiners), seed)
    margins = {name: settings.margins.get(name, settings.margin) for name in evidence.objectives}
    shown: dict[str, dict[str, Shown]] = {}
    for judge in (*examiners, *([] if teacher is None else [teacher])):
        scored = scores_of(evidence.answers, evidence.judgements, judge, evidence.objectives)
        shown[judge] = {
            name: show(judge, name, scored[name], margins[name], levels)
            for name in evidence.objectives
        }
    results = in_order(
        [
            objective_result(
                name,
                tuple(shown[judge][name] for judge in examiners),
                teacher=None if teacher is None else shown[teacher][name],
                people=evidence.people.get(name),
            )
            for name in evidence.objectives
        ]
    )
    return _result(results, evidence, levels)


def levels_of(settings: Evaluation, objectives: int, examiners: int, seed: int) -> Levels:
    """How sure the gate has to be.

    Args:
        settings: Resamples and confidence.
        objectives: How many objectives are tested.
        examiners: How many judges test each; where there is none, people alone may.
        seed: Makes the resamples.
    """
    tests = objectives * max(examiners, 1)
    superiority = bonferroni(settings.confidence, tests)
    return Levels(settings.confidence, superiority, settings.bootstrap, seed)


def objective_result(
    objective: str,
    by: tuple[Shown, ...],
    *,
    teacher: Shown | None = None,
    people: Shown | None = None,
) -> ObjectiveResult:
    """What all that was shown on one objective comes to; whether a rise counts is left open.

    Args:
        objective: Its name.
        by: What every examiner shows.
        teacher: What the teacher sees.
        people: What people's labels show.
    """
    if people is not None:
        held, rose = people.held, people.rose
    else:
        held = bool(by) and all(each.held for each in by)
        fell = any((each.gain.value or 0.0) < 0 for each in by)
        rose = any(each.rose for each in by) and not fell
    return ObjectiveResult(objective, by, teacher, held, rose, counted=False, people=people)


def in_order(results: Sequence[ObjectiveResult]) -> tuple[ObjectiveResult, ...]:
    """The results, where a rise counts only if its objective and all before it held."""
    found: list[ObjectiveResult] = []
    for result in results:
        held = result.held and all(earlier.held for earlier in found)
        found.append(replace(result, counted=result.rose and held))
    return tuple(found)


def verdict_of(results: Sequence[ObjectiveResult], guards: Sequence[GuardResult] = ()) -> Verdict:
    """The gate's word.

    Args:
        results: One per objective, in order of priority.
        guards: What guards found.
    """
    if not all([*(result.held for result in results), *(guard.held for guard in guards)]):
        return "fail"
    return "pass" if any(result.counted for result in results) else "hold"


def _result(results: tuple[ObjectiveResult, ...], evidence: Evidence, levels: Levels) -> GateResult:
    """The verdict that follows.

    Args:
        results: One per objective, in order of priority.
        evidence: What the gate decides from.
        levels: How sure the gate has to be.
    """
    guards = tuple(sorted(evidence.guards, key=lambda guard: guard.held))
    broken = [guard.guard for guard in guards if not guard.held]
    fallen = [result.objective for result in results if not result.held]
    verdict = verdict_of(results, guards)
    power = None
    if verdict == "hold":
        power = after_hold(results, levels.superiority)
    elif not broken:
        power = after_fail(results, levels.confidence)
    ended = answer_endings(evidence.answers)
    return GateResult(
        verdict=verdict,
        objectives=results,
        guards=guards,
        judges=evidence.judges,
        failed=next(iter([*broken, *fallen]), None),
        prompts=ended[0].total,
        confidence=levels.confidence,
        superiority_confidence=levels.superiority,
        endings=ended,
        notes=evidence.notes,
        power=power,
    )
