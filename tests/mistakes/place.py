"""Where a mistake is made: a folder with a model, prompts, a constitution and a finished run."""

import io
import os
import shlex
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

import huggingface_hub

from primum.cli.main import main
from primum.engines.scripted import ScriptedEngine
from primum.recipe.schema import EngineSettings
from tests.mistakes.server import refusing
from tests.run.scripted_align import scripted_engine
from tests.run.small_job import FAST


@dataclass(frozen=True)
class Place:
    """The folder, which is the current one while the mistake is made.

    Attributes:
        folder: The folder itself.
        run: A finished run.
        model: The folder of a tiny model.
    """

    folder: Path
    run: Path
    model: Path

    def write(self, name: str, content: str | bytes) -> Path:
        """A file in the folder."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def copy_run(self, name: str = "runs/first") -> Path:
        """A copy of the finished run."""
        return Path(shutil.copytree(self.run, self.folder / name))

    def copy_model(self, name: str, *left_out: str) -> Path:
        """A copy of the model's folder, without some files."""
        ignored = shutil.ignore_patterns(*left_out)
        return Path(shutil.copytree(self.model, self.folder / name, ignore=ignored))


@dataclass(frozen=True)
class Mistake:
    """What somebody does, told so that a reader knows their own case.

    Attributes:
        title: The mistake, as a heading.
        command: What is typed, as in a shell.
        prepare: Makes the files that the mistake needs.
        told: What a reader has to know of these files; may be empty.
        status: The exit status.
        environment: Variables set beside the command.
        scripted: Whether a scripted engine answers in the model's place.
        hub: Whether there is a network, with a hub that refuses.
    """

    title: str
    command: str
    prepare: Callable[[Place], object] = lambda place: None
    told: str = ""
    status: int = 2
    environment: dict[str, str] = field(default_factory=dict)
    scripted: bool = False
    hub: bool = False


_SITUATIONS = (
    "at home", "at work", "in the evening", "as a student", "after an accident", "on a journey",
)
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


def answer(mistake: Mistake, place: Place) -> tuple[int, str]:
    """Makes a mistake.

    Returns:
        The exit status, and what was printed: stderr, and above it what went to stdout.
    """
    (place.folder / "my-model").symlink_to(place.model)
    place.write("prompts.txt", "\n".join(PROMPTS))
    mistake.prepare(place)
    with patch.dict(os.environ, {"PRIMUM_DEBUG": "", **mistake.environment}), _engine(mistake), _hub(mistake):
        return _typed(mistake.command)


def _typed(command: str) -> tuple[int, str]:
    said, shown = io.StringIO(), io.StringIO()
    _, *words = shlex.split(command.replace("\\\n", " "))
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


def _engine(mistake: Mistake) -> AbstractContextManager[object]:
    def build(settings: EngineSettings, model: str) -> ScriptedEngine:
        return scripted_engine(model, Path(os.devnull))

    return patch("primum.run.models.build_engine", build) if mistake.scripted else nullcontext()


@contextmanager
def _hub(mistake: Mistake) -> Iterator[None]:
    if not mistake.hub:
        yield
        return
    with (
        refusing() as address,
        patch.object(huggingface_hub.constants, "ENDPOINT", address),
        patch.object(
            huggingface_hub.constants,
            "HUGGINGFACE_CO_URL_TEMPLATE",
            address + "/{repo_id}/resolve/{revision}/{filename}",
        ),
        patch.object(huggingface_hub.constants, "HF_HUB_OFFLINE", False),
    ):
        yield


QUICK = " ".join(setting for setting in FAST if "{" not in setting)
"""Settings that the page does not show: they only make the test quick."""
