"""Texts to token ids: control tokens where the template writes them, and nowhere else.

A tokenizer looks for its added tokens in whatever it is given, so that a message which spells out
`<|im_end|>` would end its own turn. Here a twin of the tokenizer does the work. It is the same but
for the spelling of the guarded tokens, which is private to this process: what the template writes
is respelled ("sealed"), what a message says is not, and the whole is encoded in one piece, so that
everything comes out as the tokenizer itself writes it.
"""

import json
import re
import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from tokenizers import AddedToken, Tokenizer

from primum.engines.models.chat.respelling import respelled

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

Span = tuple[int, int]
"""From which character of a text up to which."""

_PRIVATE = [chr(code) for code in range(0x10F000, 0x110000 - 2)]
"""Characters of Unicode's last plane for private use: no tokenizer's vocabulary has them."""

_SENTINELS = [chr(code) for code in (*range(0xFDD0, 0xFDF0), *range(0x10E000, 0x10F000))]
"""Characters that stand for nothing: Unicode's noncharacters, then some for private use."""

_HALF = re.compile("[\ud800-\udfff]")


def whole_characters(text: str) -> str:
    """The text with U+FFFD for halves of characters, which no tokenizer takes."""
    return _HALF.sub("\ufffd", text)


def sentinel_for(texts: Iterable[str]) -> str:
    """A character that none of the texts has."""
    used = set().union(*map(set, texts))
    return next(sign for sign in _SENTINELS if sign not in used)


