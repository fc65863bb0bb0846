"""A view of an object on which only what was declared can be read."""

from collections.abc import Sequence
from typing import Any


class UndeclaredError(RuntimeError):
    """A stage reads what it did not declare, so that a change of it would go unnoticed.

    A mistake in the code of the stage, never of the user.
    """


class Declared:
    """Passes on the declared attributes of an object, and no other one.

    Args:
        whole: The object.
        parts: Dotted names of attributes; a name stands for all that is below it.
        stage: Who declared them, for the error.
    """

    def __init__(self, whole: object, parts: Sequence[str], stage: str) -> None:
        self._whole = whole
        self._parts = tuple(parts)
        self._stage = stage

    def __getattr__(self, name: str) -> Any:
        below = [part.partition(".") for part in self._parts]
        rest = [inner for first, _, inner in below if first == name]
        if not rest:
            raise UndeclaredError(
                f"the stage {self._stage!r} reads {name!r} of {type(self._whole).__name__}, which "
                f"it does not declare (declared: {', '.join(self._parts) or 'nothing'})"
            )
        value = getattr(self._whole, name)
        return value if "" in rest else Declared(value, rest, self._stage)
