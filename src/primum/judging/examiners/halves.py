"""Who may see which exemplars: the teacher one half, the examiner the other."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from primum.constitution import Constitution, Objective
from primum.constitution.exemplars import Exemplar
from primum.constitution.halves import split_by_topic
from primum.judging.asking.shots import has_shots, shown_prompts
from primum.judging.calibration import fits
from primum.judging.kinds import IN_WORDS, kinds_of
from primum.judging.probe.labels import FOLDS
from primum.recipe.schema import JudgeKind, Judging

Enough = Callable[[Objective, tuple[float, float]], bool]
"""Whether an objective has the exemplars that a judge needs, on a scale."""


@dataclass(frozen=True)
class Halves:
    """An objective as two judges see it that are fitted on its exemplars, or shown some of them.

    Attributes:
        teacher: With the exemplars of the judge that makes the pairs.
        examiner: With those of the judge that examines.
        shared: Whether both have all of them, since halves would be too few.
    """

    teacher: Objective
    examiner: Objective
    shared: bool


def enough_for(kind: JudgeKind, judging: Judging) -> Enough | None:
    """What a judge needs that sees one exemplar or another; None for one that sees none.

    A reward model is no more than placed on the scale by them.

    Args:
        kind: Its kind.
        judging: Its settings.
    """
    if kind == "probe":
        return fits
    if kind in IN_WORDS and judging.shots:
        return lambda objective, scale: has_shots(objective, judging.shots)
    return None


def halves_of(
    objective: Objective,
    scale: tuple[float, float],
    enough: Enough = fits,
    examiner: Enough | None = None,
) -> Halves:
    """The exemplars of an objective in halves, where either suffices for a judge.

    Args:
        objective: Has the exemplars.
        scale: Lowest and highest score.
        enough: What the teacher needs; it gets a half only if the other one would do as well.
        examiner: What the examiner needs, if something else.
    """
    first, second = split_by_topic(objective, FOLDS)
    if not (enough(first, scale) and enough(second, scale)):
        return Halves(objective, objective, shared=True)
    if examiner and not examiner(second, scale):
        return Halves(first, objective, shared=True)
    return Halves(first, second, shared=False)


def seen_by_teacher(judging: Judging, constitution: Constitution) -> Constitution:
    """The constitution as the teacher of a run sees it.

    Where it reads hidden states, or is shown exemplars, it gets its half of them. A reward model
    gets all.

    Args:
        judging: The recipe's.
        constitution: The whole one.
    """
    kinds = kinds_of(judging, constitution)
    needs = {name: enough_for(kind, judging) for name, kind in kinds.items()}
    return with_objectives(
        constitution,
        (
            halves_of(one, constitution.scale, enough).teacher
            if (enough := needs[one.name])
            else one
            for one in constitution.objectives
        ),
    )


def teaching_identity(judging: Judging, constitution: Constitution) -> dict[str, str]:
    """What tells which exemplars a teacher has; empty where it has all, or sees none.

    Scores of a teacher that was fitted on others are another teacher's, such as those of a run
    from before the exemplars were halved: its examiner would know what that teacher knew.

    Args:
        judging: The recipe's.
        constitution: The whole one.
    """
    seen = seen_by_teacher(judging, constitution).fingerprint
    return {} if seen == constitution.fingerprint else {"exemplars": seen}


def shown_to_teacher(judging: Judging, constitution: Constitution) -> tuple[frozenset[str], ...]:
    """The prompts of the exemplars that stand in the teacher's questions, by objective in order.

    Args:
        judging: The recipe's.
        constitution: The whole one.
    """
    kinds = kinds_of(judging, constitution)
    return tuple(
        shown_prompts(one, judging.shots if kinds[one.name] in IN_WORDS else 0)
        for one in seen_by_teacher(judging, constitution).objectives
    )


def unseen(
    kind: JudgeKind, fitted: Objective, whole: Objective, shots: int
) -> tuple[Exemplar, ...]:
    """The exemplars that a judge can be tried on: it was not fitted on them, nor shown them.

    Args:
        kind: Its kind.
        fitted: The objective with the exemplars that it has.
        whole: The objective with all.
        shots: How many of those it is shown, if it is asked in words.
    """
    if kind in IN_WORDS and shots:
        shown = shown_prompts(fitted, shots)
        return tuple(one for one in whole.exemplars if one.prompt not in shown)
    if kind != "probe":
        return whole.exemplars
    known = set(fitted.exemplars)
    return tuple(one for one in whole.exemplars if one not in known)


def with_objectives(constitution: Constitution, objectives: Iterable[Objective]) -> Constitution:
    """The constitution with other objectives in the place of its own."""
    # A copy would keep the fingerprint of what it was copied from.
    content = {**dict(constitution), "objectives": tuple(objectives)}
    return Constitution.model_construct(**content)
