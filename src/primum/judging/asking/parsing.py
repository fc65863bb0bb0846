"""Reads the rating from what a model wrote, or finds that there is none.

A rating is a number on the scale that the text gives as its judgement. Where the text gives two
different ones, or only numbers about something else, nothing is read: asking again costs less than
a false score.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from primum.engines.models.thoughts import FAMILIES

_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
# No part of a longer number, of a time, a date, a version, a sum of money or a word. A decimal
# comma has at most two digits behind it; three would be thousands.
_DIGITS = r"\d{1,4}(?:\.\d+|,\d{1,2})?(?![a-zA-Z_\d%]|[.,:]\d|\s%)"
_SPELLED = rf"\b(?:{'|'.join(_WORDS)})\b(?:\s+and\s+a\s+half\b)?"
_NUMBER = rf"(?:(?<![\w$€£])(?<!\d[.,:/–-])(?:(?<!\w)[-−+])?{_DIGITS}|{_SPELLED})"
_SECOND = rf"(?:{_DIGITS}|{_SPELLED})"
_MENTION = re.compile(
    rf"(?:between\s+(?P<low>{_NUMBER})\s+and\s+(?P<high>{_NUMBER})"
    rf"|(?P<one>{_NUMBER})(?:\s*(?:[-–—]|\bto\b|\bor\b)\s*(?P<other>{_SECOND}))?)"
    r"(?:\s*(?:/|\bout\s+of\b)\s*(?P<of>\d{1,6}(?:[.,]\d+)?(?![\w%])|\bten\b|\bfive\b))?"
    r"(?P<unit>\s*(?:points?\b|stars?\b|分|点|점))?",
    re.I,
)
_CLOSINGS = {*(marks.end_of_thought for marks in FAMILIES), "</reflection>"}
_THOUGHT_END = re.compile(f"(?:{'|'.join(map(re.escape, sorted(_CLOSINGS)))})", re.I)
_THOUGHT = re.compile(
    r"<(think|thinking|thought|reasoning|reflection)>.*?(?:</\1>|\Z)", re.S | re.I
)
_MARKUP = re.compile(r"\\(?:boxed|text|mathbf)\b|(?m:^\s*#+\s)|[*_`\"“”(){}\[\]<>|\\]|\$(?!\d)")
_CLOSING_TAG = re.compile(r"</\w+>")
_MARKER = re.compile(r"\s*(\d{1,3})[.)]\s+\S")

_LABEL = re.compile(r"rating|score|grade|mark|verdict|rate|assessment|evaluation|penalty")
_VERB = re.compile(
    r"gives?|gave|given|giving|rate[sd]|scored?s?|grade[sd]|assign(?:ed)?|award(?:ed)?|deserves?"
    r"|merits?|gets?|earns?|say"
)
_FILLER = re.compile(
    r"i|d|it|this|that|the|is|are|was|be|being|would|will|should|of|as|at|to|with|an?|my|your"
    r"|answer|response|reply|one|value|number|about|around|approximately|roughly|solid|strong"
    r"|clear|[:=?'’–—-]"
)
_FINAL = re.compile(r"final|overall|total|conclusion|summary|therefore")
_LIMIT = re.compile(
    r"\b(?:(?:max|maximum|min|minimum|highest|lowest|possible)[\s-]*(?:possible\s*)?"
    r"(?:score|rating|grade|mark|value|points?)?"
    r"|(?:best|worst|full|previous|average)[\s-]*(?:possible\s*)?(?:score|rating|grade|mark|value))"
    r"s?\s*(?:is|of|:|=)*\s*$",
    re.I,
)
_ELSEWHERE = re.compile(
    r"(?:\b(?:step|point|item|principle|line|page|level|chapter|example|option|rule|question|part"
    r"|section|top|version|figure|table)s?\s*$)"
    r"|(?:(?:\bout\s+of|/)\s*$)"
    r"|(?:(?:\bnot|\bnever|n['’]t)\s+(?:give|rate|score|be|an?|worth|deserve)\b[^.;:]*$)",
    re.I,
)
_CLAUSE_END = re.compile(
    r"\s*(?:$|[.,;:!?…–—-]|\d|(?:because|since|as|for|and|but|on|overall|here)\b)", re.I
)
_BEFORE_ALONE = re.compile(
    r"so|thus|therefore|my|the|your|is|of|final|overall|answer|i|d|would|[:=,–—-]"
)
_LOOKED_BACK = 160  # Characters in front of a number that say what it is. A choice.
_COLONS = frozenset({":", "="})


def read_rating(text: str, scale: tuple[float, float], name: str = "") -> float | None:
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

    Returns:
        A number on the scale (the middle of a range such as "7 to 8"), or None where there is none
        or more than one.
    """
    found: dict[int, set[float]] = {}
    for mention in _mentions(_spoken(text, scale)):
        strength = _strength(mention, scale, name)
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


