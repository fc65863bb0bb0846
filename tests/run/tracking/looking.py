"""A whole run that is cut short in its training, started again, and looked at."""

import primum
from primum.progress import Silent
from tests.run.small_job import FAST, PROMPTS, write_constitution
from tests.tiny import save_tiny


class CutShort(Exception):
    """Somebody pulled the plug."""


class Cutting(Silent):
    """Pulls it after so many training steps."""

    def __init__(self, steps):
        self.steps = steps

    def step(self, done, total, metrics):
        if done > self.steps:
            raise CutShort


def start(folder, *trackers, progress=None, settings=()):
    """Starts the run in a folder, or goes on with it."""
    model, goals = folder / "tiny", folder / "kind-useful.yaml"
    if not model.exists():
        save_tiny(model)
        write_constitution(goals)
    return primum.align(
        PROMPTS,
        model=str(model),
        constitution=goals,
        out=folder / "run",
        progress=progress,
        overrides=(
            *FAST,
            "training.prompts_per_step=2",
            "training.checkpoint_steps=2",
            f"tracking.report_to=[{', '.join(trackers)}]",
            *settings,
        ),
    )


def cut_and_resumed(folder, *trackers, settings=()):
    """Cuts a run of four training steps after the third, and starts it again."""
    try:
        start(folder, *trackers, progress=Cutting(3), settings=settings)
    except CutShort:
        return start(folder, *trackers, settings=settings)
    raise AssertionError("the run was not cut short")
