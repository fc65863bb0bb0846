"""Exemplars that stand in a rating question, with their ratings (`judging.shots`).

So a model judges in context, as in Self-Criticism (Tan et al. 2023, EMNLP industry track), which
learns from a few examples what is helpful, honest and harmless; see docs/judges.md.
"""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor

from primum.constitution import Constitution, Objective
from primum.errors import UserError

_FROM_THE_END = 0.1
"""Share of the scale between a shot's rating and the end of the scale. A choice: an exemplar is a
clear case, and not the best or the worst answer that there can be."""


@dataclass(frozen=True, slots=True)
class Shot:
    """An answer with its rating.

    Attributes:
        prompt: What the user said.
        answer: The answer.
        rating: Points of the scale, the highest being the best.
    """

    prompt: str
    answer: str
    rating: float


@dataclass(frozen=True, slots=True)
class _Shown:
    """An answer that an exemplar says something of."""

    prompt: str
    topic: str
    answer: str
    good: bool

    @property
    def digest(self) -> str:
        text = f"{self.prompt}\x1f{self.answer}"
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def shots_of(constitution: Constitution, count: int) -> tuple[tuple[Shot, ...], ...]:
    """So many shots for every objective, in order.

    Args:
        constitution: The objectives with their exemplars, and the scale.
        count: How many; the first is a good answer, the next a bad one, and so on in turn.

    Raises:
        UserError: If an objective has too few exemplars.
    """
    found = []
    for objective in constitution.objectives:
        bad, good = _ratings(objective, constitution.scale)
        shown = _chosen(objective, count)
        found.append(tuple(Shot(s.prompt, s.answer, good if s.good else bad) for s in shown))
    return tuple(found)


def shown_prompts(objective: Objective, count: int) -> frozenset[str]:
    """The prompts of an objective's shots: what a judge cannot be tried on.

    Args:
        objective: Has the exemplars.
        count: How many shots.
    """
    return frozenset(one.prompt for one in _chosen(objective, count))


def check_shots(objective: Objective, count: int) -> None:
    """Makes sure that there are exemplars for so many shots.

    Raises:
        UserError: If there are too few; the message says of which kind.
    """
    _chosen(objective, count)


def has_shots(objective: Objective, count: int) -> bool:
    """Whether there are exemplars for so many shots."""
    try:
        check_shots(objective, count)
    except UserError:
        return False
    return True


def _chosen(objective: Objective, count: int) -> Sequence[_Shown]:
    """Good and bad answers in turn, from the topics and prompts that were shown least so far.

    Of equals the one with the smallest hash is taken, so that the choice is the same at every run
    and hangs on the order of no file.
    """
    left = _answers(objective)
    chosen: list[_Shown] = []
    topics: Counter[str] = Counter()
    prompts: Counter[str] = Counter()
    for number in range(count):
        good = number % 2 == 0
        of_kind = [one for one in left if one.good == good]
        if not of_kind:
            kind = "good" if good else "bad"
            raise UserError(
                f"judging.shots is {count}, but the objective {objective.name!r} has only "
                f"{sum(one.good == good for one in chosen)} {kind} answers among its exemplars; "
                "add contrasts or marked answers, or set a smaller judging.shots"
            )
        one = min(of_kind, key=lambda s: (topics[s.topic], prompts[s.prompt], s.digest))
        chosen.append(one)
        left.remove(one)
        topics[one.topic] += 1
        prompts[one.prompt] += 1
    return chosen


def _answers(objective: Objective) -> list[_Shown]:
    """Sides of contrasts and marked answers; a side whose mark contradicts its place is left out.

    A better side that misses the threshold is neither a good answer nor a bad one. An equal pair
    shows what does not count.
    """
    found = []
    for pair in objective.contrasts:
        topic = pair.topic or pair.prompt
        if pair.better_meets is not False:
            found.append(_Shown(pair.prompt, topic, pair.better, good=True))
        if not pair.worse_meets:
            found.append(_Shown(pair.prompt, topic, pair.worse, good=False))
    found += [
        _Shown(one.prompt, one.topic or one.prompt, one.answer, good=one.meets)
        for one in objective.marked_alone
    ]
    return list(dict.fromkeys(found))


def _ratings(objective: Objective, scale: tuple[float, float]) -> tuple[float, float]:
    """What bad and good shots show: near the ends, and on their own side of the threshold.

    Whole numbers, as ratings are, where the scale has at least two.
    """
    low, high = scale
    step = round(_FROM_THE_END * (high - low))
    bad, good = float(ceil(low) + step), float(floor(high) - step)
    if bad >= good:
        return low, high
    if objective.threshold is not None:
        enough = float(ceil(objective.threshold))
        bad, good = min(bad, enough - 1), max(good, enough)
    return max(bad, low), min(good, high)