def _spoken(text: str, scale: tuple[float, float]) -> list[str]:
    """The lines of a reply without reasoning, quotations, markup, and mentions of the scale."""
    answer = _THOUGHT_END.split(text)[-1]
    lines = [
        line
        for line in _THOUGHT.sub("\n", answer).splitlines()
        if line.strip() and not line.lstrip().startswith(">")
    ]
    low, high = (re.escape(f"{end:g}") for end in scale)
    span = re.compile(
        rf"(?:\b(?:from|between|of)\s+)?(?<![\w.,/]){low}\s*(?:to|and|through|[-–—])\s*{high}"
        r"(?!\d|[.,/]\d)",
        re.I,
    )
    plain = [span.sub(" ", _MARKUP.sub(" ", _CLOSING_TAG.sub(".", line))) for line in lines]
    return [line for line in plain if line.strip()]


def _mentions(lines: list[str]) -> Iterator[_Mention]:
    next_marker = 1
    for at, line in enumerate(lines):
        marker = _MARKER.match(line)
        is_marker = marker is not None and int(marker[1]) == next_marker
        next_marker += is_marker
        for found in _MENTION.finditer(line):
            ends = [found[part] for part in ("low", "high", "one", "other") if found[part]]
            yield _Mention(
                value=sum(map(_value, ends)) / len(ends),
                of=_value(found["of"]) if found["of"] else None,
                unit=bool(found["unit"]),
                words=not any(character.isdigit() for character in ends[0]),
                before=line[max(0, found.start() - _LOOKED_BACK) : found.start()],
                after=line[found.end() :],
                edge=at in (0, len(lines) - 1),
                marker=is_marker and not line[: found.start()].strip(),
            )


def _value(number: str) -> float:
    word, *half = number.lower().split()
    if word in _WORDS:
        return _WORDS.index(word) + (0.5 if half else 0.0)
    return float(number.replace(",", ".").replace("−", "-"))


def _strength(mention: _Mention, scale: tuple[float, float], name: str) -> int:
    """How clearly a number is meant as a rating: 5 for alone on its line, 0 for not at all.

    Args:
        mention: The number.
        scale: Lowest and highest rating.
        name: The objective.
    """
    if mention.of is not None and mention.of != scale[1]:
        return 0
    if mention.marker or _LIMIT.search(mention.before) or _ELSEWHERE.search(mention.before):
        return 0
    label, adjacent = _label(mention.before, name)
    if mention.edge and _is_alone(mention, name):
        return 5
    whole = mention.of is not None or mention.unit
    ends = bool(_CLAUSE_END.match(mention.after)) or whole
    if label and (ends or (adjacent and not mention.words)):
        return 4 if label in ("final", "named") else 3 if mention.of is not None else 2
    if mention.of is not None:
        return 3
    on_scale = scale[0] <= mention.value <= scale[1]
    return int(ends and on_scale and not mention.words)


def _label(before: str, name: str) -> tuple[str | None, bool]:
    """What a number is called by the words in front of it, and whether a colon joins the two."""
    words = _tokens(before)
    between: list[str] = []
    while words and _FILLER.fullmatch(words[-1]):
        between.append(words.pop())
    adjacent = bool(_COLONS & set(between)) and not set(between) - _COLONS - {"is", "of"}
    if not words:
        return None, False
    if _is_name(words[-1], name):
        return "named", adjacent
    if _LABEL.fullmatch(words[-1]) or _VERB.fullmatch(words[-1]):
        return ("final" if any(map(_FINAL.fullmatch, words[-4:-1])) else "label"), adjacent
    return None, False


def _is_alone(mention: _Mention, name: str) -> bool:
    """Whether its line holds the rating alone, perhaps with a label."""
    if mention.after.strip() not in ("", ".", "!", ","):
        return False
    return all(
        _BEFORE_ALONE.fullmatch(word) or _LABEL.fullmatch(word) or _is_name(word, name)
        for word in _tokens(mention.before)
    )


def _is_name(word: str, name: str) -> bool:
    """Whether a word is the objective's name (of several words the last), or made of it."""
    return bool(name) and word.startswith(re.split(r"[-_]", name)[-1])


def _tokens(text: str) -> list[str]:
    return re.findall(r"\w+|[^\w\s]", text.lower())
