"""From chat messages to token ids and back, as the model's own template and tokenizer say.

The same functions serve sampling, judging, reading of states and training: what is trained is what
was sampled. The template is rendered by `rendering`, texts stay texts by `guarding`, and the whole
is encoded in one piece.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from primum.engines.base import Thinking, TokenIds
from primum.engines.models.chat.answering import AnswerFrame, answer_frame, shared_beginning
from primum.engines.models.chat.guarding import Guard, whole_characters
from primum.engines.models.chat.rendering import Renderer
from primum.engines.models.chat.templates import PLAIN_TEMPLATE, every_source, source_of
from primum.engines.models.thoughts import ThoughtMarks, find_marks, skipped_thought
from primum.messages import Answer, Message, Messages

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

_REMEMBERED = 1 << 16
"""Lengths that are kept, since every call's prompt is counted again when the call is recorded. A
choice."""

_PROMPTS = 64
"""Prompts whose ids are kept, since several answers belong to each. A choice."""


@dataclass(frozen=True, slots=True)
class Answered:
    """Token ids of a conversation with its answer.

    Attributes:
        ids: Prompt, answer and, unless it was cut, the token that ends the turn.
        start: The first id that is none of the prompt's own; it begins the answer.
        own: The first id of the answer's own text, behind a thought with its marks and what the
            template writes before the text.
        moved: Whether a token merges across the prompt's end, so that `start` lies before it.
    """

    ids: list[int]
    start: int
    own: int
    moved: bool


@dataclass(frozen=True, slots=True)
class _Prompt:
    """A prompt as far as it is written, and what stands around its answer.

    What stands before its last token of the template is encoded once for all answers.
    """

    done: list[int]
    rest: str
    ids: list[int]
    guard: Guard
    frame: AnswerFrame


@dataclass(frozen=True)
class ChatFormat:
    """How one model writes a conversation as token ids.

    Args:
        tokenizer: The model's tokenizer; where it has no chat template, plain turns are used.
        ends: Ids that end an answer by the model's configuration.
    """

    tokenizer: "PreTrainedTokenizerBase"
    ends: frozenset[int] = frozenset()

    @property
    def template(self) -> str:
        """The chat template in force."""
        return source_of(self.tokenizer)

    @property
    def has_own_template(self) -> bool:
        """Whether the model brings a chat template."""
        return self.template != PLAIN_TEMPLATE

    @cached_property
    def marks(self) -> ThoughtMarks | None:
        """What the model writes around its thoughts; None where it has no such marks."""
        added = {token.content for token in self.tokenizer.added_tokens_decoder.values()}
        return find_marks(every_source(self.tokenizer), added)

    @cached_property
    def pad_id(self) -> int:
        """A token id to fill batches with; always masked, so any id serves."""
        for token in (self.tokenizer.pad_token_id, self.tokenizer.eos_token_id):
            if token is not None:
                return int(token)
        return 0

    @cached_property
    def end_ids(self) -> tuple[int, ...]:
        """The token that ends the assistant's turn, as the template writes it."""
        prompt = self._prompt((Message("user", "?"),), "auto")
        return tuple(prompt.guard.ids(prompt.frame.end)[-1:]) or self._eos

    @cached_property
    def stop_ids(self) -> frozenset[int]:
        """Tokens at which generation ends: by the template, the tokenizer and the configuration."""
        control = self._guard.guarded.values()
        return frozenset((*self.end_ids, *self._eos, *self.ends.intersection(control)))

    def check(self, messages: Sequence[Message], thinking: Thinking = "auto") -> None:
        """Makes sure that the template writes every turn of a conversation.

        Args:
            messages: The turns, up to where the answer begins.
            thinking: Whether the model is to think.

        Raises:
            UserError: If it cannot, or loses or changes a turn.
        """
        self._prompt(tuple(messages), thinking)

    def prompt_ids(self, messages: Sequence[Message], thinking: Thinking = "auto") -> list[int]:
        """Token ids of a conversation, up to where the assistant's answer begins.

        Args:
            messages: The turns. Where the template takes no system turn, its text opens the
                first user turn. An empty system message is left out.
            thinking: Whether the model is to think, where its template lets one choose.

        Raises:
            UserError: If the template cannot write the conversation, or loses or changes a turn.
        """
        ids = self._prompt(tuple(messages), thinking).ids
        self._note(tuple(messages), ids)
        return list(ids)

    def opens_thought(self, messages: Sequence[Message], thinking: Thinking = "auto") -> bool:
        """Whether the template itself opens a thought, so that the model begins inside it."""
        return self.marks is not None and self._prompt(tuple(messages), thinking).frame.opened

    def answered_ids(
        self, messages: Sequence[Message], answer: Answer, thinking: Thinking = "auto"
    ) -> Answered:
        """Token ids of a conversation with its answer, encoded in one piece.

        They go on from what the model sees when it answers: with the thought between its marks,
        what the template writes before an answer's text, the text and the end of the turn.

        Args:
            messages: The turns before the answer.
            answer: The answer; where it was cut, no end follows.
            thinking: Whether the model was to think.

        Raises:
            UserError: If the template cannot write the conversation, or loses or changes a turn.
        """
        text, thought = whole_characters(answer.text), whole_characters(answer.thought or "")
        prompt = self._prompt(tuple(messages), thinking, text, thought)
        frame, guard = prompt.frame, prompt.guard
        thinks = None if answer.thought is None else thought
        lead = prompt.rest + frame.lead(thinks)
        end = "" if answer.cut else frame.end
        ids = prompt.done + guard.ids(lead + frame.written(text, thinks) + end)
        if answer.cut:
            turn = Message("assistant", answer.text, answer.thought)
            self._note((*messages, turn), ids)
        elif not frame.end:
            ids += self._eos
        start = shared_beginning(ids, prompt.ids)
        own = start if lead == prompt.rest else shared_beginning(ids, prompt.done + guard.ids(lead))
        return Answered(ids, start, max(start, own), start < len(prompt.ids))

    def choice_ids(
        self, messages: Sequence[Message], choices: Sequence[str], thinking: Thinking = "auto"
    ) -> tuple[TokenIds, tuple[TokenIds, ...]]:
        """Token ids of a question, and of the answers that could follow.

        Args:
            messages: The turns before the answer.
            choices: Beginnings of the answer.
            thinking: Whether the model is to think. With `off`, and where the prompt opens a
                thought, the thought is closed before the choices begin.

        Returns:
            What all answers share up to where their own texts begin, and the rest of each.

        Raises:
            UserError: If the template cannot write the conversation, or loses or changes a turn.
        """
        thought = skipped_thought(self) if thinking == "off" else None
        answers = [Answer(choice, thought, cut=True) for choice in choices]
        answered = [self.answered_ids(messages, answer, thinking) for answer in answers]
        own = min(each.own for each in answered)
        rests = tuple(tuple(each.ids[own:]) for each in answered)
        return tuple(answered[0].ids[:own]), rests

    def whole_ids(self, messages: Sequence[Message], *, cut: bool = False) -> list[int]:
        """Token ids of a conversation with its answer, all as the template writes it.

        Args:
            messages: The turns, the answer last.
            cut: Whether the answer was cut, so that no end of its turn follows.

        Raises:
            UserError: If the template cannot write the conversation, or loses or changes a turn.
        """
        turns = _whole(messages)
        renderer = self._renderer("auto", (turn.content for turn in turns))
        settled = renderer.settled(turns, generation=False)
        return self._ids(renderer.guard, renderer.sealed(settled, generation=False, cut=cut))

    def text_ids(self, text: str) -> list[int]:
        """Token ids of a text by itself; no token that it spells out is recognised."""
        return self._guard.ids(whole_characters(text))

    def length(self, messages: Sequence[Message]) -> int:
        """Tokens of a conversation up to where the assistant's answer begins.

        Where its last turn is the assistant's, that is the answer, and its tokens count as well.
        What has been encoded before is not encoded again.
        """
        known = self._lengths.get(tuple(messages))
        if known is not None:
            return known
        *before, last = messages
        if before and last.role == "assistant":
            return len(self.answered_ids(before, Answer(last.content, last.thought, cut=True)).ids)
        return len(self.prompt_ids(messages))

    def _note(self, encoded: Messages, ids: Sequence[int]) -> None:
        if len(self._lengths) >= _REMEMBERED:
            self._lengths.clear()
        self._lengths[encoded] = len(ids)

    def decode(self, ids: Sequence[int]) -> str:
        """The text of generated ids: special tokens leave none, other added tokens their own."""
        text = self.tokenizer.decode(
            list(ids), skip_special_tokens=True, clean_up_tokenization_spaces=False
        )
        return str(text)

    @cached_property
    def takes_system(self) -> bool:
        """Whether the template writes a system turn."""
        turns = (Message("system", "?"), Message("user", "?"))
        return self._renderer("auto", ()).settled(turns, generation=True) == turns

    def _prompt(self, messages: Messages, thinking: Thinking, *answer: str) -> _Prompt:
        """A prompt, as far as it is written, for an answer with these texts."""
        key = (messages, thinking)
        found = self._prompts.get(key)
        if found is None or any(found.guard.nonce in text for text in answer):
            turns = _whole(messages)
            renderer = self._renderer(thinking, (*(turn.content for turn in turns), *answer))
            found = self._read(turns, renderer)
            if len(self._prompts) >= _PROMPTS:
                del self._prompts[next(iter(self._prompts))]
            self._prompts[key] = found
        return found

    def _read(self, messages: Messages, renderer: Renderer) -> _Prompt:
        turns = renderer.settled(messages, generation=True)
        text, guard = renderer.sealed(turns, generation=True), renderer.guard
        cut = guard.last_cut(text)
        done, rest = self._ids(guard, text[:cut]), text[cut:]
        return _Prompt(done, rest, done + guard.ids(rest), guard, answer_frame(renderer, turns))

    def _renderer(self, thinking: Thinking, texts: Iterable[str]) -> Renderer:
        """What renders and guards texts, of which none holds a private spelling."""
        guard = self._guard
        if any(guard.nonce in text for text in texts):
            guard = Guard(self.tokenizer, guard.template)
            return Renderer(self.tokenizer, guard, self.marks, thinking)
        if thinking not in self._renderers:
            renderer = Renderer(self.tokenizer, guard, self.marks, thinking)
            self._renderers[thinking] = renderer
        return self._renderers[thinking]

    def _ids(self, guard: Guard, text: str) -> list[int]:
        bos = self.tokenizer.bos_token_id
        first = [] if self.has_own_template or bos is None else [int(bos)]
        return first + guard.ids(text)

    @cached_property
    def _guard(self) -> Guard:
        return Guard(self.tokenizer, every_source(self.tokenizer))

    @cached_property
    def _renderers(self) -> dict[Thinking, Renderer]:
        return {}

    @cached_property
    def _prompts(self) -> dict[tuple[Messages, Thinking], _Prompt]:
        return {}

    @cached_property
    def _lengths(self) -> dict[Messages, int]:
        return {}

    @cached_property
    def _eos(self) -> tuple[int, ...]:
        eos = self.tokenizer.eos_token_id
        return (int(eos),) if eos is not None else ()


def _whole(messages: Sequence[Message]) -> Messages:
    """The turns with whole characters only."""
    return tuple(replace(turn, content=whole_characters(turn.content)) for turn in messages)
