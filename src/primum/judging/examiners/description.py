"""Who an examiner is, in words."""

from collections.abc import Iterable, Sequence

from primum.judging.asking.question import WORDINGS
from primum.judging.base import Judge
from primum.judging.examiners.sharing import layers_read
from primum.judging.examiners.ways import Way, examiner_wordings


def described(ways: Sequence[Way], judge: Judge, taught: int) -> str:
    """Who an examiner is, in words.

    Args:
        ways: How it examines each objective.
        judge: The examiner.
        taught: Over how many wordings the teacher's settings average.
    """
    each = {way.objective.name: _way_in_words(way, taught) for way in ways}
    said = next(iter(each.values()))
    if len(set(each.values())) > 1:
        said = ", ".join(f"{name}: {words}" for name, words in each.items())
    return with_layers(said, judge)


def with_layers(said: str, judge: Judge) -> str:
    """Who a judge is, with the layers that it reads, if any.

    Args:
        said: Who it is.
        judge: The judge.
    """
    layers = layers_read(judge)
    return f"{said}; layers {_listed(layers)}" if layers else said


def _way_in_words(way: Way, taught: int) -> str:
    if way.kind == "probe" and way.by_start:
        return "probe of the starting model on all exemplars"
    if way.kind == "probe":
        half = "the other half of the exemplars" if way.halved else "the same exemplars"
        return f"probe on {half}"
    if way.by_start:
        return f"{way.kind} by the starting model"
    first, count = examiner_wordings(taught)
    asked = _listed(range(first + 1, first + count + 1))
    return f"{way.kind} in wording {asked} of {WORDINGS}"


def _listed(numbers: Iterable[int]) -> str:
    return ", ".join(map(str, sorted(numbers)))
