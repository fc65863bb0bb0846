"""Who answered: names of the models in the table of answers."""

from collections.abc import Iterable

BEFORE = "before"
"""The starting model."""
AFTER = "after"
"""The trained model; further ones, of other seeds, are `after-2` and so on."""
AGAIN = "again"
"""The starting model once more, by another seed: a change of nothing."""
AGAIN_2 = f"{AGAIN}-2"
"""Where a change of nothing needs two draws of the starting model: the second one."""


def after(number: int) -> str:
    """The trained model of a seed, as an answerer.

    Args:
        number: Which seed, counted from 1.
    """
    return AFTER if number == 1 else f"{AFTER}-{number}"


def trained_among(answerers: Iterable[str]) -> tuple[str, ...]:
    """The trained models among some answerers, in the order of their seeds."""
    known = set(answerers)
    found: list[str] = []
    while (name := after(len(found) + 1)) in known:
        found.append(name)
    return tuple(found)


def change_of_nothing(answerers: Iterable[str]) -> tuple[str, str] | None:
    """Which two answerers are the starting model, drawn with two seeds; None where none are."""
    known = set(answerers)
    for pair in ((AGAIN, AGAIN_2), (BEFORE, AGAIN)):
        if known.issuperset(pair):
            return pair
    return None
