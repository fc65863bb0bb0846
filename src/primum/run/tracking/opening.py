"""The trackers that there are, and whether they can be opened."""

from collections.abc import Callable, Mapping
from importlib.util import find_spec

from primum.engines.extras import how_to_install
from primum.errors import UserError
from primum.recipe.tracking import TrackerName, Tracking
from primum.run.tracking.tensorboard import open_tensorboard
from primum.run.tracking.tracker import TrackedRun, Tracker
from primum.run.tracking.trackio import open_trackio
from primum.run.tracking.wandb import open_wandb

OPEN: Mapping[TrackerName, Callable[[TrackedRun], Tracker]] = {
    "tensorboard": open_tensorboard,
    "wandb": open_wandb,
    "trackio": open_trackio,
}

EXTRAS: Mapping[TrackerName, str] = {
    "tensorboard": "tracking",
    "wandb": "wandb",
    "trackio": "trackio",
}
"""What installs each."""


def check_trackers(settings: Tracking) -> None:
    """Checks that every tracker that a recipe names is installed; imports none.

    Raises:
        UserError: If one is not.
    """
    for name in settings.report_to:
        spec = find_spec(name)
        # W&B leaves a folder `wandb` wherever it ran, which Python takes for an empty package.
        if spec is None or spec.origin is None:
            raise UserError(
                f"tracking.report_to names {name}, which is not installed; "
                f"{how_to_install(EXTRAS[name])}, or leave it out"
            )
    if settings.upload_report and "wandb" not in settings.report_to:
        raise UserError(
            "tracking.upload_report is true, and only wandb takes a report; add it to "
            "tracking.report_to, or set tracking.upload_report=false"
        )
