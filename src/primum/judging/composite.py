"""Different judges for different objectives, as one."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from primum.constitution import Constitution
from primum.judging.base import Item, Judge, Score
from primum.judging.grouping import grouped
from primum.judging.rating_expected import ExpectedRating
from primum.judging.rating_text import TextRating


@dataclass(frozen=True)
class CompositeJudge:
    """Merges the scores of judges that each know some of the objectives.

    Args:
        parts: The judges, each with the places of its objectives in the constitution's order.
            Every place belongs to one judge.
    """

    parts: tuple[tuple[Judge, tuple[int, ...]], ...]

    @property
    def fingerprint(self) -> str:
        """The judges and their objectives."""
        content = "|".join(f"{judge.fingerprint}{places}" for judge, places in self.parts)
        return "composite:" + hashlib.sha256(content.encode()).hexdigest()[:16]

    def judge(self, items: Sequence[Item]) -> Iterator[tuple[int, tuple[Score, ...]]]:
        """See `Judge.judge`."""
        places = [place for _, of_judge in self.parts for place in of_judge]
        for index, found in grouped(self._judged(items), len(self.parts)):
            scores = [score for of_judge in found for score in of_judge]
            in_order = sorted(zip(places, scores, strict=True), key=lambda pair: pair[0])
            yield index, tuple(score for _, score in in_order)

    def _judged(self, items: Sequence[Item]) -> Iterator[tuple[int, int, tuple[Score, ...]]]:
        for part, (judge, _) in enumerate(self.parts):
            for index, scores in judge.judge(items):
                yield index, part, scores


def restricted_to(constitution: Constitution, places: Sequence[int]) -> Constitution:
    """The part of a constitution that one judge needs, which may be a single objective."""
    return Constitution.model_construct(
        name=constitution.name,
        description=constitution.description,
        language=constitution.language,
        scale=constitution.scale,
        objectives=tuple(constitution.objectives[place] for place in places),
    )


def judge_of(judge: Judge, place: int) -> tuple[Judge, int]:
    """A judge of one objective that is asked about no more than it has to be.

    Args:
        judge: May judge several objectives.
        place: Of the objective in its order.

    Returns:
        A judge, and the place of the objective in that one's order.
    """
    if isinstance(judge, CompositeJudge):
        part, places = next(found for found in judge.parts if place in found[1])
        return judge_of(part, places.index(place))
    if isinstance(judge, ExpectedRating | TextRating):
        return replace(judge, constitution=restricted_to(judge.constitution, (place,))), 0
    return judge, place
