"""What an answer has of its prompt: all of it said again, or nothing to do with it."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from primum.evaluation.guards.texts import GuardedAnswer, phrases, words

ECHO = 4
"""Words of a phrase that the answer takes over from its prompt: a choice."""


def echo(answers: Sequence[GuardedAnswer]) -> list[float | None]:
    """Per answer, the share of its prompt's four-word phrases that it says again."""
    return [_echoed(each) for each in answers]


def _echoed(answered: GuardedAnswer) -> float | None:
    asked = words(answered.prompt)
    if not asked:
        return None
    size = min(ECHO, len(asked))
    wanted, given = set(phrases(asked, size)), set(phrases(words(answered.text), size))
    return len(wanted & given) / len(wanted)


def relevance(answers: Sequence[GuardedAnswer]) -> list[float | None]:
    """Per answer, the share of the other prompts that have less to do with it than its own has.

    What they have to do with each other is the weight of the words that they share, which is more
    the fewer prompts hold a word, over the length of the prompt. One half is chance: that is what
    answers to other prompts reach. The other prompts are taken as given.
    """
    if len(answers) < 2:
        return [None] * len(answers)
    from scipy.sparse import csr_array

    prompts = [_stems(each.prompt) for each in answers]
    texts = [_stems(each.text) for each in answers]
    places = {stem: at for at, stem in enumerate(sorted({s for found in prompts for s in found}))}
    seen = Counter(stem for found in prompts for stem in found)
    weights = np.log((1 + len(answers)) / np.array([seen[stem] for stem in places]))

    def matrix(sets: list[set[str]]) -> csr_array:
        known = [[places[stem] for stem in found if stem in places] for found in sets]
        starts = np.cumsum([0, *(len(row) for row in known)])
        columns = np.array([at for row in known for at in row], dtype=np.int64)
        return csr_array((np.ones(len(columns)), columns, starts), shape=(len(sets), len(places)))

    asked = matrix(prompts).multiply(weights).tocsr()
    size = np.sqrt(np.maximum(asked.multiply(weights).sum(axis=1), 1e-12))
    likeness = (matrix(texts) @ asked.T).toarray() / size
    own = np.diag(likeness)[:, None]
    # A tie counts half. An answer ties with its own prompt, which is none of the others.
    ahead = (own > likeness).sum(axis=1) + ((own == likeness).sum(axis=1) - 1) / 2
    return [float(value) for value in ahead / (len(answers) - 1)]


def _stems(text: str) -> set[str]:
    """The words of a text, each cut to what its inflected forms mostly share."""
    return {word[:5] for word in words(text)}
