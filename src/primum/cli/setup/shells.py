"""`primum --show-completion SHELL` and `--install-completion SHELL`.

Typer's own options guess the shell. Where they cannot, in a container or under a job's scheduler,
they end with status 1, which is the gate's word "fail"; and a shell that is named is not heard.
"""

from enum import StrEnum
from typing import Annotated

import typer
from typer._completion_classes import completion_init
from typer._completion_shared import get_completion_script, install

PROGRAM = "primum"
"""The command's name, also where Python runs the module: shells ask by it what completes a line."""

_VARIABLE = f"_{PROGRAM.upper()}_COMPLETE"


class Shell(StrEnum):
    """Shells whose lines can be completed."""

    bash = "bash"
    zsh = "zsh"
    fish = "fish"


def answer_shells() -> None:
    """Lets the command answer a shell that asks what completes a line."""
    completion_init()


def _show(shell: Shell | None) -> None:
    if shell is not None:
        typer.echo(_script(shell))
        raise typer.Exit


def _install(shell: Shell | None) -> None:
    if shell is not None:
        _, file = install(shell=shell.value, prog_name=PROGRAM, complete_var=_VARIABLE)
        if shell is Shell.bash:
            file.write_text(f"{_script(shell)}\n")
        typer.echo(f"Written: {file}. Completion begins with the next {shell} that you start.")
        raise typer.Exit


def _script(shell: Shell) -> str:
    """The script of a shell; in bash no space follows a folder or a setting that goes on."""
    script = get_completion_script(prog_name=PROGRAM, complete_var=_VARIABLE, shell=shell.value)
    goes_on = "    [[ ${COMPREPLY[0]} == *[/=] ]] && compopt -o nospace\n    return 0"
    return script.replace("    return 0", goes_on)


Show = Annotated[
    Shell | None,
    typer.Option(
        "--show-completion",
        callback=_show,
        is_eager=True,
        help="Print the script with which this shell completes commands, and exit.",
    ),
]
Install = Annotated[
    Shell | None,
    typer.Option(
        "--install-completion",
        callback=_install,
        is_eager=True,
        help="Write that script where this shell finds it, and exit.",
    ),
]
