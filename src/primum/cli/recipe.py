"""`primum recipe`: look at a recipe, or at what a recipe may hold."""

import json
from typing import Annotated

import typer

app = typer.Typer(help="Look at a recipe, or at what a recipe may hold.", no_args_is_help=True)


@app.command(epilog="Example: primum recipe show paper training.loss=simpo")
def show(
    recipe: Annotated[str, typer.Argument(help="A built-in name or a YAML file.")],
    settings: Annotated[
        list[str] | None,
        typer.Argument(
            help="Settings that go over the recipe's, such as training.learning_rate=1e-5."
        ),
    ] = None,
) -> None:
    """Print every setting of a recipe, the defaults included."""
    from primum.recipe import dump_recipe, load_recipe

    typer.echo(dump_recipe(load_recipe(recipe, settings or ())), nl=False)


@app.command(epilog="Example: primum recipe schema > recipe.schema.json")
def schema() -> None:
    """Print the JSON schema of recipes, which editors check files by."""
    from primum.recipe import recipe_json_schema

    typer.echo(json.dumps(recipe_json_schema(), indent=2))
