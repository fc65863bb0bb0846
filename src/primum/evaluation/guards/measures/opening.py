"""Whether answers came to begin alike."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from primum.evaluation.guards.measures.u_statistics import pseudo_values
from primum.evaluation.guards.texts import GuardedAnswer, short_line, words


def first_word(text: str) -> str:
    """The first word without capitals and punctuation; empty where there is none.

    One word, since answers that begin with the same two or three begin with the same one. Where a
    script puts no spaces between words, it is the first character.
    """
    # The first words of a text are among its first characters, however long it is.
    return next(iter(words(text[:400])), "")


def same_opening(answers: Sequence[GuardedAnswer]) -> list[float | None]:
    """Per answer, what it adds to the share of pairs of answers that begin with the same word."""
    found = [first_word(each.text) for each in answers]
    counts = Counter(found)
    return pseudo_values(np.array([counts[each] - 1 for each in found], dtype=np.float64))


def commonest_opening(before: Sequence[GuardedAnswer], after: Sequence[GuardedAnswer]) -> str:
    """The commonest opening after, in words, with how many answers begin so.

    Args:
        before: The answers of the starting model.
        after: Those of the trained one.
    """
    word, count = Counter(first_word(each.text) for each in after).most_common(1)[0]
    earlier = sum(first_word(each.text) == word for each in before)
    shown = short_line(word, 20) or "no word"
    return f"{count} of {len(after)} answers begin with “{shown}”, before {earlier}"
