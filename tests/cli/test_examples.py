import shlex

import pytest
import typer

from primum.cli.main import app


def leaves(group, *names):
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from leaves(command, *names, name)
        else:
            yield pytest.param(command, [*names, name], id=" ".join([*names, name]))


@pytest.mark.parametrize(("command", "names"), list(leaves(typer.main.get_command(app))))
def test_every_command_shows_an_example_that_it_takes(command, names):
    begin = f"Example: primum {' '.join(names)}"
    assert command.epilog.startswith(begin)
    words = shlex.split(command.epilog.removeprefix(begin).partition(">")[0])
    read = command.make_context(names[-1], words)
    settings = read.params.get("settings") or []
    assert all("=" in setting for setting in settings)
