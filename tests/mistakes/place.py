"""Where a mistake is made: a folder with a model, prompts, and whatever the mistake needs."""

import io
import json
import os
import shlex
import shutil
import sys
from collections.abc import Callable
from contextlib import ExitStack, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import huggingface_hub

from primum.cli.main import main
from primum.engines.scripted import ScriptedEngine
from primum.recipe.schema import EngineSettings
from primum.run.layout import MANIFEST
from tests.mistakes.server import refusing
from tests.run.scripted_align import scripted_engine
from tests.run.small_job import FAST, write_constitution

_SITUATIONS = ("at home", "at work", "at night", "as a student", "on a journey", "after a fall")
_QUESTIONS = (
    "How do I treat a small burn",
    "May I take ibuprofen with wine",
    "How much water should I drink",
    "Who pays for a broken window",
    "What helps against a sore throat",
    "How long may leftovers be kept",
    "May I sign for my mother",
    "When does a fever need a doctor",
    "What do I say to a friend who is sad",
    "How do I answer a letter from a lawyer",
)
PROMPTS = [f"{question} {situation}?" for situation in _SITUATIONS for question in _QUESTIONS]
SHOWN_SERVER = "http://127.0.0.1:8000"
"""What the page calls the server that refuses, whatever port it has."""


@dataclass
class Place:
    """The folder, which is the current one while the mistake is made.

    Attributes:
        folder: The folder itself.
        run: A finished run.
        model: The folder of a tiny model.
        stack: What is changed around the command, and put back behind it.
        hidden: Settings that the page does not show: they only make the command quick.
        server: The address of a server that refuses; empty where there is none.
    """

    folder: Path
    run: Path
    model: Path
    stack: ExitStack
    hidden: tuple[str, ...] = ()
    server: str = field(default="")

    def write(self, name: str, content: str | bytes) -> Path:
        """A file in the folder."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def write_rows(self, name: str, rows: list[Any]) -> Path:
        """A file of JSON lines in the folder."""
        return self.write(name, "\n".join(map(json.dumps, rows)))

    def copy_run(self, name: str = "runs/first", **changes: Any) -> Path:
        """A copy of the finished run, whose manifest may be changed."""
        copy = Path(shutil.copytree(self.run, self.folder / name))
        manifest = json.loads((copy / MANIFEST).read_text())
        (copy / MANIFEST).write_text(json.dumps(manifest | {"model": "./my-model"} | changes))
        return copy

    def unfinished_run(self) -> Path:
        """A copy of the run that lacks its last stage."""
        stages = json.loads((self.run / MANIFEST).read_text())["stages"]
        return self.copy_run(stages={key: stages[key] for key in stages if key != "report"})

    def copy_model(self, name: str, *left_out: str) -> Path:
        """A copy of the model's folder, without some files."""
        ignored = shutil.ignore_patterns(*left_out)
        return Path(shutil.copytree(self.model, self.folder / name, ignore=ignored))

    def answer_quickly(self) -> None:
        """A scripted engine answers in the model's place, few prompts, briefly."""

        def build(settings: EngineSettings, model: str) -> ScriptedEngine:
            return scripted_engine(model, Path(os.devnull))

        self.patch("primum.run.models.build_engine", build)
        self.write("prompts.txt", "\n".join(PROMPTS[:20]))
        # The built-in constitutions are long, and a run writes its own as YAML.
        own = write_constitution(self.folder / "own.yaml")
        self.hidden = ("--constitution", str(own), *FAST, "heldout=0.5")

    def patch(self, target: str, *new: Any, **words: Any) -> None:
        """Puts something else in a name's place until the command is over."""
        self.stack.enter_context(patch(target, *new, **words))

    def refuse(self) -> None:
        """Starts a server that refuses, and has the hub be there."""
        self.server = self.stack.enter_context(refusing())
        constants = huggingface_hub.constants
        template = self.server + "/{repo_id}/resolve/{revision}/{filename}"
        self.stack.enter_context(patch.object(constants, "ENDPOINT", self.server))
        self.stack.enter_context(patch.object(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template))
        self.stack.enter_context(patch.object(constants, "HF_HUB_OFFLINE", False))


@dataclass(frozen=True)
class Mistake:
    """What somebody does, told so that a reader knows their own case.

    Attributes:
        title: The mistake, as a heading.
        command: What is typed, as in a shell.
        prepare: Makes the files that the mistake needs.
        status: The exit status.
    """

    title: str
    command: str
    prepare: Callable[[Place], object] = lambda place: None
    status: int = 2


def answer(mistake: Mistake, folder: Path, run: Path, model: Path) -> tuple[int, str]:
    """Makes a mistake in a new folder, which has to be the current one.

    Returns:
        The exit status, and what was printed but for lines of progress; what went to stdout first.
    """
    with ExitStack() as stack:
        stack.enter_context(patch.dict(os.environ, {"PRIMUM_DEBUG": ""}))
        place = Place(folder, run, model, stack)
        (folder / "my-model").symlink_to(model)
        place.write("prompts.txt", "\n".join(PROMPTS))
        mistake.prepare(place)
        command = mistake.command.replace(SHOWN_SERVER, place.server or SHOWN_SERVER)
        words = shlex.split(command.replace("\\\n", ""))[1:]
        status, said = _typed([*words[:2], *place.hidden, *words[2:]])
    if place.server:
        said = said.replace(place.server, SHOWN_SERVER)
    said = said.replace(str(folder), "/home/ada")
    return status, "".join(line for line in said.splitlines(True) if " done in " not in line)


def _typed(words: list[str]) -> tuple[int, str]:
    said, shown = io.StringIO(), io.StringIO()
    with (
        patch.object(sys, "argv", ["primum", *words]),
        redirect_stderr(said),
        redirect_stdout(shown),
    ):
        try:
            main()
        except SystemExit as end:
            status = int(end.code or 0)
    return status, shown.getvalue() + said.getvalue()
