"""Writes the files of a new domain, and says what comes next."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from primum.constitution import constitution_file, load_constitution
from primum.errors import UserError
from primum.machine import disk_errors
from primum.recipe import load_recipe
from primum.setup.init.answers import DomainAnswers
from primum.setup.init.base import base_of, library_objectives
from primum.setup.init.texts import constitution_text, prompts_text, recipe_text

RECIPE = "recipe.yaml"
CONSTITUTION = "constitution.yaml"
PROMPTS = "prompts.jsonl"


@dataclass(frozen=True)
class NewDomain:
    """What was written.

    Attributes:
        folder: Where.
        answers: What the user said.
        base: The built-in recipe that the recipe is made of.
        prompts: How many example prompts there are.
        exemplars: How many exemplars were copied.
    """

    folder: Path
    answers: DomainAnswers
    base: str
    prompts: int
    exemplars: int

    @property
    def commands(self) -> tuple[str, str]:
        """What to run next: the audit, then the run; words of a shell."""
        shared = (
            "--model",
            self.answers.model,
            "--constitution",
            str(self.folder / CONSTITUTION),
            "--recipe",
            str(self.folder / RECIPE),
            "--out",
        )
        audit = ("primum", "audit", *shared, str(self.folder / "audit"))
        align = ("primum", "align", str(self.folder / PROMPTS), *shared, str(self.folder / "run"))
        return shlex.join(audit), shlex.join(align)


def check_new(folder: Path, names: Sequence[str] = (RECIPE, CONSTITUTION, PROMPTS)) -> None:
    """Makes sure that nothing would be overwritten.

    Args:
        folder: Absent or there.
        names: Files that are to be written into it.

    Raises:
        UserError: If one of them is there, or the folder is a file.
    """
    if folder.exists() and not folder.is_dir():
        raise UserError(f"{folder} is a file; name a folder for the new domain")
    # Links that lead nowhere count: what is written would land elsewhere.
    there = [name for name in names if (folder / name).exists() or (folder / name).is_symlink()]
    if there:
        raise UserError(
            f"{folder / there[0]} is there already, and nothing is overwritten; name another "
            "folder, such as primum init my-domain"
        )


def write_domain(folder: Path, answers: DomainAnswers) -> NewDomain:
    """Writes recipe, constitution, exemplars and prompts into a folder; overwrites nothing.

    Args:
        folder: Absent or there; it may hold other files.
        answers: What the user said.

    Raises:
        UserError: If one of the files is there already, or the folder is a file.
    """
    objectives = library_objectives(base_of(answers.domain), answers.order)
    recipe, base = recipe_text(answers)
    prompts = prompts_text(answers.domain)
    files = {PROMPTS: prompts, RECIPE: recipe}
    for one in objectives:
        library = constitution_file(one.constitution).parent
        for name in _exemplar_files(one.text):
            files[name] = (library / name).read_text(encoding="utf-8")
    # Last, so that a constitution that is there has all its exemplars.
    files[CONSTITUTION] = constitution_text(answers, objectives)
    check_new(folder, tuple(files))
    for name, text in files.items():
        _write_new(folder / name, text)
    load_recipe(folder / RECIPE)
    constitution = load_constitution(folder / CONSTITUTION)
    exemplars = sum(len(objective.exemplars) for objective in constitution.objectives)
    return NewDomain(folder, answers, base, len(prompts.splitlines()), exemplars)


def _exemplar_files(text: str) -> list[str]:
    """The exemplar files that an objective of the library names."""
    words = (line.strip().removeprefix("- ") for line in text.splitlines())
    return [word for word in words if word.startswith("exemplars/")]


def _write_new(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with disk_errors(path), path.open("x", encoding="utf-8", newline="\n") as file:
        file.write(text)
