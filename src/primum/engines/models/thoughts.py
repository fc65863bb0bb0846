"""Splits what a model wrote into what it thought and what it answered; see docs/thoughts.md.

The split is made on token ids. A mark that is a token of its own is found by its id, so that a text
that merely spells it stays text; one that is plain text is found in what the model itself wrote,
never in the prompt.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from functools import cached_property, lru_cache
from itertools import groupby
from typing import TYPE_CHECKING

from primum.engines.base import Completion, Finish, Thinking
from primum.errors import UserError
from primum.messages import Message

if TYPE_CHECKING:
    from primum.engines.models.chat import ChatFormat

UNCLOSED = "the thought was not closed"
ALONE = "nothing follows the thought"
"""Why there is no answer."""

_PRIVATE = range(0xF0000, 0x10FFFE)
"""Characters that can stand for the tokens of marks: Unicode's planes for private use."""


@dataclass(frozen=True, slots=True)
class ThoughtMarks:
    """What a model writes around a thought, white space included.

    `opening + thought + closing + answer's text + ending` is a whole turn.

    Attributes:
        opening: Stands before the thought.
        closing: Stands between the thought and the answer.
        answer: What opens an answer also where nothing was thought: the end of `closing`.
        ending: Stands behind the answer.
    """

    opening: str
    closing: str
    answer: str = ""
    ending: str = ""

    @property
    def end_of_thought(self) -> str:
        """The closing mark without what opens the answer, and without white space around it."""
        return self.closing.strip().removesuffix(self.answer.strip()).strip()


FAMILIES = (
    ThoughtMarks(  # gpt-oss
        "<|channel|>analysis<|message|>",
        "<|end|><|start|>assistant<|channel|>final<|message|>",
        answer="<|channel|>final<|message|>",
    ),
    ThoughtMarks(  # Hunyuan
        "<think>\n", "\n</think>\n<answer>\n", answer="<answer>\n", ending="\n</answer>"
    ),
    ThoughtMarks("<think>\n", "\n</think>\n\n"),  # Qwen3, DeepSeek-R1, GLM, Nemotron, SmolLM3
    ThoughtMarks("<thought>\n", "\n</thought>\n\n"),  # EXAONE Deep
    ThoughtMarks("<|START_THINKING|>", "<|END_THINKING|>"),  # Command A
    ThoughtMarks("[THINK]", "[/THINK]"),  # Magistral
    ThoughtMarks("<seed:think>", "</seed:think>"),  # Seed-OSS
    ThoughtMarks("◁think▷", "◁/think▷"),  # Kimi
    ThoughtMarks("<|channel>thought\n", "<channel|>"),  # Gemma 4
    ThoughtMarks("<reasoning>\n", "\n</reasoning>\n\n"),
    ThoughtMarks("<thinking>\n", "\n</thinking>\n\n"),
)
"""The marks of model families, as their templates write them; the first that fits is taken."""


def find_marks(template: str, added: Collection[str]) -> ThoughtMarks | None:
    """The marks that a model uses; None where it has none.

    Args:
        template: Its chat template. A model thinks between marks of which the template knows the
            closing one, be it only to cut thoughts out of earlier turns.
        added: The texts of its added tokens. A model also thinks between marks that are both
            tokens of their own. A text that neither knows is no mark.
    """
    for marks in FAMILIES:
        opening, closing = marks.opening.strip(), marks.end_of_thought
        if marks.answer:
            parts = (opening, marks.answer.strip(), marks.ending.strip())
            if all(part in template for part in parts):
                return marks
        elif closing in template or {opening, closing} <= set(added):
            return marks
    return None


