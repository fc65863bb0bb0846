"""Who judges answers beside a run: whom the recipe names, each an examiner."""

from dataclasses import replace

from primum.constitution import Constitution
from primum.engines.base import GenerateRequest
from primum.engines.scripted import ScriptedEngine
from primum.errors import UserError
from primum.judging.facts import Examiner, JudgeFacts
from primum.judging.kinds import BASE, POLICY, kinds_of
from primum.recipe.schema import Judging, Recipe
from primum.report.judge import judge_name
from primum.run.models import LoadedModels

NOBODY = "nobody"
"""Stands for the judging model where no judge asks one."""

_ALONE = ("reward-model", "python")
"""Kinds of judges that ask no judging model."""


def needs_model(judging: Judging, constitution: Constitution) -> bool:
    """Whether a judge asks a judging model that the settings do not name."""
    kinds = kinds_of(judging, constitution).values()
    return judging.model in (POLICY, BASE) and any(kind not in _ALONE for kind in kinds)


def examiners_of(models: LoadedModels, model: str) -> tuple[Examiner, ...]:
    """The judge of the recipe's `judging`, called `judge`, and those of `gate.judges`.

    Args:
        models: Load them; hold the recipe and the constitution.
        model: The judging model where the settings name none, or `NOBODY`.
    """
    objectives = [objective.name for objective in models.constitution.objectives]
    found = []
    for name, judging in settings_of_judges(models.recipe).items():
        asked = replace(
            models, recipe=models.recipe.model_copy(update={"judging": judging}), _judges={}
        )
        named = {"model": model} if needs_model(judging, models.constitution) else {}
        described = judge_name(judging.model_copy(update=named), objectives)
        found.append(Examiner(asked.judge(model), JudgeFacts(name, "examiner", described)))
    return tuple(found)


def settings_of_judges(recipe: Recipe) -> dict[str, Judging]:
    """The settings of every judge by its name.

    Raises:
        UserError: If one of `gate.judges` has the name of another judge.
    """
    taken = sorted({"judge", "file"} & set(recipe.gate.judges))
    if taken:
        raise UserError(f"gate.judges names a judge {taken[0]!r}; choose another name")
    return {"judge": recipe.judging, **recipe.gate.judges}


def nobody() -> ScriptedEngine:
    """The engine of `NOBODY`, which no judge asks."""

    def refuse(request: GenerateRequest) -> str:
        raise UserError("no judging model is named; name one with --model")

    return ScriptedEngine(answer=refuse)