@dataclass(frozen=True)
class Guard:
    """Keeps text text, for one tokenizer and template.

    Args:
        tokenizer: The model's tokenizer.
        template: The source of its chat template: added tokens that it names are guarded, besides
            the special ones.
        nonce: What the private spellings begin with; drawn anew for every guard.
    """

    tokenizer: "PreTrainedTokenizerBase"
    template: str
    nonce: str = field(
        default_factory=lambda: "".join(secrets.choice(_PRIVATE) for _ in range(12)), repr=False
    )

    @cached_property
    def _added(self) -> Mapping[int, AddedToken]:
        """All added tokens by id; Transformers makes them anew whenever it is asked."""
        return dict(self.tokenizer.added_tokens_decoder)

    @cached_property
    def special(self) -> dict[str, int]:
        """Special tokens, by their spelling."""
        added = self._added.items()
        return {token.content: int(at) for at, token in added if token.content and token.special}

    @cached_property
    def plain(self) -> dict[str, int]:
        r"""Other added tokens that the template names, by their spelling.

        White space is never among them: "\n\n" is the same token wherever it stands.
        """
        return {
            token.content: int(index)
            for index, token in self._added.items()
            if not token.special and token.content.strip() and token.content in self.template
        }

    @cached_property
    def guarded(self) -> dict[str, int]:
        """All that is recognised only where the template writes it, by spelling."""
        return {**self.plain, **self.special}

    def private(self, spelling: str) -> str:
        """The private spelling of a guarded token."""
        return f"{self.nonce}{_PRIVATE[0]}{self.guarded[spelling]}{_PRIVATE[1]}"

    def broken(self, text: str, sentinel: str) -> str:
        """The text with a sentinel inside every guarded spelling.

        Args:
            text: What a message says.
            sentinel: A character that the text does not have.
        """
        starts = self._starts
        if starts is None or not starts.search(text):
            return text
        # Also those that begin inside another one, so that no match can start anywhere.
        places = [found.start() + 1 for found in starts.finditer(text)]
        parts = [text[a:b] for a, b in zip([0, *places], [*places, len(text)], strict=True)]
        return sentinel.join(parts)

    def sealed(
        self, text: str, spans: Sequence[Span] = (), *, only: Collection[str] | None = None
    ) -> str:
        """The text with guarded tokens in their private spelling.

        Args:
            text: What a template wrote.
            spans: Where contents stand in it, in order; what overlaps one is text.
            only: The spellings that count; by default all.
        """
        if self._spelled is None:
            return text
        wanted = self.guarded.keys() if only is None else only
        parts: list[str] = []
        position = at = 0
        for found in self._spelled.finditer(text):
            start, end = found.span()
            while at < len(spans) and spans[at][1] <= start:
                at += 1
            if found.group() not in wanted or (at < len(spans) and spans[at][0] < end):
                continue
            parts += (text[position:start], self.private(found.group()))
            position = end
        return "".join((*parts, text[position:]))

    def up_to_first(self, text: str) -> str:
        """What a template wrote up to its first special token, or else to its first guarded one.

        Nothing where it has neither.
        """
        found = list(self._spelled.finditer(text)) if self._spelled else []
        for kind in (self.special, self.plain):
            for each in found:
                if each.group() in kind:
                    return text[: each.end()]
        return ""

    def last_cut(self, text: str) -> int:
        """Where a sealed text can be cut in two that are encoded apart as they are together.

        That is before its last guarded token, unless the tokenizer looks for that one only after
        normalizing, or takes white space before it along; 0 where there is no such place.
        """
        start = text.rfind(self.nonce)
        if start < 0 or self._twin is None:
            return 0
        token = text[start + len(self.nonce) + 1 :].split(_PRIVATE[1], 1)[0]
        added = self._added[int(token)]
        return 0 if added.normalized or added.lstrip else start

    def ids(self, text: str) -> list[int]:
        """Token ids of a sealed text."""
        if not text:
            return []
        if self._twin is None:
            return self._piecewise(text)
        backend, origin = self._twin
        return [
            origin.get(token, token) for token in backend.encode(text, add_special_tokens=False).ids
        ]

    @cached_property
    def _spelled(self) -> re.Pattern[str] | None:
        """Guarded tokens and what they could be mistaken for; the longest is looked for first."""
        if not self.guarded:
            return None
        added = (token.content for token in self._added.values())
        every = {*self.guarded, *(text for text in added if self._overlaps(text))}
        longest_first = sorted(every, key=len, reverse=True)
        return re.compile("|".join(map(re.escape, longest_first)))

    def _overlaps(self, text: str) -> bool:
        rests = [text[at:] for at, sign in enumerate(text) if sign in self._firsts]
        return any(g.startswith(rest) or rest.startswith(g) for rest in rests for g in self.guarded)

    @cached_property
    def _firsts(self) -> frozenset[str]:
        return frozenset(spelling[0] for spelling in self.guarded)

    @cached_property
    def _starts(self) -> re.Pattern[str] | None:
        spellings = sorted(self.guarded, key=len, reverse=True)
        if not spellings:
            return None
        # A look at one character first, since texts are long and tokens rare.
        firsts = "".join(map(re.escape, sorted(self._firsts)))
        return re.compile(f"(?=[{firsts}])(?={'|'.join(map(re.escape, spellings))})")

    @cached_property
    def _twin(self) -> tuple[Any, dict[int, int]] | None:
        """The tokenizer with private spellings, and by its ids the model's where they differ.

        None for tokenizers that are written in Python, and where normalizing spoils the spellings.
        """
        own: Any = getattr(self.tokenizer, "backend_tokenizer", None)
        names = {spelling: self.private(spelling) for spelling in self.guarded}
        try:
            twin: Any = Tokenizer.from_str(json.dumps(respelled(json.loads(own.to_str()), names)))
        except Exception:
            # Tokenizers with parts in Python cannot be written down; the library raises bare
            # exceptions.
            return None
        added = self._added.items()
        origin = {twin.token_to_id(names.get(t.content, t.content)): int(at) for at, t in added}
        for spelling, private in names.items():
            # Some tokenizers find a token only behind a space, which templates do not write.
            found = twin.encode(f"a{private}a", add_special_tokens=False).ids
            ids = [origin.get(token, token) for token in found]
            own_ids = own.encode(f"a{spelling}a", add_special_tokens=False).ids
            if self.guarded[spelling] not in ids or ids != list(own_ids):
                return None
        return twin, {a: b for a, b in origin.items() if a is not None and a != b}

    def _piecewise(self, text: str) -> list[int]:
        """Encodes what stands between guarded tokens piece by piece."""
        by_private = {self.private(spelling): token for spelling, token in self.guarded.items()}
        ids: list[int] = []
        for part in re.split(f"({self.nonce}{_PRIVATE[0]}[0-9]+{_PRIVATE[1]})", text):
            ids += [by_private[part]] if part in by_private else self._text_ids(part)
        return ids

    def _text_ids(self, text: str) -> list[int]:
        # Cut inside the spelled-out tokens, so that neither half is recognised as one.
        starts = self._starts.finditer(text) if self._starts else ()
        places = [0, *(found.start() + 1 for found in starts), len(text)]
        return [token for a, b in pairwise(places) for token in self._plain(text[a:b])]

    def _plain(self, text: str) -> list[int]:
        if not text:
            return []
        ids = list(self.tokenizer(text, add_special_tokens=False)["input_ids"])
        if len(text) > 1 and not self._special_ids.isdisjoint(ids):
            # The tokenizer's own normalizing has turned something else into a special token.
            return [token for character in text for token in self._plain(character)]
        return ids

    @cached_property
    def _special_ids(self) -> frozenset[int]:
        """Special tokens, but for the one that unknown text becomes."""
        return frozenset(self.special.values()) - {self.tokenizer.unk_token_id}
