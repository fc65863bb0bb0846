"""`primum init`: the files of a new domain, after three questions."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from primum.errors import UserError


def init(
    folder: Annotated[
        Path, typer.Argument(help="Where the files go; the current folder.", metavar="[FOLDER]")
    ] = Path("."),
    domain: Annotated[
        str | None, typer.Option("--domain", help="What the model is for, in one line.")
    ] = None,
    first: Annotated[
        str | None,
        typer.Option(
            "--first",
            help="What comes before help: harmless or honest; or a whole order, such as "
            "harmless,honest,helpful.",
        ),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option("--model", "-m", help="bundled:smollm2-135m, a model folder, or a hub name."),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Ask nothing; take the defaults for what is not said.")
    ] = False,
) -> None:
    """Write a recipe, a constitution and example prompts for a new domain.

    Asks what is not said: the domain, which objective comes first, and the
    model. Nothing is overwritten.
    """
    from primum.setup.init import answers, ask_answers, check_new, parse_answers, write_domain
    from primum.setup.init.views import written_summary

    check_new(folder)
    if yes:
        given = parse_answers(
            answers.DEFAULT_DOMAIN if domain is None else domain,
            answers.DEFAULT_FIRST if first is None else first,
            answers.DEFAULT_MODEL if model is None else model,
        )
    else:
        _check_terminal({"--domain": domain, "--first": first, "--model": model})
        given = ask_answers(domain, first, model, input)
    typer.echo(written_summary(write_domain(folder, given)))


def _check_terminal(said: dict[str, str | None]) -> None:
    """Refuses to ask where nobody is there to answer."""
    missing = [option for option, value in said.items() if value is None]
    if missing and not sys.stdin.isatty():
        raise UserError(
            f"there is no terminal to ask in; say {', '.join(missing)}, or --yes for the defaults"
        )
