"""Responses of the model, one by one and with their scores."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Literal

import pyarrow as pa

from primum.engines.base import Completion, Finish
from primum.judging import Item
from primum.messages import Messages
from primum.store.schemas import RESPONSES, SCORES


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

    @property
    def is_cut(self) -> bool:
        """Whether it was cut at the longest length allowed."""
        return self.finish == "length"

    def item(self, messages: Messages) -> Item:
        """What a judge gets: the answer alone, in answer to the prompt's turns."""
        return Item(messages, self.text, cut=self.is_cut)


def response_of(
    completion: Completion,
    prompt_id: str,
    kind: Literal["candidate", "refinement"],
    index: int,
    seed: int,
    system_prompt: str = "",
) -> Response:
    """What the model wrote, as a response to a prompt.

    Args:
        completion: What it wrote.
        prompt_id: The prompt.
        kind: y_i or ỹ.
        index: Its place among the prompt's responses of this kind, from 0.
        seed: What its sampling started from.
        system_prompt: The system prompt it was drawn under; empty for the model's own.
    """
    return Response(
        response_id=f"{prompt_id}-{kind[0]}{index}",
        prompt_id=prompt_id,
        kind=kind,
        index=index,
        system_prompt=system_prompt,
        text=completion.text.strip(),
        tokens=completion.tokens,
        finish=completion.finish,
        seed=seed,
        thought=completion.thought,
        missing=completion.missing,
    )


@dataclass(frozen=True)
class Synthesis:
    """The scored responses of a round, or of some of its prompts.

    Attributes:
        responses: Candidates and refinements (see `store.schemas.RESPONSES`).
        scores: A row per response and objective (see `store.schemas.SCORES`).
    """

    responses: pa.Table
    scores: pa.Table

    @property
    def prompt_ids(self) -> list[str]:
        """The prompts, in the order of their first responses."""
        return list(dict.fromkeys(self.responses.column("prompt_id").to_pylist()))


@dataclass(frozen=True)
class Syntheses:
    """The scored responses of a round, some prompts at a time.

    It can be iterated over more than once. The parts of both tables belong together in pairs: the
    first part of one holds the same responses as the first part of the other.

    Attributes:
        responses: The parts of the run's `responses`.
        scores: The parts of the run's `scores`.
    """

    responses: Iterable[pa.Table]
    scores: Iterable[pa.Table]

    def __iter__(self) -> Iterator[Synthesis]:
        for responses, scores in zip(self.responses, self.scores, strict=True):
            yield Synthesis(responses, scores)


def joined(parts: Iterable[Synthesis]) -> Synthesis:
    """All parts as one; for few prompts, since all of it is in memory."""
    found = list(parts)
    return Synthesis(
        pa.concat_tables([RESPONSES.empty_table(), *(part.responses for part in found)]),
        pa.concat_tables([SCORES.empty_table(), *(part.scores for part in found)]),
    )


def responses_table(responses: Sequence[Response]) -> pa.Table:
    """The responses as the run's `responses` table."""
    columns = {
        field.name: [getattr(response, field.name) for response in responses]
        for field in fields(Response)
    }
    return pa.table({name: columns[name] for name in RESPONSES.names}, schema=RESPONSES)


def read_responses(table: pa.Table) -> dict[str, Response]:
    """The responses of a `responses` table, by response id."""
    return {row["response_id"]: Response(**row) for row in table.to_pylist()}
