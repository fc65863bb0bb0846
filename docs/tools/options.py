"""Writes docs/options.md, every command with its options, from the commands themselves.

`python docs/tools/options.py` in the environment of primum.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from primum.cli.main import app

FILE = Path(__file__).resolve().parents[1] / "options.md"

_HEAD = """\
# Every command and its options

This page is made from the commands themselves (`python docs/tools/options.py`), as `--help` is.
[commands.md](commands.md) says which command is for what, and what an exit status means.
"""


def options_page() -> str:
    """The whole page."""
    return "\n".join([_HEAD, *_parts(typer.main.get_command(app), ["primum"])])


def _parts(command: Any, names: list[str]) -> Iterator[str]:
    """A command and those below it."""
    if hasattr(command, "commands"):
        for name, below in sorted(command.commands.items()):
            yield from _parts(below, [*names, name])
        return
    yield f"## {' '.join(names)}\n"
    yield " ".join((command.help or "").split()) + "\n"
    example = (command.epilog or "").removeprefix("Example: ")
    if example:
        yield f"```sh\n{example}\n```\n"
    rows = [row for one in command.params if (row := _row(one))]
    if rows:
        yield "\n".join(["| | | Default |", "|---|---|---|", *rows]) + "\n"


def _row(parameter: Any) -> str | None:
    """An argument or option with its meaning and default; None for what every command has."""
    if parameter.name == "help" or getattr(parameter, "hidden", False):
        return None
    if parameter.param_type_name == "option":
        names = ", ".join(f"`{name}`" for name in parameter.opts)
    else:
        names = f"`{(parameter.metavar or parameter.name.upper()).strip('[]')}`"
    default = "required" if parameter.required else _shown(parameter.default)
    cells = (names, " ".join((parameter.help or "").split()), default)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _shown(default: Any) -> str:
    if default in (None, False, (), []) or callable(default):
        return ""
    return f"`{default}`"


if __name__ == "__main__":
    FILE.write_text(options_page(), encoding="utf-8")
