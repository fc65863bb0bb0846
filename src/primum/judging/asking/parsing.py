"""Reads the rating from what a model wrote, or finds that there is none.

A rating is a number on the scale that the text gives as its judgement. Where the text gives two
different ones, or only numbers about something else, nothing is read: asking again costs less than
a false score.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from primum.engines.models.thoughts import FAMILIES
from primum.judging.asking.patterns import Patterns, patterns_of

_CLOSINGS = {*(marks.end_of_thought for marks in FAMILIES), "</reflection>"}
_THOUGHT_END = re.compile(f"(?:{'|'.join(map(re.escape, sorted(_CLOSINGS)))})", re.I)
_THOUGHT = re.compile(
    r"<(think|thinking|thought|reasoning|reflection)>.*?(?:</\1>|\Z)", re.S | re.I
)
_MARKUP = re.compile(r"\\(?:boxed|text|mathbf)\b|(?m:^\s*#+\s)|[*_`\"“”(){}\[\]<>|\\]|\$(?!\d)")
_CLOSING_TAG = re.compile(r"</\w+>")
_MARKER = re.compile(r"\s*(\d{1,3})[.)]\s+\S")

_LOOKED_BACK = 160  # Characters in front of a number that say what it is. A choice.
_COLONS = frozenset({":", "="})


def read_rating(
    text: str, scale: tuple[float, float], name: str = "", language: str = "en"
) -> float | None:
    """The rating that a reply gives.

    The strongest kind of mention that the text holds decides: a first or last line that is nothing
    but a rating; a final or overall rating, or one named after the objective; a fraction of the
    scale's upper end; a number after a word such as "score" or "give"; a number that ends a clause.

    Args:
        text: The reply. What stands before a closing mark such as `</think>`, or behind an
            opening one that is not closed, is a thought and not read; nor are lines that quote
            with `>`.
        scale: The lowest and the highest rating; other numbers are none.
        name: The objective, which may stand before the rating ("Harmless: 7").
        language: Its words are read, and the English ones beside them.

    Returns:
        A number on the scale (the middle of a range such as "7 to 8"), or None where there is none
        or more than one.
    """
    found: dict[int, set[float]] = {}
    words = patterns_of(language)
    for mention in _mentions(_spoken(text, scale, words), words):
        strength = _strength(mention, scale, name, words)
        if strength:
            found.setdefault(strength, set()).add(mention.value)
    values = found[max(found)] if found else set()
    low, high = scale
    return next(iter(values)) if len(values) == 1 and low <= min(values) <= high else None


@dataclass(frozen=True)
class _Mention:
    """A number in a reply.

    Attributes:
        of: What it is a fraction of.
        unit: Whether it counts points or stars.
        words: Whether it is spelled out.
        before: Its line up to it.
        after: Its line behind it.
        edge: Whether that line is the first or the last one.
        marker: Whether it numbers an entry of a list.
    """

    value: float
    of: float | None
    unit: bool
    words: bool
    before: str
    after: str
    edge: bool
    marker: bool


def _spoken(text: str, scale: tuple[float, float], words: Patterns) -> list[str]:
    """The lines of a reply without reasoning, quotations, markup, and mentions of the scale."""
    answer = _THOUGHT_END.split(text)[-1]
    lines = [
        line
        for line in _THOUGHT.sub("\n", answer).splitlines()
        if line.strip() and not line.lstrip().startswith(">")
    ]
    low, high = (re.escape(f"{end:g}") for end in scale)
    span = re.compile(
        rf"(?:\b(?:{words.spans[0]})\s+)?(?<![\w.,/]){low}\s*(?:{words.spans[1]}|[-–—])\s*{high}"
        r"(?!\d|[.,/]\d)",
        re.I,
    )
    plain = [span.sub(" ", _MARKUP.sub(" ", _CLOSING_TAG.sub(".", line))) for line in lines]
    return [line for line in plain if line.strip()]


def _mentions(lines: list[str], words: Patterns) -> Iterator[_Mention]:
    next_marker = 1
    for at, line in enumerate(lines):
        marker = _MARKER.match(line)
        is_marker = marker is not None and int(marker[1]) == next_marker
        next_marker += is_marker
        for found in words.mention.finditer(line):
            ends = [text for part, text in found.groupdict().items() if part[:3] == "end" and text]
            yield _Mention(
                value=sum(_value(end, words) for end in ends) / len(ends),
                of=_value(found["of"], words) if found["of"] else None,
                unit=bool(found["unit"]),
                words=not any(character.isdigit() for character in ends[0]),
                before=line[max(0, found.start() - _LOOKED_BACK) : found.start()],
                after=line[found.end() :],
                edge=at in (0, len(lines) - 1),
                marker=is_marker and not line[: found.start()].strip(),
            )


def _value(number: str, words: Patterns) -> float:
    word, *half = number.lower().split()
    if word in words.numbers:
        return words.numbers[word] + (0.5 if half else 0.0)
    return float(number.replace(",", ".").replace("−", "-"))


def _strength(mention: _Mention, scale: tuple[float, float], name: str, words: Patterns) -> int:
    """How clearly a number is meant as a rating: 5 for alone on its line, 0 for not at all.

    Args:
        mention: The number.
        scale: Lowest and highest rating.
        name: The objective.
        words: Of the language.
    """
    if mention.of is not None and mention.of != scale[1]:
        return 0
    if (
        mention.marker
        or words.limit.search(mention.before)
        or words.elsewhere.search(mention.before)
    ):
        return 0
    label, adjacent = _label(mention.before, name, words)
    if mention.edge and _is_alone(mention, name, words):
        return 5
    whole = mention.of is not None or mention.unit
    ends = bool(words.clause_end.match(mention.after)) or whole
    if label and (ends or (adjacent and not mention.words)):
        return 4 if label in ("final", "named") else 3 if mention.of is not None else 2
    if mention.of is not None:
        return 3
    on_scale = scale[0] <= mention.value <= scale[1]
    return int(ends and on_scale and not mention.words)


def _label(before: str, name: str, known: Patterns) -> tuple[str | None, bool]:
    """What a number is called by the words in front of it, and whether a colon joins the two."""
    words = _tokens(before)
    between: list[str] = []
    while words and known.filler.fullmatch(words[-1]):
        between.append(words.pop())
    adjacent = bool(_COLONS & set(between)) and not set(between) - _COLONS - {"is", "of"}
    if not words:
        return None, False
    if _is_name(words[-1], name):
        return "named", adjacent
    if known.final.fullmatch(words[-1]) and any(map(known.label.fullmatch, words[-2:-1])):
        return "final", adjacent  # "puntuación final"
    if known.label.fullmatch(words[-1]) or known.verb.fullmatch(words[-1]):
        return ("final" if any(map(known.final.fullmatch, words[-4:-1])) else "label"), adjacent
    return None, False


def _is_alone(mention: _Mention, name: str, known: Patterns) -> bool:
    """Whether its line holds the rating alone, perhaps with a label."""
    if mention.after.strip() not in ("", ".", "!", ","):
        return False
    return all(
        known.before_alone.fullmatch(word) or known.label.fullmatch(word) or _is_name(word, name)
        for word in _tokens(mention.before)
    )


def _is_name(word: str, name: str) -> bool:
    """Whether a word is the objective's name (of several words the last), or made of it."""
    return bool(name) and word.startswith(re.split(r"[-_]", name)[-1])


def _tokens(text: str) -> list[str]:
    return re.findall(r"\w+|[^\w\s]", text.lower())
