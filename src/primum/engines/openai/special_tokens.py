"""Keeps special tokens that a text spells out as text on their way through a server.

A server puts the messages into its chat template and encodes the whole, so that a message holding
`<|im_end|>` would end its turn. Here token ids cannot be sent, so the spelling is broken: a word
joiner (U+2060) goes between the first character of a marker and the rest. It has no width, and
unlike a zero-width space neither allows a line break nor is taken for white space, and unlike a
space it leaves the text looking the same; all that a model notices are the one to three tokens of
that character. Tokenizers look for special tokens in the raw text first, before anything could
take the character out again; a tokenizer at hand is asked whether it worked, and if not a space
is put in instead.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

JOINER = "\u2060"

_NAME = rf"[^<>|\s{JOINER}]{{1,64}}"
_FAMILIES = "|".join(
    (
        rf"<\|{_NAME}\|?>",  # ChatML, Llama 3, Phi, Cohere, Granite, GLM, gpt-oss, Gemma 4
        rf"<{_NAME}\|>",
        rf"<\uff5c{_NAME.replace('|', '')}\uff5c>",  # DeepSeek, in full-width bars
        r"<</?SYS>>",  # Llama 2
        r"\[/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS|TOOL_CONTENT|ARGS|THINK"
        r"|IMG|PREFIX|MIDDLE|SUFFIX)\]",  # Mistral
        r"\[[a-z]?(?:MASK|CLS|SEP|PAD|UNK)\]",  # GLM and the BERT family
        r"</?(?:s|bos|eos|unk|pad|mask|cls|sep|sop|eop|eod|eot)>",  # SentencePiece families
        r"<(?:start|end)_of_[a-z]+>",  # Gemma
        r"</?(?:think|tool_call|tool_response|tools?|image|audio|video)>",  # Qwen and others
        r"<(?:unused|reserved_|extra_id_|dummy)\d+>",
        r"\]~[!b]\[?|\[e~\[",  # MiniMax
    )
)
_HALF = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class Neutralizer:
    """Breaks the spelling of special tokens.

    Args:
        tokenizer: The model's own, where it is at hand; what it adds to the families' markers is
            broken too.
    """

    tokenizer: "PreTrainedTokenizerBase | None" = None

    def __call__(self, text: str) -> str:
        """The text with no special token in it, looking the same.

        Half a character (a lone surrogate) becomes U+FFFD, since JSON in UTF-8 cannot hold it.
        """
        whole = _HALF.sub("\ufffd", text)
        if not self._starts.search(whole):
            return whole
        joined = self._broken(whole, JOINER)
        return joined if self._is_text(joined) else self._broken(whole, " ")

    def _broken(self, text: str, wedge: str) -> str:
        # Every place where a marker starts, those inside another marker included: a marker that
        # were left would have to span a place that is none.
        places = [found.start() + 1 for found in self._starts.finditer(text)]
        parts = [text[a:b] for a, b in zip([0, *places], [*places, len(text)], strict=True)]
        return wedge.join(parts)

    def _is_text(self, text: str) -> bool:
        if self.tokenizer is None:
            return True
        ids = self.tokenizer(text, add_special_tokens=False)["input_ids"]
        return self._control.isdisjoint(ids)

    @cached_property
    def _starts(self) -> re.Pattern[str]:
        own = [text for text in self._own() if not re.fullmatch(_FAMILIES, text)]
        # A look at one character first, since texts are long and markers rare.
        firsts = "".join(sorted({re.escape(text[0]) for text in own} | {"<", r"\[", r"\]"}))
        return re.compile(f"(?=[{firsts}])(?={'|'.join([*map(re.escape, own), _FAMILIES])})")

    def _own(self) -> Iterable[str]:
        """The tokenizer's markers; added words and runs of spaces are none."""
        added = self.tokenizer.added_tokens_decoder.values() if self.tokenizer else ()
        for token in added:
            text = token.content
            if len(text) > 1 and text.strip() and (token.special or text[0] in "<["):
                yield text

    @cached_property
    def _control(self) -> frozenset[int]:
        if self.tokenizer is None:
            return frozenset()
        added = self.tokenizer.added_tokens_decoder.items()
        special = {int(index) for index, token in added if token.special}
        return frozenset(special - {self.tokenizer.unk_token_id})
