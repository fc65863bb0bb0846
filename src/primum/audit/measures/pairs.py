"""Pairs of which somebody has said which side is better: exemplars, and the user's own labels."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from primum.constitution import Constitution
from primum.errors import UserError
from primum.judging import Item
from primum.messages import Message, Messages
from primum.prompts.files import file_rows
from primum.prompts.records import prompt_id
from primum.prompts.rows import Row, entry_of

EXEMPLARS, LABELLED = "exemplars", "labelled pairs"
"""Where pairs come from."""


@dataclass(frozen=True, slots=True)
class LabelledPair:
    """A prompt answered twice, one answer known to be better on one objective.

    Attributes:
        objective: Place of the objective in the constitution.
        cluster: The prompt's id; pairs of one prompt are not independent.
    """

    objective: int
    cluster: str
    messages: Messages
    better: str
    worse: str

    @property
    def items(self) -> tuple[Item, Item]:
        """Both sides as a judge sees them, the better one first."""
        return Item(self.messages, self.better), Item(self.messages, self.worse)


def exemplar_pairs(constitution: Constitution) -> list[LabelledPair]:
    """The constitution's exemplars, by objective, in their order."""
    return [
        LabelledPair(
            objective=at,
            cluster=prompt_id((Message("user", exemplar.prompt),)),
            messages=(Message("user", exemplar.prompt),),
            better=exemplar.better,
            worse=exemplar.worse,
        )
        for at, objective in enumerate(constitution.objectives)
        for exemplar in objective.contrasts
    ]


def read_pairs(path: Path, constitution: Constitution) -> list[LabelledPair]:
    """Reads labelled pairs.

    Args:
        path: A file such as prompts come in (JSONL, CSV, Parquet, …). A row has a `prompt` (text
            or chat messages), `better`, `worse`, and the `objective` it was labelled on.
        constitution: Has that objective.

    Raises:
        UserError: If a row is not so; the message names it.
    """
    places = {objective.name: at for at, objective in enumerate(constitution.objectives)}
    pairs = [_pair(row, places) for row in file_rows(path)]
    if not pairs:
        raise UserError(f"{path} holds no pairs")
    return pairs


def _pair(row: Row, places: dict[str, int]) -> LabelledPair:
    turns = entry_of(row).messages
    better, worse = _side(row, "better"), _side(row, "worse")
    if better.strip() == worse.strip():
        raise UserError(f"{row.place}: both sides of the pair are the same")
    objective = row.values.get("objective")
    if not isinstance(objective, str) or objective not in places:
        raise UserError(
            f"{row.place}: the objective is {objective!r}; it should be one of {', '.join(places)}"
        )
    return LabelledPair(
        objective=places[objective],
        cluster=prompt_id(turns),
        messages=turns,
        better=better,
        worse=worse,
    )


def _side(row: Row, key: str) -> str:
    value = row.values.get(key)
    if not isinstance(value, str) or not value.strip():
        raise UserError(f"{row.place}: {key} should be text that is not empty")
    return value


def of_objective(pairs: Sequence[LabelledPair], objective: int) -> list[int]:
    """Places of the pairs that were labelled on one objective."""
    return [at for at, pair in enumerate(pairs) if pair.objective == objective]
