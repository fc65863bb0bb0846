"""Whether there are enough exemplars for what a judge is asked to learn."""

from collections.abc import Iterator

from primum.constitution.checking.findings import Finding
from primum.constitution.schema import LEAST_EXEMPLARS, Objective

ENOUGH_CONTRASTS = 50
"""Contrasts below which a probe is noticeably worse: a choice; see docs/constitution.md."""
ENOUGH_MARKS = 50
"""Answers marked by themselves below which a threshold is a guess: a choice.

Marks on the sides of pairs do not count: judges take the level from the others alone."""
LEAST_OF_EITHER = 20
"""Of those, the fewest that meet the threshold, and the fewest that do not: a choice."""
ENOUGH_EQUAL = 20
"""Equal pairs below which a probe takes caution for the objective: a choice."""


def amounts(objective: Objective) -> Iterator[Finding]:
    """Too few contrasts, marks for a threshold, or equal pairs."""
    yield from _contrasts(objective)
    yield from _marks(objective)
    yield from _equal_pairs(objective)


def _contrasts(objective: Objective) -> Iterator[Finding]:
    count = len(objective.contrasts)
    if count < LEAST_EXEMPLARS:
        text = (
            f"{count} contrasts are too few for a probe or a reward model, which need "
            f"{LEAST_EXEMPLARS} at the least; the other judges do not read them"
        )
        yield Finding("warning", objective.name, text)
    elif count < ENOUGH_CONTRASTS:
        text = f"{count} contrasts make a weak probe; {ENOUGH_CONTRASTS} to 300 make a better one"
        yield Finding("warning", objective.name, text)


def _marks(objective: Objective) -> Iterator[Finding]:
    if objective.threshold is None or not objective.exemplars:
        return
    meets = sum(one.meets for one in objective.marked_alone)
    fails = len(objective.marked_alone) - meets
    if meets + fails < ENOUGH_MARKS or min(meets, fails) < LEAST_OF_EITHER:
        text = (
            f"a threshold needs marks: {meets} answers are marked by themselves as meeting it and "
            f"{fails} as not, and {ENOUGH_MARKS} with {LEAST_OF_EITHER} of either kind are the "
            "least; mark answers of your own model with `primum mark`"
        )
        yield Finding("warning", objective.name, text)


def _equal_pairs(objective: Objective) -> Iterator[Finding]:
    count = len(objective.equal_pairs)
    if len(objective.contrasts) >= LEAST_EXEMPLARS and count < ENOUGH_EQUAL:
        text = (
            f"there are {count or 'no'} equal pairs, and {ENOUGH_EQUAL} are the least: without "
            "answers that do not differ on the objective a probe takes caution, or a tone, for it; "
            'write two answers to one prompt as {"equal": [plain one, hedged one]}'
        )
        yield Finding("warning", objective.name, text)
