"""Responses of the model, one by one and with their scores."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Literal

import pyarrow as pa

from primum.engines.base import Finish
from primum.store.schemas import RESPONSES


@dataclass(frozen=True, slots=True)
class Response:
    """A candidate y_i or a refinement ỹ, with what made it.

    Attributes:
        response_id: `PROMPT-c0`, `PROMPT-c1`, … for candidates, `PROMPT-r0`, … for refinements.
        prompt_id: The prompt it answers.
        kind: y_i or ỹ.
        index: Its place among the prompt's responses of this kind, from 0.
        system_prompt: The system prompt it was drawn under; empty for the model's own.
        text: The answer alone, without white space around it.
        tokens: Tokens written, a thought before the answer included.
        finish: Whether it ended by itself, or at the longest length allowed.
        seed: What its sampling started from.
        thought: What was thought before the answer; None where nothing was.
        missing: Why there is no answer; None where there is one.
    """

    response_id: str
    prompt_id: str
    kind: Literal["candidate", "refinement"]
    index: int
    system_prompt: str
    text: str
    tokens: int
    finish: Finish
    seed: int
    thought: str | None = None
    missing: str | None = None


@dataclass(frozen=True)
class Synthesis:
    """The scored responses of a round.

    Attributes:
        responses: Candidates and refinements (see `store.schemas.RESPONSES`).
        scores: A row per response and objective (see `store.schemas.SCORES`).
    """

    responses: pa.Table
    scores: pa.Table


def responses_table(responses: Iterable[Response]) -> pa.Table:
    """The responses as the run's `responses` table."""
    return pa.Table.from_pylist([asdict(response) for response in responses], schema=RESPONSES)
