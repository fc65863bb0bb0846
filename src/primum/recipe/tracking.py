"""The section of the recipe about experiment trackers."""

from typing import Any, Literal

from pydantic import Field, field_validator

from primum.recipe.section import Section

TrackerName = Literal["tensorboard", "wandb", "trackio"]
"""As Transformers calls them (`report_to`)."""


class Tracking(Section):
    """Where a run's curves, stages and verdict are shown beside other runs (docs/tracking.md).

    Changes no result: nothing is run again where these settings change.
    """

    report_to: tuple[TrackerName, ...] = Field(
        (),
        description="Trackers that get the recipe, every stage, the training curve and the gate "
        "as one tracked run.",
    )
    project: str | None = Field(
        None,
        min_length=1,
        description="wandb, trackio: the project; null: WANDB_PROJECT or TRACKIO_PROJECT, or else "
        "primum.",
    )
    upload_report: bool = Field(
        False,
        description="wandb: whether report.html goes there too, with prompts and answers in it.",
    )

    @field_validator("report_to", mode="before")
    @classmethod
    def _one_or_none(cls, value: Any) -> Any:
        """Takes one name for a list of it, and `none` for no tracker, as Transformers does."""
        if value is None or value == "none":
            return ()
        return (value,) if isinstance(value, str) else value
