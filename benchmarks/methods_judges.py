"""Judges that no run sees, fitted on human labels: linear on states of a model, or on words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, hstack, vstack
from sklearn.linear_model import LogisticRegression

from human_judge import LONGEST, hidden_states
from human_labels import HumanPair
from methods_encoder import EncoderFeatures
from methods_labels import FOLDS, Labels
from methods_words import Answered, word_features
from primum.engines.base import Engine
from primum.statistics.interval import Interval
from primum.statistics.proportion import proportion

DEPTHS = (0.45, 0.6, 0.75)
"""Layers that are read, as shares of all: those of `human_judge` for the bundled model."""
OWN = 10.0
"""The constant's column, so large that the penalty on its weight is none."""

Array = npt.NDArray[np.float64]
Features = Callable[[Sequence[Answered]], Any]
"""Answers to a matrix, dense or sparse: a row for each."""


@dataclass(frozen=True)
class Kind:
    """How judges of a kind are fitted.

    Attributes:
        name: In figures and tables.
        about: What it rests on, in a few words.
        features: Makes the features from the answers that a judge is fitted on.
        penalty: `C` of the logistic regression.
        standardised: Whether every feature is brought to a deviation of 1 first.
    """

    name: str
    about: str
    features: Callable[[Sequence[Answered]], Features]
    penalty: float
    standardised: bool


@dataclass(frozen=True)
class Scorer:
    """Raw scores on one objective: higher is better, and the unit is arbitrary."""

    features: Features
    weights: Array

    def __call__(self, answered: Sequence[Answered]) -> Array:
        """A score per answer; NaN for empty ones."""
        cut = [(prompt, answer[:LONGEST]) for prompt, answer in answered]
        scores = np.asarray(self.features(cut) @ self.weights, dtype=np.float64)
        scores[[not answer.strip() for _, answer in cut]] = np.nan
        return scores


@dataclass(frozen=True)
class Accuracy:
    """How a judge does on pairs of prompts that it was not fitted on.

    Attributes:
        right: Share of pairs in the order that people gave them, by prompt.
        length: Rank correlation of its score with the answers' length.
        longer: Share of pairs in which it prefers the longer answer.
        people_longer: Share in which people do.
    """

    right: Interval
    length: float
    longer: float
    people_longer: float


def words_kind() -> Kind:
    """Judges by words and letters.

    The penalty is a choice: of 1, 10 and 100 none is better on all three objectives.
    """
    about = "TF-IDF of words and letters, no neural network"
    return Kind("words", about, word_features, penalty=10.0, standardised=False)


def states_kind(name: str, engine: Engine) -> Kind:
    """Judges by a chat model's mean hidden states over the answer.

    Args:
        name: The judges' own.
        engine: Runs it; no layer above the last one that is read.
    """
    layers = tuple(sorted({max(1, round(depth * engine.layers)) for depth in DEPTHS}))

    def states(answered: Sequence[Answered]) -> Array:
        return np.nan_to_num(hidden_states(engine, answered, layers))

    read = ", ".join(map(str, layers))
    about = f"a chat model, mean hidden states of layers {read} of {engine.layers}"
    # The penalty is that of human_judge.
    return Kind(name, about, lambda _: states, penalty=1e-3, standardised=True)


def encoder_kind(name: str, encoder: EncoderFeatures) -> Kind:
    """Judges by a sentence encoder's states.

    Args:
        name: The judges' own.
        encoder: Reads the answers.
    """
    about = f"a sentence encoder, mean states of the answer in all its {encoder.layers} layers"
    # The penalty is that of `states_kind`.
    return Kind(name, about, lambda _: encoder, penalty=1e-3, standardised=True)


def fit(kind: Kind, labels: Labels) -> Scorer:
    """Fits on contrasts of one prompt, and on single answers with a constant of their own."""
    better, worse = ([*side] for side in _sides(labels.pairs))
    singles = [(one.prompt, one.answer[:LONGEST]) for one in labels.answers]
    features = kind.features([*better, *worse, *singles])
    contrasts = (features(better) - features(worse)) / np.sqrt(2)
    rows = [contrasts, -contrasts, *([features(singles)] if singles else [])]
    sparse = isinstance(contrasts, csr_matrix) or hasattr(contrasts, "tocsr")
    matrix = vstack(rows).tocsr() if sparse else np.concatenate(rows)
    deviation = np.asarray(matrix.std(axis=0)) + 1e-6 if kind.standardised else 1.0
    own = np.concatenate([np.zeros(2 * len(better)), np.full(len(singles), OWN)])[:, None]
    whole = hstack([matrix, own]).tocsr() if sparse else np.hstack([matrix / deviation, own])
    targets = [*[True] * len(better), *[False] * len(better), *(one.good for one in labels.answers)]
    model = LogisticRegression(C=kind.penalty, fit_intercept=False, max_iter=2000)
    weights: Array = model.fit(whole, targets).coef_[0][:-1] / deviation
    return Scorer(features, weights)


def accuracy(kind: Kind, labels: Labels) -> Accuracy:
    """Every pair is scored by a judge that was fitted on the prompts of other folds."""
    scored: list[tuple[HumanPair, float, float]] = []
    for fold in range(FOLDS):
        held = labels.within(fold)
        if held:
            judge = fit(kind, labels.outside(fold))
            scores = (judge(side) for side in _sides(held))
            scored += zip(held, *scores, strict=True)
    better, worse = np.array([(b, w) for _, b, w in scored]).T
    lengths = np.array([(len(p.better[:LONGEST]), len(p.worse[:LONGEST])) for p, _, _ in scored])
    right = np.where(better == worse, 0.5, better > worse)
    longer = np.sign(lengths[:, 0] - lengths[:, 1])
    differ = longer != 0
    return Accuracy(
        right=proportion(right, [pair.prompt for pair, _, _ in scored], seed=0),
        length=_rank_correlation(np.concatenate([better, worse]), lengths.T.reshape(-1)),
        longer=float((np.sign(better - worse) == longer)[differ].mean()),
        people_longer=float((longer > 0)[differ].mean()),
    )


def _sides(pairs: Sequence[HumanPair]) -> tuple[list[Answered], list[Answered]]:
    return (
        [(pair.prompt, pair.better[:LONGEST]) for pair in pairs],
        [(pair.prompt, pair.worse[:LONGEST]) for pair in pairs],
    )


def _rank_correlation(scores: Array, lengths: npt.NDArray[np.int64]) -> float:
    from scipy.stats import spearmanr

    return float(spearmanr(scores, lengths).statistic)
