"""The methods of a comparison: recipes, each laid over the common one, and what they are called."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from primum.constitution import Constitution
from primum.errors import UserError
from primum.recipe import Recipe, builtin_recipes, load_recipe
from primum.recipe.loading import JOIN
from primum.recipe.schema import Judging
from primum.run.inputs import PLACES, in_language

_FOLDER = "methods"
"""Where the built-in recipes of methods lie."""
_SUFFIXES = (".yaml", ".yml")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
"""Of a method: it becomes a folder's name. The length is a choice."""

SHARED = ("seed", "heldout", "max_heldout", "evaluation", "gate", "examined_as")
"""Settings by which all methods are measured, so that no method has its own."""


@dataclass(frozen=True)
class Common:
    """What all methods of a comparison are laid over and under.

    Attributes:
        recipe: Over which each is laid; None for the defaults.
        overrides: Settings that go over all.
    """

    recipe: str | Path | None = None
    overrides: tuple[str, ...] = ()


@dataclass(frozen=True)
class Method:
    """A method of a comparison.

    Attributes:
        name: Its name there.
        reference: Its recipe as the user named it, without the common one.
        recipe: Every setting.
    """

    name: str
    reference: str
    recipe: Recipe

    @property
    def settings(self) -> dict[str, Any]:
        """All settings on which results depend, but for the seed, as plain data."""
        return settings_of(self.recipe)


def settings_of(recipe: Recipe) -> dict[str, Any]:
    """All settings on which results depend, but for the seed, as plain data."""
    found = recipe.model_dump(mode="json", exclude=PLACES)
    del found["seed"]
    return found


def load_methods(
    references: Sequence[str | Path],
    common: Common,
    constitution: Constitution,
) -> tuple[Method, ...]:
    """Reads the recipes of methods.

    Args:
        references: Of methods: `dpo` stands for `methods/dpo` where no other recipe has that name.
        common: What all are laid over and under.
        constitution: Says which language prompts are in.

    Raises:
        UserError: If one is wrong or cannot be named, two have one name, or they are measured by
            different settings.
    """
    if not references:
        raise UserError("name the recipes that are compared, such as spa dpo simpo")
    methods: dict[str, Method] = {}
    for reference in map(str, references):
        name = method_name(reference)
        if name.casefold() in methods:
            other = methods[name.casefold()].reference
            raise UserError(
                f"{other} and {reference} would both be called {name} in the comparison; name one "
                "of them only, or rename a file"
            )
        below = () if common.recipe is None else (str(common.recipe),)
        laid = JOIN.join((*below, *map(_full, reference.split(JOIN))))
        recipe = in_language(load_recipe(laid, common.overrides), constitution)
        _check_seeds(name, recipe)
        methods[name.casefold()] = Method(name, reference, recipe)
    found = tuple(methods.values())
    _check_shared(found)
    usual = load_recipe(common.recipe, common.overrides).judging
    return tuple(_examined_as(method, usual) for method in found)


def method_name(reference: str) -> str:
    """What a method is called in a comparison: the last part of its recipe's name.

    Args:
        reference: Such as `methods/dpo` or `../mine.yaml`.

    Raises:
        UserError: If that is no name for a folder.
    """
    last = Path(reference.rpartition(JOIN)[2]).name
    for suffix in _SUFFIXES:
        last = last.removesuffix(suffix)
    if not _NAME.fullmatch(last):
        raise UserError(
            f"the recipe {reference!r} would be called {last!r} in the comparison, which is no "
            "name for a folder; rename the file so that it begins with a letter or digit and has "
            "letters, digits, points, - and _ alone, 64 at most"
        )
    return last


def _full(reference: str) -> str:
    """A recipe's reference, of which the folder of the built-in methods may be left out."""
    known = builtin_recipes()
    within = f"{_FOLDER}/{reference}"
    is_other = reference in known or Path(reference).is_file()
    return within if within in known and not is_other else reference


def _examined_as(method: Method, usual: Judging) -> Method:
    """The method, examined by the same judges as all others.

    The examiners of a run are chosen by its teacher. A method that has a teacher of its own would
    have examiners of its own, too, with which the others cannot be compared.

    Args:
        method: The method.
        usual: The teacher of the common recipe.
    """
    recipe = method.recipe
    if recipe.examined_as is not None or recipe.judging == usual:
        return method
    return replace(method, recipe=recipe.model_copy(update={"examined_as": usual}))


def _check_seeds(name: str, recipe: Recipe) -> None:
    if recipe.seeds > 1:
        raise UserError(
            f"the recipe of {name} sets seeds to {recipe.seeds}, and in a comparison every seed is "
            "a run of its own; leave it out, and name the seeds with --seeds"
        )


def _check_shared(methods: Sequence[Method]) -> None:
    """Methods that set for themselves what all are measured by."""
    first = methods[0]
    for method in methods[1:]:
        for name in SHARED:
            if getattr(method.recipe, name) != getattr(first.recipe, name):
                raise UserError(
                    f"{first.name} and {method.name} have different settings of {name}, by which "
                    "all methods of a comparison are measured; leave it out of their recipes, and "
                    "set it in the common one (--recipe) or in the command"
                )
