"""The finished run and the tiny model that mistakes are made with."""

from pathlib import Path

import primum
from tests.run.scripted_align import scripted_engine
from tests.run.small_job import FAST, PROMPTS, write_constitution
from tests.tiny import save_tiny


def made(folder: Path) -> tuple[Path, Path]:
    """Makes both; gives the run's directory and the model's."""
    model = save_tiny(folder / "model")
    primum.align(
        PROMPTS,
        model=str(model),
        constitution=write_constitution(folder / "kind-useful.yaml"),
        out=folder / "run",
        overrides=(*FAST, "judging.kind=rating-expected"),
        engine=lambda name: scripted_engine(name, folder / "log"),
    )
    return folder / "run", model
