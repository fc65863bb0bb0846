"""A finished run, made once, by a scripted engine in the model's place; training is real."""

from dataclasses import dataclass
from pathlib import Path

import pytest

import primum
from tests.run.scripted_align import scripted_engine
from tests.run.small_job import FAST, PROMPTS, write_constitution

SETTINGS = (*FAST, "judging.kind=rating-expected")


@dataclass(frozen=True)
class Finished:
    """A run that has come to its end.

    Attributes:
        path: Its directory.
        model: The model that it started from.
        constitution: The file of its constitution.
    """

    path: Path
    model: str
    constitution: Path


@pytest.fixture(scope="session")
def finished(tiny_folder, tmp_path_factory):
    folder = tmp_path_factory.mktemp("finished")
    constitution = write_constitution(folder / "kind-useful.yaml")
    primum.align(
        PROMPTS,
        model=str(tiny_folder),
        constitution=constitution,
        out=folder / "run",
        overrides=SETTINGS,
        engine=lambda model: scripted_engine(model, folder / "log"),
    )
    return Finished(folder / "run", str(tiny_folder), constitution)
