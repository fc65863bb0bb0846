"""Labels: contrasts, equal pairs and marked answers, as a judge sees them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from primum.audit.measures.pairs import LabelledPair
from primum.constitution import Constitution, Contrast, EqualPair, Exemplar
from primum.constitution.exemplars import Difference
from primum.judging import Item
from primum.judging.probe.labels import FOLDS
from primum.messages import Message, Messages
from primum.prompts.records import prompt_id

LabelShape = Literal["contrast", "equal pair", "marked answer"]


@dataclass(frozen=True, slots=True)
class Labelled:
    """One or two answers to a prompt, and what somebody says of them on one objective.

    Attributes:
        objective: Place of the objective in the constitution.
        prompt: The prompt's id.
        messages: The conversation.
        shape: What is said: one is better, both are equal, or whether a single one meets.
        answers: The better one first; of an equal pair the plain or the helping one first.
        marks: Whether each meets the threshold; None for not said.
        differ: What an equal pair differs in; None for not said.
        topic: None for not said.
        category: The kind of prompt; None for not said.
        cluster: Labels on an objective that share a topic or a prompt, also by way of others, have
            the same cluster: they are held out together and resampled together. Topics count where
            there are ten of them or more.
    """

    objective: int
    prompt: str
    messages: Messages
    shape: LabelShape
    answers: tuple[str, ...]
    marks: tuple[bool | None, ...]
    differ: Difference | None = None
    topic: str | None = None
    category: str | None = None
    cluster: str = ""

    @property
    def items(self) -> tuple[Item, ...]:
        """The answers as a judge sees them."""
        return tuple(Item(self.messages, answer) for answer in self.answers)

    @property
    def pair(self) -> LabelledPair:
        """A contrast as a pair with a better and a worse side."""
        better, worse = self.answers
        return LabelledPair(self.objective, self.prompt, self.messages, better, worse)


def exemplar_labels(constitution: Constitution) -> list[Labelled]:
    """The constitution's exemplars, by objective, in their order."""
    return in_clusters(
        _of_exemplar(at, exemplar)
        for at, objective in enumerate(constitution.objectives)
        for exemplar in objective.exemplars
    )


def _of_exemplar(objective: int, exemplar: Exemplar) -> Labelled:
    messages = (Message("user", exemplar.prompt),)
    shape: LabelShape
    differ: Difference | None = None
    answers: tuple[str, ...]
    marks: tuple[bool | None, ...]
    match exemplar:
        case Contrast():
            shape, answers = "contrast", (exemplar.better, exemplar.worse)
            marks = exemplar.better_meets, exemplar.worse_meets
        case EqualPair():
            shape, answers, differ = "equal pair", exemplar.equal, exemplar.differ
            marks = exemplar.meets, exemplar.meets
        case _:
            shape, answers, marks = "marked answer", (exemplar.answer,), (exemplar.meets,)
    return Labelled(
        objective=objective,
        prompt=prompt_id(messages),
        messages=messages,
        shape=shape,
        answers=answers,
        marks=marks,
        differ=differ,
        topic=exemplar.topic,
        category=exemplar.category,
    )


def in_clusters(labels: Iterable[Labelled]) -> list[Labelled]:
    """The labels with their clusters: the parts that topics and prompts join, by objective."""
    found = list(labels)
    root = list(range(len(found)))

    def top(at: int) -> int:
        while root[at] != at:
            root[at] = root[root[at]]
            at = root[at]
        return at

    topics = {(label.objective, label.topic) for label in found if label.topic}
    enough = {at for at, _ in topics if sum(objective == at for objective, _ in topics) >= FOLDS}
    known: dict[tuple[int, str, str], int] = {}
    for at, label in enumerate(found):
        topic = label.topic if label.objective in enough else None
        for kind, name in (("prompt", label.prompt), ("topic", topic)):
            if name is not None:
                root[top(at)] = top(known.setdefault((label.objective, kind, name), at))
    return [replace(label, cluster=str(top(at))) for at, label in enumerate(found)]
