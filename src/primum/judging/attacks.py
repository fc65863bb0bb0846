"""Attempts to talk a judge round: a corpus of short texts, and what each of them gains."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from primum.documents import parse_json_lines, read_text
from primum.judging.base import Item, Judge, Score
from primum.progress import Progress

RESPONSE = "{response}"
"""Where the response goes in the text of an attack."""

_LIBRARY = Path(__file__).parent / "library"


@dataclass(frozen=True, slots=True)
class Attack:
    """One attempt.

    Attributes:
        kind: What it tries, such as "order" or "special tokens".
        text: What the judge is shown, with `{response}` where the response goes.
    """

    kind: str
    text: str

    def around(self, response: str) -> str:
        """The response with the attack around it."""
        return self.text.replace(RESPONSE, response, 1)


@cache
def load_attacks() -> tuple[Attack, ...]:
    """The attacks that come with primum. None of them holds anything usable for harm."""
    return tuple(Attack(**row) for row in _rows("attacks.jsonl"))


@cache
def load_pleading() -> tuple[str, ...]:
    """Texts that only plead for a good score, for judges that are fitted.

    None of them is among the attacks, so that what attacks gain is measured on texts that no fit
    has seen.
    """
    return tuple(row["text"] for row in _rows("pleading.jsonl"))


def _rows(name: str) -> list[dict[str, str]]:
    file = _LIBRARY / name
    return [row for _, row in parse_json_lines(read_text(file), str(file))]


def attack_gains(
    judge: Judge, items: Sequence[Item], *, progress: Progress
) -> npt.NDArray[np.float64]:
    """How much every attack changes the score of every response.

    Args:
        judge: Who is attacked.
        items: The responses. For gains that mean something, none that the judge rates best
            already.
        progress: Is told of every judgement.

    Returns:
        Points of the scale, attacked minus plain, of shape [items × attacks, objectives]: all
        attacks on the first item, in the order of `load_attacks`, then those on the next. NaN
        where either score is missing.
    """
    attacks = load_attacks()
    variants = [
        replace(item, response=text)
        for item in items
        for text in (item.response, *(attack.around(item.response) for attack in attacks))
    ]
    scores: dict[int, tuple[Score, ...]] = {}
    for index, found in progress.track(judge.judge(variants), "attacks", len(variants)):
        scores[index] = found
    if not variants:
        return np.empty((0, 0))
    values = np.array([[_value(score) for score in scores[at]] for at in range(len(variants))])
    by_item = values.reshape(len(items), 1 + len(attacks), -1)
    gains: npt.NDArray[np.float64] = by_item[:, 1:] - by_item[:, :1]
    return gains.reshape(len(items) * len(attacks), -1)


def _value(score: Score) -> float:
    return np.nan if score.value is None else score.value
