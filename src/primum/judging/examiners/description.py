"""Who an examiner is and what it shares with the teacher, in words."""

from collections.abc import Iterable, Sequence

from primum.judging.asking.question import WORDINGS
from primum.judging.base import Judge
from primum.judging.composite import CompositeJudge
from primum.judging.examiners.ways import Way, examiner_wordings
from primum.judging.probe.judge import ProbeJudge


def layers_read(judge: Judge) -> frozenset[int]:
    """Layers that a judge reads hidden states of; none where it is no probe."""
    if isinstance(judge, CompositeJudge):
        return frozenset().union(*(layers_read(part) for part, _ in judge.parts))
    if isinstance(judge, ProbeJudge):
        return frozenset(layer for readout in judge.readouts for layer in readout.layers)
    return frozenset()


def shared(ways: Sequence[Way], judge: Judge, teacher: Judge) -> str | None:
    """What an examiner has in common with the teacher, in words.

    Args:
        ways: How it examines each objective.
        judge: The examiner.
        teacher: The teacher.
    """
    shares = [] if all(way.by_start for way in ways) else ["the model"]
    shares += [way.shares for way in ways if way.shares]
    if layers_read(judge) & layers_read(teacher):
        shares.append("layers, since the model has no others")
    return joined(shares)


def joined(shares: Sequence[str]) -> str | None:
    """Several things as one phrase; None for none."""
    return "; ".join(dict.fromkeys(shares)) or None


def described(ways: Sequence[Way], judge: Judge, teacher: Judge, taught: int) -> str:
    """Who an examiner is, in words.

    Args:
        ways: How it examines each objective.
        judge: The examiner.
        teacher: The teacher.
        taught: Over how many wordings the teacher's settings average.
    """
    each = {way.objective.name: _way_in_words(way, taught) for way in ways}
    said = next(iter(each.values()))
    if len(set(each.values())) > 1:
        said = ", ".join(f"{name}: {words}" for name, words in each.items())
    layers = layers_read(judge)
    if not layers:
        return said
    others = layers_read(teacher)
    apart = f" (the teacher: {_listed(others)})" if others else ""
    return f"{said}; layers {_listed(layers)}{apart}"


def _way_in_words(way: Way, taught: int) -> str:
    if way.kind == "probe" and way.by_start:
        return "probe of the starting model on all exemplars"
    if way.kind == "probe":
        half = "the same exemplars" if way.shares else "the other half of the exemplars"
        return f"probe on {half}"
    if way.by_start:
        return f"{way.kind} by the starting model"
    first, count = examiner_wordings(taught)
    asked = _listed(range(first + 1, first + count + 1))
    return f"{way.kind} in wording {asked} of {WORDINGS}"


def _listed(numbers: Iterable[int]) -> str:
    return ", ".join(map(str, sorted(numbers)))
