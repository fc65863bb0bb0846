"""What all parts of a recipe have in common."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A part of a recipe: immutable, strict about unknown keys, and finite in every number."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
