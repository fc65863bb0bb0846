"""Which kind of judge each objective gets, checked against the constitution."""

from collections.abc import Mapping

from primum.constitution import Constitution
from primum.documents import nearest
from primum.errors import UserError
from primum.recipe.schema import JudgeKind, Judging

FITTED: frozenset[JudgeKind] = frozenset({"probe", "reward-model"})
"""Kinds of judges that exemplars fit, or place on the scale."""

IN_WORDS: tuple[JudgeKind, ...] = ("rating-expected", "rating-text")
"""Kinds of judges that a model is which is asked in words."""

POLICY = "policy"
BASE = "base"


def kinds_of(settings: Judging, constitution: Constitution) -> dict[str, JudgeKind]:
    """The kind of judge by objective, in the constitution's order.

    Args:
        settings: Name the kinds.
        constitution: Has the objectives.

    Raises:
        UserError: If a setting names an objective that there is not, or a kind lacks what it needs.
    """
    names = [objective.name for objective in constitution.objectives]
    for key in ("kinds", "reward_models"):
        _check_names(f"judging.{key}", getattr(settings, key), names, constitution.name)
    kinds = {name: settings.kinds.get(name, settings.kind) for name in names}
    for name, kind in kinds.items():
        if kind == "reward-model" and name not in settings.reward_models:
            raise UserError(
                f"the objective {name!r} is judged by a reward model, but none is named for it; "
                f"set judging.reward_models={{{name}: {{model: FOLDER or OWNER/NAME}}}}"
            )
        if kind == "python" and settings.function is None:
            raise UserError(
                f"the objective {name!r} is judged by a Python function, but none is named; set "
                "judging.function=module:function"
            )
    return kinds


def judging_model(settings: Judging, policy: str, base: str) -> str:
    """The name of the model that judges.

    Args:
        settings: Names it, or says which of the two others it is.
        policy: The model being aligned, as it is in this round.
        base: The model that the first round started from.
    """
    return {POLICY: policy, BASE: base}.get(settings.model, settings.model)


def _check_names(
    place: str, named: Mapping[str, object], names: list[str], constitution: str
) -> None:
    for name in named:
        if name not in names:
            near = nearest(name, names, count=1)
            hint = f"did you mean {near[0]}?" if near else f"it has {', '.join(names)}"
            raise UserError(
                f"{place} names the objective {name!r}, which the constitution {constitution!r} "
                f"does not have; {hint}"
            )
