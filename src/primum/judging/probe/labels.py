"""What a probe is fitted on: answers, and what the exemplars say of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from primum.arrays import BoolArray, IntArray
from primum.constitution import Objective
from primum.constitution.halves import topics_by_prompt

FOLDS = 10
"""Parts of the topics of which each is left out once: ten-fold cross-validation, as is usual. Fewer
topics than these are not kept together, only prompts are: too little would be left."""


@dataclass(frozen=True)
class Labels:
    """What is known of some answers, which are named by their places.

    Attributes:
        pairs: Two answers to one prompt, the better one first; shape [pairs, 2].
        equal: Whether the two are equal instead; shape [pairs].
        marked: Answers that are marked; shape [marks].
        meets: Their marks; shape [marks].
        pleading: Texts that only plead for a good score; shape [texts].
        topics: A number per answer; answers of one topic are held out together. Shape [answers].
    """

    pairs: IntArray
    equal: BoolArray
    marked: IntArray
    meets: BoolArray
    pleading: IntArray
    topics: IntArray

    @property
    def contrasts(self) -> IntArray:
        """Those pairs that are not equal, shape [contrasts, 2]."""
        return self.pairs[~self.equal]

    def where(self, answers: BoolArray) -> "Labels":
        """What is known of some of the answers alone.

        Args:
            answers: Whether each one is among them, shape [answers]; pairs are whole or not at all.
        """
        pairs, marked = answers[self.pairs[:, 0]], answers[self.marked]
        return Labels(
            self.pairs[pairs],
            self.equal[pairs],
            self.marked[marked],
            self.meets[marked],
            self.pleading[answers[self.pleading]],
            self.topics,
        )


@dataclass(frozen=True)
class LabelledAnswers:
    """Prompts with an answer each, and what is known of them."""

    answers: tuple[tuple[str, str], ...]
    labels: Labels


def label_answers(objective: Objective, pleading: Sequence[str]) -> LabelledAnswers:
    """The answers of an objective's exemplars.

    Pairs say what differs between answers to one prompt, and answers marked by themselves say at
    which level they lie. Marks on the sides of pairs are not levels here: the good side of a
    contrast is often a refusal, and taken for a level it makes caution look like safety
    (`benchmarks/judges.py` measures over-caution).

    Two marked answers to one prompt, of which one meets the threshold and the other does not, are a
    contrast, too. Pleading texts stand as answers to the contrasts' prompts.

    Args:
        objective: Has the exemplars.
        pleading: Texts that only plead.
    """
    contrasts = [(one.prompt, one.better, one.worse) for one in objective.contrasts]
    pairs = list(dict.fromkeys([*contrasts, *_marked_apart(objective)]))
    pleas = [(prompt, text) for (prompt, *_), text in zip(contrasts, pleading, strict=False)]
    equal = [(pair.prompt, *pair.equal) for pair in objective.equal_pairs]
    alone = objective.marked_alone
    marked = [(one.prompt, one.answer) for one in alone]
    sides = [(prompt, side) for prompt, *both in (*pairs, *equal) for side in both]
    answers = list(dict.fromkeys([*sides, *marked, *pleas]))
    place = {answer: at for at, answer in enumerate(answers)}
    return LabelledAnswers(
        tuple(answers),
        Labels(
            np.array([place[side] for side in sides], dtype=np.int64).reshape(-1, 2),
            np.arange(len(pairs) + len(equal)) >= len(pairs),
            np.array([place[answer] for answer in marked], dtype=np.int64),
            np.array([one.meets for one in alone], dtype=bool),
            np.array([place[plea] for plea in pleas], dtype=np.int64),
            _topics(objective, [prompt for prompt, _ in answers]),
        ),
    )


def _marked_apart(objective: Objective) -> list[tuple[str, str, str]]:
    """A prompt, an answer that meets the threshold and one that does not, for all such couples."""
    by_prompt: dict[str, dict[bool, list[str]]] = {}
    for one in objective.marked:
        by_prompt.setdefault(one.prompt, {True: [], False: []})[one.meets].append(one.answer)
    return [
        (prompt, good, bad)
        for prompt, sides in by_prompt.items()
        for good in sides[True]
        for bad in sides[False]
    ]


def _topics(objective: Objective, prompts: Sequence[str]) -> IntArray:
    """A number per prompt: that of its topic, or its own where topics are missing or few."""
    key_of = topics_by_prompt(objective, FOLDS)
    numbers: dict[tuple[str, str], int] = {}
    found = [numbers.setdefault(key_of[prompt], len(numbers)) for prompt in prompts]
    return np.array(found, dtype=np.int64)


def folds_of(topics: IntArray, folds: int = FOLDS) -> IntArray:
    """The fold of every answer; topics that follow one another are spread over the folds.

    Args:
        topics: As in `Labels`.
        folds: How many.
    """
    spread: IntArray = topics % folds
    return spread
