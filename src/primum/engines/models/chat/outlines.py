"""What a template writes around the texts of a conversation, and what it may do wrong."""

import re
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from primum.engines.models.chat.guarding import Span
from primum.errors import UserError
from primum.messages import Message, Role

_OPENING = 60
"""Characters by which a person finds a turn."""

_ADVICE = "use a model whose template can, or mend its chat_template"


@dataclass(frozen=True, slots=True)
class Outline:
    """What a template writes around the contents of a conversation.

    Attributes:
        pieces: Its own texts, one more than there are contents.
        order: Of which turn the content is that follows a piece.
        trims: Whether that content loses white space on its left and on its right.
    """

    pieces: tuple[str, ...]
    order: tuple[int, ...]
    trims: tuple[tuple[bool, bool], ...]

    def filled(self, contents: Sequence[str]) -> tuple[str, list[Span]]:
        """The conversation with these contents, and where they stand in it."""
        parts, spans, length = [self.pieces[0]], [], len(self.pieces[0])
        for piece, at, trims in zip(self.pieces[1:], self.order, self.trims, strict=True):
            content = trimmed(contents[at], trims)
            spans.append((length, length + len(content)))
            parts += (content, piece)
            length += len(content) + len(piece)
        return "".join(parts), spans


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a conversation cannot be written, and which turn is lost, where it is one."""

    reason: str
    turn: int | None = None

    def may_be_of(self, role: Role, turns: Sequence[Message]) -> bool:
        """Whether a turn of this role may be why."""
        return self.turn is None or turns[self.turn].role == role

    def error(self, turns: Sequence[Message]) -> UserError:
        """The fault in a sentence."""
        if self.turn is None:
            return UserError(
                f"the model's chat template cannot write this conversation ({self.reason}); "
                f"{_ADVICE}"
            )
        turn = turns[self.turn]
        opening = (turn.content or turn.tool_calls or "")[:_OPENING]
        which = "the tools" if turn.role == "tools" else f"the {turn.role}'s turn"
        return UserError(
            f"the model's chat template cannot write {which} ({opening!r}…): it {self.reason}; "
            f"{_ADVICE}"
        )


def fault_of(error: Exception) -> Fault:
    """What a template raised."""
    return Fault(" ".join(str(error).split()))


def find_outline(
    turns: Sequence[Message], write: Callable[[Sequence[str]], str]
) -> Outline | Fault:
    """Has a template write markers in place of contents; every one has to come back once.

    Args:
        turns: The conversation.
        write: Renders it with other contents.
    """
    mark = uuid.uuid4().hex
    markers = [f" {mark}{at}z " if turn.content else "" for at, turn in enumerate(turns)]
    try:
        text = write(markers)
    except UserError:
        raise
    except Exception as error:
        # The template is a stranger's program, run in a sandbox: anything can go wrong in it.
        return fault_of(error)
    found = list(re.finditer(rf"( ?){mark}(\d+)z( ?)", text))
    order = tuple(int(each.group(2)) for each in found)
    for at, turn in enumerate(turns):
        times = order.count(at)
        if turn.content and turn.role != "tools" and times != 1:
            return Fault(f"writes it {times} times" if times else "leaves it out", at)
    edges = [0, *(edge for each in found for edge in each.span()), len(text)]
    pieces = tuple(text[a:b] for a, b in zip(edges[::2], edges[1::2], strict=True))
    # A template that trims its contents has dropped the marker's own spaces.
    trims = tuple((not each.group(1), not each.group(3)) for each in found)
    return Outline(pieces, order, trims)


def trimmed(text: str, trims: tuple[bool, bool]) -> str:
    """The text without the white space that a template takes away."""
    left, right = trims
    text = text.lstrip() if left else text
    return text.rstrip() if right else text
