"""From chat messages to token ids, by the model's own template, with every text kept as text.

The template is rendered once with an opaque marker in place of each message's content. What
stands between the markers is the template's own text, the only place where special tokens are
recognised; the contents are put back and encoded as plain text. So a message that spells out
`<|im_end|>` stays a message, and BOS stands exactly where the template puts it.
"""

import re
import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from primum.errors import UserError
from primum.messages import Message, Messages

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

PLAIN_TEMPLATE = (
    "{% for message in messages %}"
    "{{ '' if message['role'] == 'system' else message['role'] | capitalize + ': ' }}"
    "{{ message['content'] }}{{ '\n\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ 'Assistant:' }}{% endif %}"
)
"""For models without a chat template: plain turns, no special tokens."""

_REMEMBERED = 1 << 16
"""Lengths that are kept, since every call's prompt is counted again when the call is recorded. A
choice."""


@dataclass(frozen=True)
class ChatFormat:
    """How one model writes a conversation as token ids.

    Args:
        tokenizer: The model's tokenizer; where it has no chat template, plain turns are used.
    """

    tokenizer: "PreTrainedTokenizerBase"

    @property
    def template(self) -> str:
        """The chat template in force."""
        template = self.tokenizer.chat_template
        return template if isinstance(template, str) and template else PLAIN_TEMPLATE

    @property
    def has_own_template(self) -> bool:
        """Whether the model brings a chat template."""
        return self.template != PLAIN_TEMPLATE

    @cached_property
    def pad_id(self) -> int:
        """A token id to fill batches with; always masked, so any id serves."""
        for token in (self.tokenizer.pad_token_id, self.tokenizer.eos_token_id):
            if token is not None:
                return int(token)
        return 0

    def prompt_ids(self, messages: Sequence[Message]) -> list[int]:
        """Token ids of a conversation, up to where the assistant's answer begins.

        Args:
            messages: The turns. Where the template takes no system turn, its text opens the
                first user turn. An empty system message is left out.

        Returns:
            The ids; those of a response (`response_ids`) follow without overlap.
        """
        ids = self._conversation_ids(messages, generation=True)
        self._note(tuple(messages), ids)
        return ids

    def length(self, messages: Sequence[Message]) -> int:
        """Tokens of a conversation up to where the assistant's answer begins.

        Where its last turn is the assistant's, that is the answer, and its tokens count as well.
        What has been encoded before is not encoded again.
        """
        *prompt, last = messages
        if prompt and last.role == "assistant":
            answer = self._lengths.get(last.content)
            known = len(self.response_ids(last.content, end=False)) if answer is None else answer
            return self.length(prompt) + known
        found = self._lengths.get(tuple(messages))
        return len(self.prompt_ids(messages)) if found is None else found

    def whole_ids(self, messages: Sequence[Message]) -> list[int]:
        """Token ids of a conversation with its answer, all as the template writes it."""
        return self._conversation_ids(messages, generation=False)

    def _conversation_ids(self, messages: Sequence[Message], *, generation: bool) -> list[int]:
        turns = [m for m in messages if m.content or m.role != "system"]
        ids = self._encode(*self._render(turns, generation=generation))
        if not self.has_own_template and self.tokenizer.bos_token_id is not None:
            return [int(self.tokenizer.bos_token_id), *ids]
        return ids

    def response_ids(self, text: str, *, end: bool = True) -> list[int]:
        """Token ids of an assistant's answer.

        Args:
            text: The answer; special tokens in it stay text.
            end: Whether the end-of-turn token follows.
        """
        ids = self._encode_text(text)
        self._note(text, ids)
        return [*ids, *(self.end_ids if end else ())]

    @cached_property
    def _lengths(self) -> dict[Messages | str, int]:
        """Lengths of conversations and answers that have been encoded."""
        return {}

    def _note(self, encoded: Messages | str, ids: list[int]) -> None:
        if len(self._lengths) >= _REMEMBERED:
            self._lengths.clear()
        self._lengths[encoded] = len(ids)

    @cached_property
    def end_ids(self) -> tuple[int, ...]:
        """The token that ends the assistant's turn, as the template writes it."""
        turns = [Message("user", "?"), Message("assistant", "!")]
        tail = self._render(turns, generation=False)[0][-1]
        special = self._special_pattern.search(tail) if self._special_pattern else None
        if special:
            return (self._special_ids[special.group()],)
        eos = self.tokenizer.eos_token_id
        return (int(eos),) if eos is not None else ()

    @cached_property
    def stop_ids(self) -> frozenset[int]:
        """Tokens at which generation ends."""
        eos = self.tokenizer.eos_token_id
        return frozenset((*self.end_ids, *((int(eos),) if eos is not None else ())))

    @cached_property
    def _special_ids(self) -> dict[str, int]:
        added = self.tokenizer.added_tokens_decoder
        return {token.content: int(index) for index, token in added.items() if token.content}

    @cached_property
    def _control_ids(self) -> frozenset[int]:
        """TokenIds that no plain text has: special tokens but for the one for unknown text."""
        added = self.tokenizer.added_tokens_decoder.items()
        special = {int(index) for index, token in added if token.special}
        return frozenset(special - {self.tokenizer.unk_token_id})

    @cached_property
    def _special_pattern(self) -> re.Pattern[str] | None:
        if not self._special_ids:
            return None
        longest_first = sorted(self._special_ids, key=len, reverse=True)
        return re.compile("|".join(map(re.escape, longest_first)))

    def _render(
        self, messages: Sequence[Message], *, generation: bool
    ) -> tuple[list[str], list[str]]:
        """The template's own pieces, and the contents that stand between them."""
        merged = system_into_user(messages)
        if merged != list(messages):
            with suppress(UserError):
                return self._render_exactly(messages, generation=generation)
        return self._render_exactly(merged, generation=generation)

    def _render_exactly(
        self, messages: Sequence[Message], *, generation: bool
    ) -> tuple[list[str], list[str]]:
        mark = uuid.uuid4().hex
        marked = [{"role": m.role, "content": f" {mark}{i}z "} for i, m in enumerate(messages)]
        try:
            text = self.tokenizer.apply_chat_template(
                marked,
                chat_template=self.template,
                tokenize=False,
                add_generation_prompt=generation,
            )
        except Exception as error:
            # The template is a stranger's program, run in a sandbox: anything can go wrong in it.
            reason = " ".join(str(error).split())
            raise UserError(
                f"the model's chat template cannot write this conversation ({reason}); use a "
                "model whose template can, or mend its chat_template"
            ) from error
        pieces, contents, position = [], [], 0
        for found in re.finditer(rf"( ?){mark}(\d+)z( ?)", str(text)):
            content = messages[int(found.group(2))].content
            # A template that trims its contents has dropped the marker's own spaces.
            content = content if found.group(1) else content.lstrip()
            content = content if found.group(3) else content.rstrip()
            pieces.append(str(text)[position : found.start()])
            contents.append(content)
            position = found.end()
        return [*pieces, str(text)[position:]], contents

    def _encode(self, pieces: list[str], contents: list[str]) -> list[int]:
        """Encodes template pieces and contents, recognising special tokens in pieces only."""
        ids: list[int] = []
        run = ""
        for piece, content in zip(pieces, [*contents, ""], strict=True):
            position = 0
            for found in self._special_pattern.finditer(piece) if self._special_pattern else ():
                ids += self._encode_text(run + piece[position : found.start()])
                ids.append(self._special_ids[found.group()])
                run, position = "", found.end()
            run += piece[position:] + content
        return ids + self._encode_text(run)

    def _encode_text(self, text: str) -> list[int]:
        """Encodes a text that holds no special token, whatever it spells out."""
        ids: list[int] = []
        start = 0
        for found in self._special_pattern.finditer(text) if self._special_pattern else ():
            # Cut inside the spelled-out token, so that neither half is recognised as it.
            ids += self._plain(text[start : found.start() + 1])
            start = found.start() + 1
        return ids + self._plain(text[start:])

    def _plain(self, text: str) -> list[int]:
        if not text:
            return []
        ids = list(self.tokenizer(text, add_special_tokens=False)["input_ids"])
        if len(text) > 1 and not self._control_ids.isdisjoint(ids):
            # The tokenizer's own normalising has turned something else into a special token.
            return [token for character in text for token in self._plain(character)]
        return ids


def system_into_user(messages: Sequence[Message]) -> list[Message]:
    """The same conversation for templates that refuse a system turn."""
    if len(messages) < 2 or messages[0].role != "system" or messages[1].role != "user":
        return list(messages)
    opening = Message("user", f"{messages[0].content}\n\n{messages[1].content}")
    return [opening, *messages[2:]]
