"""The record of one response of the model to one prompt."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Literal

import pyarrow as pa

from primum.store.schemas import RESPONSES


@dataclass(frozen=True, slots=True)
class Response:
    """A candidate y_i or a refinement ỹ, with what made it.

    Attributes:
        response_id: `PROMPT-c0`, `PROMPT-c1`, … for candidates, `PROMPT-r0`, … for refinements.
        system_prompt: The system prompt it was drawn under; empty for the model's own.
        tokens: Length of the text in tokens.
        finish: Whether it ended by itself, or at the longest length allowed.
    """

    response_id: str
    prompt_id: str
    kind: Literal["candidate", "refinement"]
    index: int
    system_prompt: str
    text: str
    tokens: int
    finish: Literal["stop", "length"]
    seed: int


def responses_table(responses: Iterable[Response]) -> pa.Table:
    """The responses as the run's `responses` table."""
    return pa.Table.from_pylist([asdict(response) for response in responses], schema=RESPONSES)
