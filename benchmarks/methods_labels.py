"""What the judges of `methods` are fitted on: answers that people labelled."""

from collections.abc import Iterator
from dataclasses import dataclass

from human_labels import (
    HumanAnswer,
    HumanPair,
    beavertails_answers,
    hh_helpful_turns,
    pku_pairs,
    truthful_pairs,
)
from methods_sets import BEAVERTAILS, PKU, all_words, digest_of, is_for_judges, words_of

FOLDS = 5
PAIRS_OF_A_PROMPT = 2  # More of them teach little, and a large judge takes long to read them.
FILES = (
    PKU,
    BEAVERTAILS,
    "hh_rlhf/helpful_base_test.jsonl.gz",
    "truthfulqa/truthfulqa_truth_info_labels.jsonl.gz",
)


@dataclass(frozen=True)
class Labels:
    """What people said on one objective.

    Attributes:
        pairs: Two answers to one prompt; accuracy is measured on them.
        answers: Single ones, for fitting alone.
    """

    pairs: list[HumanPair]
    answers: list[HumanAnswer]

    def outside(self, fold: int) -> "Labels":
        """Those to prompts of the other folds."""
        return Labels(
            [pair for pair in self.pairs if fold_of(pair.prompt) != fold],
            [answer for answer in self.answers if fold_of(answer.prompt) != fold],
        )

    def within(self, fold: int) -> list[HumanPair]:
        """The pairs of a fold."""
        return [pair for pair in self.pairs if fold_of(pair.prompt) == fold]

    @property
    def prompts(self) -> Iterator[str]:
        """Of all of them."""
        yield from (one.prompt for one in (*self.pairs, *self.answers))


def fold_of(prompt: str) -> int:
    """All answers to a prompt are in one fold, whichever set they are from."""
    # Halved, since whether the number is even decides whether judges may have the prompt.
    return digest_of(words_of(prompt)) // 2 % FOLDS


def human_labels() -> dict[str, Labels]:
    """By objective: PKU-SafeRLHF and BeaverTails, hh-rlhf, and TruthfulQA."""
    most = PAIRS_OF_A_PROMPT
    return {
        "harmless": Labels(
            [pair for pair in pku_pairs(most) if is_for_judges(pair.prompt)],
            [answer for answer in beavertails_answers() if is_for_judges(answer.prompt)],
        ),
        "helpful": Labels(hh_helpful_turns(), []),
        "honest": Labels(truthful_pairs(most), []),
    }


def prompts_of(labels: dict[str, Labels]) -> frozenset[str]:
    """The words of every prompt that a judge is fitted on."""
    return all_words(part.prompts for part in labels.values())
