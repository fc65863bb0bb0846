"""Marks that the prompt gives away: those of answers marked by themselves."""

from collections import Counter
from collections.abc import Iterator

from primum.constitution.checking.amounts import ENOUGH_MARKS
from primum.constitution.checking.findings import Finding
from primum.constitution.schema import Objective

FEWEST_JUDGED = 8
"""Marks of a category from which on their balance is looked at: a choice."""
MOST_OF_ONE_KIND = 0.85
"""Share of a category's marks that may be of one kind: a choice.

In a category beyond it a judge can do without reading the answer."""
MOST_OF_ONE_TOPIC = 0.1
"""Share of all marks that may be on one topic: a choice; a tenth is a fold of the
cross-validation, which holds topics out together."""


def balance(objective: Objective) -> Iterator[Finding]:
    """Categories whose marks are nearly all of one kind, and topics with too many marks."""
    yield from _categories(objective)
    yield from _topics(objective)


def _categories(objective: Objective) -> Iterator[Finding]:
    marks = Counter(
        (one.category, one.meets) for one in objective.marked_alone if one.category is not None
    )
    for category in dict.fromkeys(category for category, _ in marks):
        meets, fails = marks[category, True], marks[category, False]
        most, count = max(meets, fails), meets + fails
        if count >= FEWEST_JUDGED and most > MOST_OF_ONE_KIND * count:
            does, lost = ("meets", "do not") if meets == most else ("does not meet", "do")
            text = (
                f"{most} of {count} marks on {category} prompts say that an answer {does} the "
                f"threshold; mark more that {lost}, or the judge learns the prompt in the answer's "
                "place"
            )
            yield Finding("warning", objective.name, text)


def _topics(objective: Objective) -> Iterator[Finding]:
    count = len(objective.marked_alone)
    topics = Counter(one.topic for one in objective.marked_alone if one.topic is not None)
    for topic, there in topics.most_common():
        if count >= ENOUGH_MARKS and there > MOST_OF_ONE_TOPIC * count:
            text = (
                f"{there} of {count} marked answers are on the topic {topic!r}; mark answers on "
                "others, or divide it"
            )
            yield Finding("warning", objective.name, text)
