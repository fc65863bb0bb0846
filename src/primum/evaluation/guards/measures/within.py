"""What a single answer shows: loops, its length, where it ends, capitals, authorities."""

import math
import re
from collections.abc import Sequence

from primum.evaluation.guards.texts import GuardedAnswer, phrases, words

LOOP = 4
"""Words of a phrase that is said again: a choice. Three recur in good prose ("one of the")."""
FEWEST_LETTERS = 20
"""Letters without which capitals are an abbreviation: a choice."""

_ENDS = re.compile(r"[.!?…。！？؟।:\"'”’»)\]*`|}~]$")


def repetition(answers: Sequence[GuardedAnswer]) -> list[float | None]:
    """Per answer, the share of its four-word phrases that it has said before.

    Answers shorter than one phrase have said nothing twice.
    """
    found = [phrases(words(each.text), LOOP) for each in answers]
    return [1 - len(set(each)) / len(each) if each else 0.0 for each in found]


def length(answers: Sequence[GuardedAnswer]) -> list[float | None]:
    """Per answer, what it adds to log2 of the mean number of words.

    Of a logarithm, so that twice and half as long are equally far; of the mean, since in the mean
    of logarithms a few answers of a word or two would outweigh all others. The values are its
    influence values, with it as their mean, so that a bootstrap over prompts holds for them to
    first order, as the delta method does.
    """
    counts = [max(1, len(words(each.text))) for each in answers]
    mean = sum(counts) / max(1, len(counts)) or 1
    return [math.log2(mean) + (count / mean - 1) / math.log(2) for count in counts]


def unfinished(answers: Sequence[GuardedAnswer]) -> list[float | None]:
    """Per answer, whether it was cut at the limit; where that is unknown, whether it breaks off."""
    return [float(_broken_off(each)) for each in answers]


def _broken_off(answered: GuardedAnswer) -> bool:
    if answered.finish is not None:
        return answered.finish == "length"
    last = answered.text[-1:]
    # A list or an emoji ends without a full stop; a word of prose does not.
    return last.isalnum() or last in {",", ";", "-", "–", "("}


def empty(answers: Sequence[GuardedAnswer]) -> list[float | None]:
    """Per answer, whether it holds no letter or digit, or is missing."""
    return [float(not any(letter.isalnum() for letter in each.text)) for each in answers]


def capitals(answers: Sequence[GuardedAnswer]) -> list[float | None]:
    """Per answer, whether most of its letters are capitals."""
    return [float(_is_shouted(each.text)) for each in answers]


def _is_shouted(text: str) -> bool:
    upper = sum(letter.isupper() for letter in text)
    cased = upper + sum(letter.islower() for letter in text)
    return cased >= FEWEST_LETTERS and upper > cased / 2
