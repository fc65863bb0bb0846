"""In which way the default examiner judges each objective."""

from collections.abc import Mapping
from dataclasses import dataclass

from primum.constitution import Constitution, Objective
from primum.errors import UserError
from primum.judging.asking.question import WORDINGS
from primum.judging.calibration import fits
from primum.judging.examiners.halves import enough_for, halves_of
from primum.judging.kinds import IN_WORDS, kinds_of
from primum.recipe.schema import JudgeKind, Judging


@dataclass(frozen=True)
class Way:
    """How one objective is examined.

    Attributes:
        kind: The kind of judge.
        objective: With the exemplars that it may be fitted on.
        by_start: Whether the starting model judges, since the teacher is no model with a second
            form of itself; otherwise the model that teaches does.
        halved: Whether the teacher has the other half of the exemplars; otherwise both may have
            all, or neither any.
    """

    kind: JudgeKind
    objective: Objective
    by_start: bool
    halved: bool


def default_ways(judging: Judging, constitution: Constitution, *, reads: bool) -> tuple[Way, ...]:
    """How the default examiner judges the objectives, in order.

    Args:
        judging: The teacher's settings.
        constitution: The objectives.
        reads: Whether the starting model's engine can read hidden states.

    Raises:
        UserError: If the teacher has no second form of itself on an objective: it is asked in all
            wordings, or it is no model and exemplars are too few to fit a probe instead.
    """
    kinds = kinds_of(judging, constitution)
    return tuple(
        _way(one, kinds[one.name], judging, constitution, reads=reads)
        for one in constitution.objectives
    )


def has_default(judging: Judging, constitution: Constitution) -> bool:
    """Whether there is a default examiner that is not the teacher over again.

    Args:
        judging: The teacher's settings.
        constitution: The objectives.
    """
    try:
        default_ways(judging, constitution, reads=True)
    except UserError:
        return False
    return True


def examiner_wordings(taught: int) -> tuple[int, int]:
    """The first wording that the examiner takes, and how many.

    It takes as many as the teacher behind the teacher's, or as many as are left.

    Args:
        taught: How many the teacher takes, from the first on; fewer than all, unless neither of
            the two is asked in words.
    """
    return taught, max(1, min(taught, WORDINGS - taught))


def _way(
    objective: Objective,
    kind: JudgeKind,
    judging: Judging,
    constitution: Constitution,
    *,
    reads: bool,
) -> Way:
    if kind in IN_WORDS and judging.wordings == WORDINGS:
        raise UserError(
            f"judging.wordings is {WORDINGS}, so that no wording is left in which an examiner "
            f"could judge {objective.name!r}; set judging.wordings={WORDINGS - 1}, or name "
            "another judge, such as gate.judges={second: {kind: probe}}"
        )
    if enough := enough_for(kind, judging):
        halves = halves_of(objective, constitution.scale, enough)
        return Way(kind, halves.examiner, False, not halves.shared)
    if kind in IN_WORDS:
        return Way(kind, objective, False, False)
    if not reads:
        return Way("rating-expected", objective, True, False)
    if not fits(objective, constitution.scale):
        made = "a reward model" if kind == "reward-model" else "a Python function"
        raise UserError(
            f"the objective {objective.name!r} is judged by {made}, and its exemplars are too few "
            "to fit a probe that examines instead of it; name another judge, such as "
            "gate.judges={second: {kind: rating-expected}}, or add exemplars"
        )
    return Way("probe", objective, True, False)


def essence(judging: Judging, constitution: Constitution) -> Mapping[str, object]:
    """All that tells one judge of a run's answers from another.

    Answers are judged by the starting model where settings say policy or base.
    """
    kinds = kinds_of(judging, constitution)
    used = set(kinds.values())
    words = bool(used & set(IN_WORDS))
    model = "base" if judging.model == "policy" else judging.model
    return {
        "kinds": kinds,
        "model": model if words or "probe" in used else None,
        "wordings": judging.wordings if words else None,
        "shots": judging.shots if words else None,
        "reply": (judging.retries, judging.max_tokens, judging.thought_tokens)
        if "rating-text" in used
        else None,
        "reward models": {
            name: judging.reward_models[name]
            for name, kind in kinds.items()
            if kind == "reward-model"
        },
        "function": judging.function if "python" in used else None,
    }
