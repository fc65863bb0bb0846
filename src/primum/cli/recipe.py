"""`primum recipe`: look at recipes and their schema."""

import json
from typing import Annotated

import typer

app = typer.Typer(help="Look at recipes.", no_args_is_help=True)


@app.command()
def show(
    recipe: Annotated[str, typer.Argument(help="Built-in name or file.")],
    settings: Annotated[list[str] | None, typer.Argument(help="Dotted overrides.")] = None,
) -> None:
    """Print a recipe with every setting resolved."""
    from primum.recipe import dump_recipe, load_recipe

    typer.echo(dump_recipe(load_recipe(recipe, settings or ())), nl=False)


@app.command()
def schema() -> None:
    """Print the JSON schema of recipes, for editors."""
    from primum.recipe import recipe_json_schema

    typer.echo(json.dumps(recipe_json_schema(), indent=2))
