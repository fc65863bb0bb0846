"""What a proof is asked with: a constitution, a recipe, and who judges."""

from collections.abc import Sequence
from pathlib import Path

from primum.constitution import Constitution, load_constitution
from primum.errors import UserError
from primum.evaluation.guards.asking.entry import ability_guards
from primum.evaluation.guards.margins import check_guard_margins
from primum.judging.calibration import check_exemplars
from primum.judging.kinds import FITTED, kinds_of
from primum.proof.judges import needs_model, settings_of_judges
from primum.recipe import Recipe, load_recipe

GOALS = "harmless-helpful"
"""The constitution where none is named, as in `primum align`."""


def recipe_of(recipe: str | Path | Recipe | None, overrides: Sequence[str]) -> Recipe:
    """The settings.

    Args:
        recipe: A built-in name, a file, or the object; None for the defaults.
        overrides: Settings over the recipe's.

    Raises:
        UserError: If one of them is wrong.
    """
    if not isinstance(recipe, Recipe):
        return load_recipe(recipe, overrides)
    if overrides:
        raise UserError("overrides go over a recipe's name or file; set them in the Recipe itself")
    return recipe


def constitution_of(constitution: str | Path | Constitution) -> Constitution:
    """What is judged by: a built-in name, a file, or the object."""
    if isinstance(constitution, Constitution):
        return constitution
    return load_constitution(constitution)


def check_judges(recipe: Recipe, constitution: Constitution, model: str | None) -> None:
    """Refuses judges that cannot judge, before any model is loaded.

    Args:
        recipe: Names them.
        constitution: What they judge by.
        model: The judging model; None where none is named.

    Raises:
        UserError: If a judge lacks what it needs.
    """
    for name, judging in settings_of_judges(recipe).items():
        kinds = kinds_of(judging, constitution)
        for objective in constitution.objectives:
            if kinds[objective.name] in FITTED:
                check_exemplars(objective, constitution.scale)
        if model is None and needs_model(judging, constitution):
            place = "judging" if name == "judge" else f"gate.judges.{name}"
            raise UserError(
                f"the judge of {place} asks a judging model, and none is named; name one with "
                f"--model, or set {place}.model, or another {place}.kind"
            )


def check_margins(recipe: Recipe, objectives: Sequence[str]) -> None:
    """Refuses a margin for an objective that is not judged, and for a guard that does not exist.

    Raises:
        UserError: If there is one.
    """
    guards = recipe.gate.guards
    check_guard_margins(guards.margins, ability_guards(guards))
    for name in recipe.gate.margins:
        if name not in objectives:
            raise UserError(
                f"gate.margins names the objective {name!r}, which is not judged (judged: "
                f"{', '.join(objectives) or 'none'}); name one that is, or leave it out"
            )