@dataclass(frozen=True)
class ThoughtSplitter:
    """Splits what one model writes.

    Args:
        marks: Its marks; None for a model that has none.
        tokens: Ids of its added tokens, by their text.
        decode: Makes text of ids; control tokens leave no text.
    """

    marks: ThoughtMarks | None
    tokens: Mapping[str, int]
    decode: Callable[[Sequence[int]], str]

    def split(self, ids: Sequence[int], *, opened: bool, cut: bool) -> Completion:
        """Splits a turn.

        The first closing mark ends a thought even where no mark opened it. A further one ends a
        further thought, if an opening mark at the beginning of a line went before it. The answer is
        what stands behind the last of them, as templates keep it of earlier turns; all before it
        is the thought. Any other mark is text.

        Args:
            ids: What the model wrote, without the token that ended its turn.
            opened: Whether the prompt ends inside a thought, its mark written by the template.
            cut: Whether the model was stopped at the longest length.
        """
        if self.marks is None:
            return Completion(self.decode(ids), len(ids), "length" if cut else "stop")
        return _parted(self._tagged(self.marks, ids), len(ids), opened=opened, cut=cut)

    def _tagged(self, marks: ThoughtMarks, ids: Sequence[int]) -> "_Tagged":
        """The text of ids, with a character of its own for every token that is part of a mark."""
        ids_of_marks = self._ids_of_marks
        runs = groupby(ids, key=lambda token: token if token in ids_of_marks else None)
        parts = [(token, self.decode(list(run))) for token, run in runs]
        held = set("".join(text for _, text in parts))
        free = (chr(code) for code in _PRIVATE if chr(code) not in held)
        signs = dict(zip(ids_of_marks, free, strict=False))
        spelled = {ids_of_marks[token]: sign for token, sign in signs.items()}
        return _Tagged(
            "".join(text if token is None else signs[token] for token, text in parts),
            ThoughtMarks(*(_signed(part.strip(), spelled) for part in astuple(marks))),
            {sign: self.decode([token]) for token, sign in signs.items()},
        )

    @cached_property
    def _ids_of_marks(self) -> dict[int, str]:
        """The tokens that the marks are made of, with their texts."""
        whole = "\n".join(astuple(self.marks)) if self.marks else ""
        return {
            token: text for text, token in self.tokens.items() if text.strip() and text in whole
        }


@lru_cache(maxsize=8)
def splitter_of(chat: "ChatFormat") -> ThoughtSplitter:
    """What splits the turns of the model that writes so."""
    added = chat.tokenizer.added_tokens_decoder.items()
    tokens = {token.content: int(index) for index, token in added}
    return ThoughtSplitter(chat.marks, tokens, chat.decode)


@lru_cache(maxsize=8)
def has_switch(chat: "ChatFormat") -> bool:
    """Whether the chat template lets one choose if the model thinks."""
    asked = (Message("user", "?"),)
    return chat.prompt_ids(asked, "on") != chat.prompt_ids(asked, "off")


def check_thinking(chat: "ChatFormat", thinking: Thinking) -> None:
    """Makes sure that a wish about thinking reaches the model.

    Raises:
        UserError: If the template writes the same whether the model is to think or not.
    """
    if thinking != "auto" and not has_switch(chat):
        raise UserError(
            f"sampling.thinking is {thinking}, but the model's chat template writes the same "
            "with thinking on and off; set sampling.thinking=auto"
        )


@lru_cache(maxsize=8)
def skipped_thought(chat: "ChatFormat") -> str | None:
    """The thought of an answer before which a thinking model is not to think.

    An empty one where the template has marks but no switch; None where the prompt says it, or the
    model does not think. Of models that open an answer by a mark of its own, that mark says it.
    """
    marks = chat.marks
    if marks is None or marks.answer or has_switch(chat):
        return None
    return "" if marks.end_of_thought in chat.template else None


def split_text(
    text: str, tokens: int, marks: ThoughtMarks | None, *, opened: bool, cut: bool
) -> Completion:
    """Splits a turn of which there is no more than its text, such as a server's answer.

    Args:
        text: What the model wrote.
        tokens: Its length.
        marks: The model's; where none are known, those with which the text begins, or of which it
            has the closing one at the end of a line.
        opened: Whether the model began inside a thought.
        cut: Whether it was stopped at the longest length.
    """
    seen = marks or next((each for each in FAMILIES if _begins_or_ends_line(text, each)), None)
    if seen is None:
        return Completion(text, tokens, "length" if cut else "stop")
    bare = ThoughtMarks(*(part.strip() for part in astuple(seen)))
    return _parted(_Tagged(text, bare, {}), tokens, opened=opened, cut=cut)


