"""Pairs of which somebody has said which side is better."""

from dataclasses import dataclass

from primum.judging import Item
from primum.messages import Messages

EXEMPLARS, LABELLED = "exemplars", "labelled pairs"
"""Where pairs, and other labels, come from."""


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
