"""The section of the recipe about objectives that are trained apart."""

from typing import Annotated, Literal

from pydantic import Field

from primum.recipe.section import Section


class Combination(Section):
    """How several objectives come into one model (docs/methods.md)."""

    kind: Literal["together", "sequence", "soup"] = Field(
        "together",
        description="One training on all pairs; one training after another, each on the pairs of "
        "one objective (SACPO, arXiv 2404.11049); or a model for each objective, merged afterwards "
        "(Reward Soups, arXiv 2306.04488). The latter two need pairing.rule=apart.",
    )
    weights: tuple[Annotated[float, Field(ge=0)], ...] = Field(
        (),
        description="soup: how much each objective's model counts, in order of priority; those "
        "left out count nothing.",
    )
    last_first: bool = Field(
        False, description="sequence: begin with the last objective, and end with the first."
    )
