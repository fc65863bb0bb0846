"""How many exemplars of which shape an objective has, by kind of prompt."""

from collections.abc import Iterable
from dataclasses import dataclass

from primum.constitution.exemplars import (
    CATEGORIES,
    Category,
    Contrast,
    EqualPair,
    Exemplar,
    MarkedAnswer,
    marked_answers,
)
from primum.constitution.schema import Objective


@dataclass(frozen=True, slots=True)
class ExemplarCount:
    """Numbers of exemplars.

    Attributes:
        contrasts: Contrasts.
        equal_pairs: Equal pairs.
        marked_answers: Answers that are marked alone, not as a side of a pair.
        meets: Answers marked as meeting the threshold, sides of pairs among them.
        fails: Answers marked as not meeting it, sides of pairs among them.
    """

    contrasts: int
    equal_pairs: int
    marked_answers: int
    meets: int
    fails: int


def count_exemplars(exemplars: Iterable[Exemplar]) -> ExemplarCount:
    """Counts exemplars of any shape."""
    counted = tuple(exemplars)
    contrasts, equal, alone = (
        sum(isinstance(one, shape) for one in counted)
        for shape in (Contrast, EqualPair, MarkedAnswer)
    )
    marks = [one.meets for one in marked_answers(counted)]
    return ExemplarCount(contrasts, equal, alone, sum(marks), len(marks) - sum(marks))


def count_by_category(objective: Objective) -> dict[Category | None, ExemplarCount]:
    """The counts of those categories that the objective has, in their order; None for none."""
    by = {
        category: [one for one in objective.exemplars if one.category == category]
        for category in (*CATEGORIES, None)
    }
    return {category: count_exemplars(there) for category, there in by.items() if there}
