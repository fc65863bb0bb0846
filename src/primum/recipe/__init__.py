"""The recipe: every setting of a run, from a built-in name, a file and overrides."""

from primum.recipe.loading import (
    builtin_recipes,
    dump_recipe,
    load_recipe,
    recipe_json_schema,
)
from primum.recipe.schema import Recipe

__all__ = [
    "Recipe",
    "builtin_recipes",
    "dump_recipe",
    "load_recipe",
    "recipe_json_schema",
]
