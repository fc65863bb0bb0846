"""Who an examiner is and what it shares with the teacher, in words."""

from collections.abc import Iterable, Sequence

from primum.constitution import Constitution
from primum.judging.asking.question import WORDINGS
from primum.judging.base import Judge
from primum.judging.composite import CompositeJudge
from primum.judging.examiners.halves import enough_for, halves_of
from primum.judging.examiners.ways import Way, examiner_wordings
from primum.judging.kinds import IN_WORDS, kinds_of
from primum.judging.probe.judge import ProbeJudge
from primum.recipe.schema import Judging

_OF_A_MODEL = {"probe", *IN_WORDS}
"""Kinds of judges that a model is which also answers."""


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
    return _joined(shares)


def shared_by_named(
    settings: Judging, teacher: Judging, constitution: Constitution, *, same_model: bool
) -> str | None:
    """What a judge that the user named has in common with the teacher, in words.

    Args:
        settings: The judge's.
        teacher: The teacher's.
        constitution: The whole one.
        same_model: Whether one model is behind both.
    """
    kinds, taught = kinds_of(settings, constitution), kinds_of(teacher, constitution)
    shares = []
    if same_model and all(_OF_A_MODEL & set(some.values()) for some in (kinds, taught)):
        shares.append("the model")
    for one in constitution.objectives:
        name = one.name
        pair = {kinds[name], taught[name]}
        taught_by, examined_by = (
            enough_for(kind, of) for kind, of in ((taught[name], teacher), (kinds[name], settings))
        )
        if (
            taught_by
            and examined_by
            and halves_of(one, constitution.scale, taught_by, examined_by).shared
        ):
            shares.append(f"the exemplars of {name}, too few to halve")
        if same_model and pair <= set(IN_WORDS):
            shares.append("wordings of the question")
        if pair == {"reward-model"} and settings.reward_models[name] == teacher.reward_models[name]:
            shares.append(f"the reward model of {name}")
        if pair == {"python"} and settings.function == teacher.function:
            shares.append(f"the function that judges {name}")
    return _joined(shares)


def _joined(shares: Sequence[str]) -> str | None:
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
