"""Features of an answer without any neural network: TF-IDF of its words and letters."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer

Answered = tuple[str, str]
"""A prompt and an answer."""


@dataclass(frozen=True)
class WordFeatures:
    """Vectorisers whose words are those of the answers that they were made from."""

    parts: tuple[TfidfVectorizer, ...]

    def __call__(self, answered: Sequence[Answered]) -> csr_matrix:
        """Shape [answers, features]; each part of a row has length 1, however long the answer."""
        return hstack([part.transform(answered) for part in self.parts]).tocsr()


def word_features(answered: Sequence[Answered]) -> WordFeatures:
    """Words and pairs of them, strings of three to five letters, and words shared with the prompt.

    Features that fewer than two answers have say nothing of others, and are left out. The prompt's
    own words are features only where the answer has them too: what the prompt alone says does not
    tell its answers apart.
    """
    settings = {"min_df": 2, "sublinear_tf": True}
    words = TfidfVectorizer(preprocessor=_answer, ngram_range=(1, 2), **settings)
    letters = TfidfVectorizer(
        preprocessor=_answer, analyzer="char_wb", ngram_range=(3, 5), **settings
    )
    shared = TfidfVectorizer(analyzer=shared_words, **settings)
    return WordFeatures(tuple(part.fit(answered) for part in (words, letters, shared)))


def _answer(answered: Answered) -> str:
    return answered[1].lower()


def shared_words(answered: Answered) -> list[str]:
    """Every word of the answer, with whether the prompt has it; and how many it has."""
    asked, said = (re.findall(r"\w+", text.lower()) for text in answered)
    known = set(asked)
    return [f"{word} {'asked' if word in known else 'new'}" for word in said]
