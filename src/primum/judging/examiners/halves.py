"""Who may see which exemplars: the teacher's probe one half, the examiner's the other."""

from collections.abc import Iterable
from dataclasses import dataclass

from primum.constitution import Constitution, Objective
from primum.constitution.exemplars import Exemplar
from primum.constitution.halves import split_by_topic
from primum.judging.calibration import fits
from primum.judging.kinds import kinds_of
from primum.judging.probe.labels import FOLDS
from primum.recipe.schema import JudgeKind, Judging


@dataclass(frozen=True)
class Halves:
    """An objective as two judges see it that are fitted on its exemplars.

    Attributes:
        teacher: With the exemplars of the judge that makes the pairs.
        examiner: With those of the judge that examines.
        shared: Whether both have all of them, since halves would be too few.
    """

    teacher: Objective
    examiner: Objective
    shared: bool


def halves_of(objective: Objective, scale: tuple[float, float]) -> Halves:
    """The exemplars of an objective in halves, where either suffices to fit a judge.

    Args:
        objective: Has the exemplars.
        scale: Lowest and highest score.
    """
    first, second = split_by_topic(objective, FOLDS)
    if fits(first, scale) and fits(second, scale):
        return Halves(first, second, shared=False)
    return Halves(objective, objective, shared=True)


def seen_by_teacher(judging: Judging, constitution: Constitution) -> Constitution:
    """The constitution as the teacher of a run is fitted on it.

    Where it reads hidden states it gets its half of the exemplars. A reward model is no more than
    placed on the scale by them, and gets all.

    Args:
        judging: The recipe's.
        constitution: The whole one.
    """
    kinds = kinds_of(judging, constitution)
    return with_objectives(
        constitution,
        (
            halves_of(one, constitution.scale).teacher if kinds[one.name] == "probe" else one
            for one in constitution.objectives
        ),
    )


def teaching_identity(judging: Judging, constitution: Constitution) -> dict[str, str]:
    """What tells which exemplars a teacher is fitted on; empty where it is fitted on all.

    Scores of a teacher that was fitted on others are another teacher's, such as those of a run
    from before the exemplars were halved: its examiner would know what that teacher knew.

    Args:
        judging: The recipe's.
        constitution: The whole one.
    """
    seen = seen_by_teacher(judging, constitution).fingerprint
    return {} if seen == constitution.fingerprint else {"exemplars": seen}


def unseen(kind: JudgeKind, fitted: Objective, whole: Objective) -> tuple[Exemplar, ...]:
    """The exemplars that a judge can be tried on, since it was not fitted on them.

    Args:
        kind: Its kind.
        fitted: The objective with the exemplars that it has.
        whole: The objective with all.
    """
    if kind != "probe":
        return whole.exemplars
    known = set(fitted.exemplars)
    return tuple(one for one in whole.exemplars if one not in known)


def with_objectives(constitution: Constitution, objectives: Iterable[Objective]) -> Constitution:
    """The constitution with other objectives in the place of its own."""
    # A copy would keep the fingerprint of what it was copied from.
    content = {**dict(constitution), "objectives": tuple(objectives)}
    return Constitution.model_construct(**content)
