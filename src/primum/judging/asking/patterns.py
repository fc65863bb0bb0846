"""The regular expressions by which a rating is found, made of a language's words."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from primum.languages import LANGUAGES, Vocabulary

# No part of a longer number, of a time, a date, a version, a sum of money or a word. A decimal
# comma has at most two digits behind it; three would be thousands.
_DIGITS = r"\d{1,4}(?:\.\d+|,\d{1,2})?(?![a-zA-Z_\d%]|[.,:]\d|\s%)"


@dataclass(frozen=True, slots=True)
class Patterns:
    """What the words of replies look like.

    Attributes:
        numbers: The value of a spelled number.
        spans: What stands before and between the ends of the scale where it is named.
        mention: A number, or two that are the ends of a range.
        label: What a rating is called.
        verb: What is done with it.
        filler: A word, or a mark, between these and the number that says nothing.
        final: What makes a rating the last word.
        limit: Text that ends with what makes the next number an end of the scale.
        elsewhere: Text that ends with what makes the next number one of something else.
        clause_end: What begins behind a number where its clause ends.
        before_alone: A word that may stand before a rating on a line of its own.
    """

    numbers: Mapping[str, int]
    spans: tuple[str, str]
    mention: re.Pattern[str]
    label: re.Pattern[str]
    verb: re.Pattern[str]
    filler: re.Pattern[str]
    final: re.Pattern[str]
    limit: re.Pattern[str]
    elsewhere: re.Pattern[str]
    clause_end: re.Pattern[str]
    before_alone: re.Pattern[str]


@cache
def patterns_of(language: str) -> Patterns:
    """The patterns of a language, with the English ones, in which models reply to anybody."""
    spoken = [LANGUAGES[code].vocabulary for code in dict.fromkeys(("en", language))]

    def any_of(field: str) -> str:
        return "|".join(getattr(words, field) for words in spoken)

    befores, betweens = zip(*(words.spans for words in spoken), strict=True)
    return Patterns(
        numbers={word: value for words in spoken for value, word in enumerate(words.numbers)},
        spans=("|".join(befores), "|".join(betweens)),
        mention=_mention(spoken),
        label=re.compile(any_of("labels")),
        verb=re.compile(any_of("verbs")),
        filler=re.compile(rf"{any_of('fillers')}|[:=?'’–—-]"),
        final=re.compile(any_of("finals")),
        limit=re.compile(any_of("limits"), re.I),
        elsewhere=re.compile(rf"{any_of('elsewhere')}|(?:/\s*$)", re.I),
        clause_end=re.compile(rf"\s*(?:$|[.,;:!?…–—-]|\d|(?:{any_of('clauses')})\b)", re.I),
        before_alone=re.compile(rf"{any_of('alone')}|[:=,–—-]"),
    )


def _mention(spoken: list[Vocabulary]) -> re.Pattern[str]:
    words = "|".join(word for known in spoken for word in known.numbers)
    halves = "|".join(known.half for known in spoken)
    spelled = rf"\b(?:{words})\b(?:{halves})?"
    number = rf"(?:(?<![\w$€£])(?<!\d[.,:/–-])(?:(?<!\w)[-−+])?{_DIGITS}|{spelled})"
    second = rf"(?:{_DIGITS}|{spelled})"
    ranges = "".join(
        rf"{known.between[0]}\s+(?P<end{at}a>{number})\s+{known.between[1]}"
        rf"\s+(?P<end{at}b>{number})|"
        for at, known in enumerate(spoken)
    )
    joiners = "|".join(known.joiners for known in spoken)
    out_of = "|".join(known.out_of for known in spoken)
    wholes = "|".join(rf"\b{known.numbers[at]}\b" for known in spoken for at in (10, 5))
    units = "|".join(known.units for known in spoken)
    return re.compile(
        rf"(?:{ranges}(?P<end>{number})(?:\s*(?:[-–—]|\b(?:{joiners})\b)\s*(?P<end_b>{second}))?)"
        rf"(?:\s*(?:/|\b(?:{out_of})\b)\s*(?P<of>\d{{1,6}}(?:[.,]\d+)?(?![\w%])|{wholes}))?"
        rf"(?P<unit>\s*(?:(?:{units})\b|分|点|점))?",
        re.I,
    )
