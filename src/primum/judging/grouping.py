"""Puts scores that arrive in any order together again."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")


def grouped(parts: Iterable[tuple[int, int, T]], size: int) -> Iterator[tuple[int, tuple[T, ...]]]:
    """Collects the parts of each group, and hands a group on as soon as it is whole.

    Args:
        parts: Group, place within the group (0 to `size` − 1, each once), and value.
        size: Places of a group.
    """
    waiting: dict[int, dict[int, T]] = {}
    for group, place, value in parts:
        found = waiting.setdefault(group, {})
        found[place] = value
        if len(found) == size:
            del waiting[group]
            yield group, tuple(found[at] for at in range(size))
