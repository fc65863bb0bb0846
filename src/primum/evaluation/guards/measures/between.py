"""Whether answers to different prompts came to share phrases and whole sentences."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from primum.evaluation.guards.measures.u_statistics import common_members, pseudo_values
from primum.evaluation.guards.refusal import is_refusal
from primum.evaluation.guards.texts import (
    GuardedAnswer,
    phrases,
    short_line,
    split_sentences,
    words,
)

PHRASE = 3
"""Words of a phrase. A choice: two are shared by chance, four miss a template with gaps."""
SENTENCE = 4
"""Words without which a sentence is not one of a template ("Yes, it is."): a choice."""


def shared_phrases(answers: Sequence[GuardedAnswer]) -> list[float | None]:
    """Per answer, what it adds to the share of phrases that two answers have in common.

    The share is Dice's: twice the phrases in common over those of both.
    """
    sets = [frozenset(phrases(words(each.text), PHRASE)) for each in answers]
    if not sets:
        return []
    sizes = np.array([len(each) for each in sets], dtype=np.float64)
    dice = 2 * common_members(sets) / np.maximum(sizes[:, None] + sizes[None, :], 1)
    np.fill_diagonal(dice, 0)
    return pseudo_values(dice.sum(axis=1))


def stock_phrases(answers: Sequence[GuardedAnswer]) -> list[float | None]:
    """Per answer, what it adds to the share of pairs of answers with a whole sentence in common."""
    sets = [_whole_sentences(each.text) for each in answers]
    if not sets:
        return []
    alike = (common_members(sets) > 0).astype(np.float64)
    np.fill_diagonal(alike, 0)
    return pseudo_values(alike.sum(axis=1))


def commonest_sentence(before: Sequence[GuardedAnswer], after: Sequence[GuardedAnswer]) -> str:
    """The commonest sentence after, in words, with how many answers hold it.

    Args:
        before: The answers of the starting model.
        after: Those of the trained one.
    """
    # Sorted, since of equals the first counts, and a set's order differs between processes.
    counts = Counter(one for each in after for one in sorted(_whole_sentences(each.text)))
    sentence, count = next(iter(counts.most_common(1)), ((), 0))
    if count < 2:
        return "no sentence stands in two answers"
    earlier = sum(sentence in _whole_sentences(each.text) for each in before)
    shown = short_line(" ".join(str(word) for word in sentence), 60)
    return f"{count} of {len(after)} answers say “{shown}”, before {earlier}"


def _whole_sentences(text: str) -> frozenset[tuple[str, ...]]:
    """The sentences of an answer as words; a refusal's are left to the guard of refusals."""
    found = (tuple(words(part)) for part in split_sentences(text) if not is_refusal(part))
    return frozenset(part for part in found if len(part) >= SENTENCE)