def _begins_or_ends_line(text: str, marks: ThoughtMarks) -> bool:
    ends_line = f"{marks.end_of_thought}\n" in text
    return ends_line or text.lstrip().startswith(marks.opening.strip())


def _parted(tagged: "_Tagged", tokens: int, *, opened: bool, cut: bool) -> Completion:
    """The parts of a turn; see `ThoughtSplitter.split`."""
    finish: Finish = "length" if cut else "stop"
    closing = tagged.last_closing()
    where = f" (cut at {tokens} tokens)" if cut else ""
    if tagged.is_open(closing, opened=opened, cut=cut):
        thought = "" if tagged.is_begun else tagged.thought(len(tagged.text))
        reason = f"{UNCLOSED}{where or ': the model ended its turn inside it'}"
        return Completion("", tokens, finish, thought, reason)
    if closing is None:
        return Completion(tagged.answer(0), tokens, finish)
    thought, answer = tagged.thought(closing.start()), tagged.answer(closing.end())
    return Completion(answer, tokens, finish, thought, None if answer else f"{ALONE}{where}")


def _signed(mark: str, signs: Mapping[str, str]) -> str:
    for text in sorted(signs, key=len, reverse=True):
        mark = mark.replace(text, signs[text])
    return mark


@dataclass(frozen=True, slots=True)
class _Tagged:
    """A turn in which a character stands for every token of a mark.

    Attributes:
        text: The turn.
        marks: The marks in the same spelling, without white space around them.
        texts: What the characters stand for.
    """

    text: str
    marks: ThoughtMarks
    texts: Mapping[str, str]

    def last_closing(self) -> re.Match[str] | None:
        """Where the last thought ends; None where none does."""
        further = [at for at in self._openings() if self.text[:at].strip()]
        last, ended = None, 0
        for found in re.finditer(re.escape(self.marks.end_of_thought), self.text):
            if ended <= sum(at < found.start() for at in further):
                last, ended = found, ended + 1
        return last

    def is_open(self, closing: re.Match[str] | None, *, opened: bool, cut: bool) -> bool:
        """Whether the turn ends inside a thought.

        Args:
            closing: See `last_closing`.
            opened: Whether it began inside one.
            cut: Whether it was cut, perhaps inside the opening mark.
        """
        if closing is not None:
            return any(at >= closing.end() for at in self._openings())
        return opened or (cut and self.is_begun) or any(True for _ in self._openings())

    @property
    def is_begun(self) -> bool:
        """Whether it is the beginning of an opening mark and nothing else."""
        return bool(self.text.strip()) and self.marks.opening.startswith(self.text.strip())

    def thought(self, end: int) -> str:
        """What was thought up to a place, without the mark that opened it."""
        return self._plain(self.text[:end].strip().removeprefix(self.marks.opening))

    def answer(self, start: int) -> str:
        """The answer that begins at a place, without the marks around it."""
        within = self.text[start:].strip().removeprefix(self.marks.answer)
        return self._plain(within.removesuffix(self.marks.ending))

    def _plain(self, text: str) -> str:
        return "".join(self.texts.get(character, character) for character in text).strip()

    def _openings(self) -> Iterator[int]:
        """Where opening marks stand at the beginning of a line, or behind a closing one."""
        for found in re.finditer(self._opening, self.text):
            before = self.text[: found.start()].rstrip(" \t")
            if not before or before.endswith(("\n", self.marks.end_of_thought)):
                yield found.start()

    @property
    def _opening(self) -> str:
        """The pattern of an opening mark. Of channels, all but the answer's are thoughts."""
        first, answer = self.marks.opening[:1], self.marks.answer
        if answer.startswith(first) and first in self.texts:
            return f"{re.escape(first)}(?!{re.escape(answer[1:])})"
        return re.escape(self.marks.opening)
