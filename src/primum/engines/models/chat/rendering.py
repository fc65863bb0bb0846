"""Conversations as a chat template writes them, once it is known that it loses nothing.

A template is a stranger's program: it may refuse a system turn, drop it without a word, trim what
it is given or take thoughts out of earlier turns. So every outline of conversation is rendered with
markers in place of its texts first, and what it writes of the texts themselves is compared.
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from primum.engines.base import Thinking
from primum.engines.models.chat.guarding import Guard, Span, sentinel_for
from primum.engines.models.chat.outlines import Fault, Outline, fault_of, find_outline
from primum.engines.models.chat.templates import (
    function_names,
    source_of,
    switches,
    tool_list,
    turn_dicts,
)
from primum.engines.models.thoughts import ThoughtMarks
from primum.errors import UserError
from primum.messages import Message, Messages

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

_REMEMBERED = 1 << 10
"""Outlines of conversations that are kept. A choice."""

_ANCHOR = 16
"""Characters of the template by which the place of a content is known again. A choice."""


@dataclass(frozen=True)
class Renderer:
    """Renders conversations by one tokenizer's template.

    Args:
        tokenizer: The model's tokenizer.
        guard: Keeps texts texts.
        marks: What stands around thoughts, where the model has such marks.
        thinking: Whether the model is to think.
    """

    tokenizer: "PreTrainedTokenizerBase"
    guard: Guard
    marks: ThoughtMarks | None
    thinking: Thinking

    def settled(self, messages: Sequence[Message], *, generation: bool) -> Messages:
        """The conversation in a form that the template can write.

        Args:
            messages: The turns. An empty system turn is left out. Where the template does not
                write a system turn, its text opens the first user turn.
            generation: Whether the answer's beginning follows.

        Returns:
            The turns, definitions of tools first.

        Raises:
            UserError: If the template cannot write it, or loses a turn.
        """
        spoken = (m for m in messages if m.content or m.role != "system")
        turns = tuple(sorted(spoken, key=lambda turn: turn.role != "tools"))
        found = self._outline(turns, generation)
        if isinstance(found, Fault) and found.may_be_of("system", turns):
            turns = system_into_user(turns)
        self.outline(turns, generation=generation)
        return turns

    def outline(self, turns: Messages, *, generation: bool) -> Outline:
        """What the template writes around the contents of settled turns.

        Raises:
            UserError: If the template cannot write them, or loses one.
        """
        found = self._outline(turns, generation)
        if isinstance(found, Fault):
            raise found.error(turns)
        return found

    def sealed(self, turns: Messages, *, generation: bool, cut: bool = False) -> str:
        """Settled turns as the template writes them, sealed by the guard.

        Args:
            turns: The turns.
            generation: Whether the answer's beginning follows.
            cut: Whether the last turn did not end, so that nothing is to follow its text.

        Raises:
            UserError: If the template cannot write them, or loses or changes one.
        """
        outline = self.outline(turns, generation=generation)
        sentinel = _sentinel(turns)
        contents = [self.guard.broken(turn.content, sentinel) for turn in turns]
        try:
            text = self._written(turns, generation, sentinel, contents)
        except UserError:
            raise
        except Exception as error:
            # A template may refuse what a turn says.
            raise fault_of(error).error(turns) from error
        expected, spans = outline.filled(contents)
        if text != expected:
            spans = list(self._located(text, outline, contents, turns))
        if cut and outline.order[-1:] == (len(turns) - 1,):
            text = text[: spans[-1][1]]
        return self.guard.sealed(text, spans).replace(sentinel, "")

    @cached_property
    def _outlines(self) -> dict[object, Outline | Fault]:
        return {}

    def _outline(self, turns: Messages, generation: bool) -> Outline | Fault:
        extras = tuple((m.thought, m.tool_calls, m.tool_call_id) for m in turns)
        texts = tuple(m.content if m.role == "tools" else bool(m.content) for m in turns)
        key = (generation, tuple(m.role for m in turns), texts, extras)
        if key not in self._outlines:
            if len(self._outlines) >= _REMEMBERED:
                self._outlines.clear()
            self._outlines[key] = self._find_outline(turns, generation)
        return self._outlines[key]

    def _find_outline(self, turns: Messages, generation: bool) -> Outline | Fault:
        source = source_of(self.tokenizer, tools=any(m.role == "tools" for m in turns))
        for at, turn in enumerate(turns):
            if turn.role == "tools" and "tools" not in source:
                return Fault("knows no tools", at)
            if turn.tool_calls and "tool_calls" not in source:
                return Fault("knows no calls of tools", at)
        sentinel = _sentinel(turns)
        found = find_outline(turns, partial(self._written, turns, generation, sentinel))
        return found if isinstance(found, Fault) else self._lost_function(turns, found) or found

    def _lost_function(self, turns: Messages, outline: Outline) -> Fault | None:
        """The first function that a turn defines or calls and the template does not write."""
        written, sentinel = "".join(outline.pieces), _sentinel(turns)
        named: Counter[str] = Counter()
        for at, turn in enumerate(turns):
            for name in function_names(turn):
                spelled = self.guard.broken(name, sentinel)
                named[spelled] += 1
                if written.count(spelled) < named[spelled]:
                    return Fault(f"leaves out the function {name!r}", at)
        return None

    def _written(
        self, turns: Messages, generation: bool, sentinel: str, contents: Sequence[str]
    ) -> str:
        """What the template writes of turns with these contents."""
        spell = partial(self.guard.broken, sentinel=sentinel)
        tools = tool_list(turns, spell)
        source = source_of(self.tokenizer, tools=tools is not None)
        settings: dict[str, Any] = switches(self.thinking)
        text = self.tokenizer.apply_chat_template(
            turn_dicts(turns, contents, source, self.marks, spell),
            tools=tools,
            chat_template=source,
            tokenize=False,
            add_generation_prompt=generation,
            **settings,
        )
        return str(text)

    def _located(
        self, text: str, outline: Outline, contents: Sequence[str], turns: Messages
    ) -> Iterator[Span]:
        """Where contents stand in a text that the template has made depend on them.

        Args:
            text: What it wrote.
            outline: What it writes around contents of another kind.
            contents: Those that it was given.
            turns: Whose they are.
        """
        position = 0
        for at, before, after in zip(
            outline.order, outline.pieces, outline.pieces[1:], strict=False
        ):
            around = before[-_ANCHOR:], after[:_ANCHOR]
            found = _find(text, position, list(self._forms(contents[at])), around)
            if found is None:
                raise Fault("changes its text", at).error(turns)
            position = found[1]
            yield found

    def _forms(self, content: str) -> Iterator[str]:
        """What templates make of a content: as it is, trimmed, as JSON, without its thought."""
        yield from dict.fromkeys((content, content.lstrip("\n"), content.strip("\n")))
        yield from dict.fromkeys((content.lstrip(), content.rstrip(), content.strip()))
        yield json.dumps(content, ensure_ascii=False)[1:-1]
        if self.marks and (closing := self.marks.closing.strip()) in content:
            yield content.rsplit(closing, 1)[-1].strip()


def _find(text: str, position: int, forms: Sequence[str], around: tuple[str, str]) -> Span | None:
    """Where the first of several texts stands, between what is expected there if possible.

    Args:
        text: Where to look.
        position: From which character on.
        forms: What to look for.
        around: What is expected before and behind it.
    """
    before, after = around
    for left, right in ((before, after), (before, ""), ("", after), ("", "")):
        for form in forms:
            start = text.find(left + form + right, position)
            if start >= 0:
                return start + len(left), start + len(left) + len(form)
    return None


def system_into_user(messages: Messages) -> Messages:
    """The same conversation for templates that refuse a system turn."""
    for at, (first, second) in enumerate(pairwise(messages)):
        if first.role == "system" and second.role == "user":
            merged = Message("user", f"{first.content}\n\n{second.content}")
            return (*messages[:at], merged, *messages[at + 2 :])
    return messages


def _sentinel(turns: Messages) -> str:
    return sentinel_for(
        text for m in turns for text in (m.content, m.thought, m.tool_calls) if text
    )
