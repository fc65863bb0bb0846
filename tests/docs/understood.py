"""Whether a `primum` command is one: its options, settings and names, as the command reads them."""

from pathlib import Path

import typer

from primum.cli.main import app
from primum.compare.runs.methods import Common, load_methods
from primum.constitution import load_constitution
from primum.errors import UserError
from primum.prompts import DATASETS
from primum.recipe import load_recipe

OPEN = ("seed", "mt-bench", *DATASETS)
"""Prompts that are no file."""
PLACEHOLDERS = ("MODEL", "OTHER_MODEL", "RUN", "DIR", "NEW")
PLACES = ("openai:", "bundled:", "hub:")
MADE = ("runs/", "results/", "exports/", "proofs/", "audits/", "sheets/", "marks/")
"""Folders that commands of the pages write."""


def understood(words: list[str]) -> list[str]:
    """Reads the words of a command after `primum`, in the folder where its files are.

    Returns:
        The words that named the command, such as `["recipe", "show"]`.

    Raises:
        UserError: If a recipe, a setting or a constitution is wrong, or a file is not there.
    """
    command, names = typer.main.get_command(app), []
    while hasattr(command, "commands") and words and words[0] in command.commands:
        command = command.commands[words[0]]
        names.append(words[0])
        words = words[1:]
    if hasattr(command, "commands"):
        # Of the program itself: --version, --help, completion.
        assert words, "a group of commands, and none of them is named"
        own = ("--version", "--help", "--install-completion", "--show-completion")
        assert words[0] in own, words
        assert set(words[1:]) <= {"bash", "zsh", "fish"}, words
        return names
    if words == ["--help"]:
        return names
    given = command.make_context(names[-1], list(words)).params
    _check_constitution(given)
    _check_recipe(given)
    if names != ["init"]:  # It reads no file; its --first is an objective.
        _check_files(given)
    return names


def _check_constitution(given: dict) -> None:
    if given.get("constitution"):
        load_constitution(given["constitution"])


def _check_recipe(given: dict) -> None:
    settings = tuple(given.get("settings") or ())
    if "recipes" in given:
        named = [word for word in given["recipes"] if "=" not in word]
        laid = tuple(word for word in given["recipes"] if "=" in word)
        constitution = load_constitution(given["constitution"])
        load_methods(named, Common(recipe=given["recipe"], overrides=laid), constitution)
    elif given.get("recipe") or settings:
        load_recipe(given.get("recipe"), settings)


def _check_files(given: dict) -> None:
    """What a command reads is a name that is known, or a file of the folder."""
    models = [given.get("model"), given.get("second"), *(given.get("models") or ())]
    read = [given.get(key) for key in ("prompts", "run", "first", "pairs", "file")]
    read += [*(given.get("labels") or ()), *(given.get("sheets") or ())]
    for name in map(str, filter(None, [*models, *read])):
        if "=" in name:
            # A setting, which the command tells from a file itself.
            load_recipe(None, [name])
            continue
        is_known = name in (*OPEN, *PLACEHOLDERS) or name.startswith((*PLACES, *MADE))
        is_hub = name in map(str, filter(None, models)) and _is_hub_name(name)
        if not (is_known or is_hub or _is_built_in(name) or Path(name).exists()):
            raise UserError(f"{name} is no file of the tests' folder; see tests/docs/workshop.py")


def _is_hub_name(name: str) -> bool:
    parts = name.split("/")
    return len(parts) == 2 and all(parts) and not name.startswith(".")


def _is_built_in(name: str) -> bool:
    try:
        load_constitution(name)
    except UserError:
        return False
    return True
