"""How an answer goes on from where its prompt ends."""

from dataclasses import dataclass

from primum.engines.models.chat.guarding import Guard
from primum.engines.models.chat.outlines import trimmed
from primum.engines.models.chat.rendering import Renderer
from primum.engines.models.thoughts import ThoughtMarks
from primum.errors import UserError
from primum.messages import Message, Messages

_COMMON_MARKS = ThoughtMarks("<think>\n", "\n</think>\n\n")
"""For thoughts that a model without marks of its own is trained on: those of most families."""

_THOUGHT = "the-thought-7c1fe09a"
"""By which a thought is known again in what a template writes; no template's own words."""


@dataclass(frozen=True, slots=True)
class AnswerFrame:
    """What stands around an answer, sealed.

    Attributes:
        guard: Seals the answer.
        before: Before an answer without thought: what the template writes of earlier turns
            between header and content, most often nothing, in some a space.
        opening: Before a thought, unless the prompt has written it.
        closing: Between thought and answer.
        opened: Whether the prompt ends inside a thought.
        end: Behind a finished answer, up to the token that ends the turn.
        trims: See `Outline.trims`.
        writable: Guarded tokens that the answer may hold, since the model writes them: added ones
            that are neither special nor marks of thoughts, and end no turn.
    """

    guard: Guard
    before: str
    opening: str
    closing: str
    opened: bool
    end: str
    trims: tuple[bool, bool]
    writable: frozenset[str]

    def lead(self, thought: str | None) -> str:
        """What stands before the answer's own text.

        Args:
            thought: The answer's thought; where there is none but the prompt ends inside one, it
                is closed.
        """
        if thought is None and not self.opened:
            return self.before
        return f"{self.opening}{self._sealed(thought or '')}{self.closing}"

    def written(self, text: str, thought: str | None) -> str:
        """The answer's own text.

        The space that a template writes before it is the model's to write when it answers, and then
        begins the text: it is not written twice.

        Args:
            text: The answer.
            thought: See `lead`.
        """
        if self.before.isspace() and self.lead(thought) == self.before:
            text = text.removeprefix(self.before)
        return self._sealed(trimmed(text, self.trims))

    def _sealed(self, text: str) -> str:
        return self.guard.sealed(text, only=self.writable)


def answer_frame(renderer: Renderer, turns: Messages) -> AnswerFrame:
    """What stands around an answer to settled turns.

    What the model sees when it answers is right. What templates write of earlier turns adds to it:
    a space, and the end. An empty thought that they write there is none of the model's.

    Args:
        renderer: Renders the conversation.
        turns: Up to the answer.
    """
    guard, marks = renderer.guard, renderer.marks or _COMMON_MARKS
    header = renderer.outline(turns, generation=True).pieces[-1]
    gap, end, trims = _of_past_turn(renderer, turns, header)
    end = end if marks.ending in end else marks.ending + end
    opening = _left_to_write(header, marks.opening)
    opened = opening != marks.opening
    space = "" if opened else gap[: len(gap) - len(gap.lstrip())]
    own = _around_thought(renderer, turns, header, opened=opened)
    opening, closing = own or (space + opening, marks.closing)
    in_marks = f"{marks.opening}{marks.closing}"
    return AnswerFrame(
        guard=guard,
        before=guard.sealed(_without_thought(header, gap, marks)),
        opening=guard.sealed(opening),
        closing=guard.sealed(closing),
        opened=opened,
        end=guard.sealed(end),
        trims=trims,
        writable=frozenset(text for text in guard.plain if text not in in_marks + end),
    )


def _without_thought(header: str, gap: str, marks: ThoughtMarks) -> str:
    """What stands before an answer for which nothing was thought.

    Args:
        header: What the prompt ends with.
        gap: What the template writes behind it in earlier turns.
        marks: What stands around thoughts.
    """
    if marks.opening.strip() in gap or marks.end_of_thought.strip() in gap:
        gap = ""
    opens = marks.answer.strip() not in header[-len(marks.closing) :] + gap
    return marks.answer if opens else gap


def _of_past_turn(
    renderer: Renderer, turns: Messages, header: str
) -> tuple[str, str, tuple[bool, bool]]:
    """What the template writes between header and content of an assistant's turn, and behind it."""
    answered = (*turns, Message("assistant", "!"))
    try:
        outline = renderer.outline(answered, generation=False)
    except UserError:
        return "", "", (False, False)  # The template writes no answer, only the place of one.
    at = outline.order.index(len(turns))
    before, after = outline.pieces[at], outline.pieces[at + 1]
    gap = before[len(header) :] if before.startswith(header) else ""
    return gap, renderer.guard.up_to_first(after), outline.trims[at]


def _around_thought(
    renderer: Renderer, turns: Messages, header: str, *, opened: bool
) -> tuple[str, str] | None:
    """What the template writes before a thought and behind it, white space as it has it.

    Args:
        renderer: Renders the conversation.
        turns: Up to the answer.
        header: What the prompt ends with.
        opened: Whether the header opens a thought.

    Returns:
        None where the template does not write the thought of an answer, or begins it otherwise
        than the prompt.
    """
    marks = renderer.marks
    if marks is None:
        return None
    try:
        answered = (*turns, Message("assistant", "!", _THOUGHT))
        outline = renderer.outline(answered, generation=False)
    except UserError:
        return None
    before = outline.pieces[outline.order.index(len(turns))]
    opening, found, closing = before.removeprefix(header).partition(_THOUGHT)
    expected = ("" if opened else marks.opening.strip(), marks.closing.strip())
    whole = before.startswith(header) and found
    return (opening, closing) if whole and (opening.strip(), closing.strip()) == expected else None


def _left_to_write(header: str, opening: str) -> str:
    """The opening mark, or the white space that is missing of it where the header has it."""
    mark = opening.strip()
    if not header.rstrip().endswith(mark):
        return opening
    has = header[header.rindex(mark) :]
    return opening.lstrip().removeprefix(has)


def shared_beginning(first: list[int], second: list[int]) -> int:
    """How many ids both begin with."""
    # Halved, since parts of lists are compared many times faster than their members one by one.
    same, most = 0, min(len(first), len(second))
    while same < most:
        middle = (same + most + 1) // 2
        if first[same:middle] == second[same:middle]:
            same = middle
        else:
            most = middle - 1
    return same
