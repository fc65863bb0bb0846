"""The section of the recipe about objectives that are trained apart."""

import math
from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field

from primum.errors import UserError
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


def soup_shares(weights: Sequence[float], models: int) -> tuple[float, ...]:
    """How much each model of a soup counts, adding up to 1; those without a weight count nothing.

    Args:
        weights: As the recipe names them, in order of priority.
        models: How many there are: one for each objective.

    Raises:
        UserError: If there are more weights than models, one is no number from 0 up, or none is
            above 0.
    """
    if len(weights) > models:
        raise UserError(
            f"combination.weights holds {len(weights)} numbers, but there are {models} objectives; "
            "leave those beyond the last objective out"
        )
    total = math.fsum(weights)
    if not math.isfinite(total) or any(weight < 0 for weight in weights):
        raise UserError("combination.weights takes numbers from 0 up, such as [6, 4]")
    if total <= 0:
        raise UserError(
            "combination.weights gives no objective's model a weight above 0, so that a soup would "
            "hold nothing; name one for each objective, such as [6, 4]"
        )
    return tuple(weight / total for weight in (*weights, *[0.0] * (models - len(weights))))
