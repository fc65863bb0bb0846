"""Every method beside one that it is compared with, corrected for all comparisons together."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from primum.compare.measured import Certainties, Yardstick
from primum.compare.scores import JudgedRuns
from primum.statistics.interval import NOTHING, Interval
from primum.statistics.multiplicity import holm
from primum.statistics.over_seeds import p_over_seeds


@dataclass(frozen=True, slots=True)
class MethodDifference:
    """How much more a method's answers score than those of the method that it is compared with.

    Attributes:
        method: Its name.
        judge: The examiner's.
        by: The yardstick.
        seeds: Those that both methods have; the two are paired by prompt and seed.
        difference: Its mean, in points of the scale.
        p: Two-sided, that there is none; None where it cannot be tested.
        p_adjusted: The same after Holm's correction over all comparisons of the table.
    """

    method: str
    judge: str
    by: Yardstick
    seeds: tuple[int, ...]
    difference: Interval
    p: float | None
    p_adjusted: float | None = None


def differences(
    reference: str,
    examiners: Sequence[JudgedRuns],
    yardsticks: Sequence[Yardstick],
    certainties: Certainties,
) -> tuple[MethodDifference, ...]:
    """Every other method beside the reference, by every examiner and yardstick.

    Args:
        reference: The method that all are compared with.
        examiners: What each of them made of all runs.
        yardsticks: In the order in which `examiners` have them.
        certainties: How intervals are made.
    """
    found = [
        _difference(method, reference, judged, (place, yardstick), certainties)
        for judged in examiners
        if reference in judged.runs
        for method in judged.runs
        if method != reference
        for place, yardstick in enumerate(yardsticks)
    ]
    adjusted = holm([each.p for each in found])
    return tuple(replace(each, p_adjusted=p) for each, p in zip(found, adjusted, strict=True))


def _difference(
    method: str,
    reference: str,
    judged: JudgedRuns,
    by: tuple[int, Yardstick],
    certainties: Certainties,
) -> MethodDifference:
    """One method beside the reference.

    Args:
        method: Its name.
        reference: The other one's.
        judged: What an examiner made of the runs.
        by: The yardstick with its place.
        certainties: How intervals are made.
    """
    place, yardstick = by
    mine, other = judged.runs[method], judged.runs[reference]
    seeds = tuple(seed for seed in mine if seed in other)
    judge = judged.judge or ""
    if not seeds or not judged.places:
        return MethodDifference(method, judge, yardstick, seeds, NOTHING, None)
    apart = [mine[seed][1][place] - other[seed][1][place] for seed in seeds]
    return MethodDifference(
        method,
        judge,
        yardstick,
        seeds,
        certainties.mean(apart, judged.missing),
        p_over_seeds([each.tolist() for each in apart]),
    )


def surviving(found: Sequence[MethodDifference], alpha: float) -> tuple[MethodDifference, ...]:
    """The differences that are significant together.

    Args:
        found: All of them.
        alpha: Probability with which any of them may be an error.
    """
    return tuple(each for each in found if each.p_adjusted is not None and each.p_adjusted < alpha)


def worth(found: Sequence[MethodDifference], reference: str, alpha: float) -> str:
    """What all differences together are worth, in plain words.

    Args:
        found: All of them.
        reference: The method that all are compared with.
        alpha: Probability with which any of them may be an error.
    """
    tested = [each for each in found if each.p is not None]
    if not tested:
        return f"No method can be compared with {reference}."
    count, left = len(tested), surviving(found, alpha)
    of_all = f"{count} comparison{'' if count == 1 else 's'} with {reference}"
    if left:
        survive = "survives" if len(left) == 1 else "survive"
        said = [f"{len(left)} of {of_all} {survive} correction for all of them."]
        for word in _WORDS:
            if _of(word, left):
                said.append(f"{word.capitalize()} than {reference}: {_listed(word, left, tested)}.")
    else:
        said = [
            f"None of {of_all} survives correction for all of them: these answers do not tell any "
            f"other method from {reference}."
        ]
    if all(len(each.seeds) == 1 for each in tested):
        said.append("With one seed, nothing is said of what another seed would give.")
    return " ".join(said)


_WORDS = ("higher", "lower")


def _of(word: str, part: Sequence[MethodDifference]) -> list[MethodDifference]:
    """Those in which a method is higher, or lower, than the reference."""
    return [each for each in part if ((each.difference.value or 0.0) > 0) == (word == "higher")]


def _listed(word: str, left: Sequence[MethodDifference], tested: Sequence[MethodDifference]) -> str:
    """Each method once, with what it is higher or lower on.

    Args:
        word: Which of both.
        left: The differences that survived.
        tested: All that were tested.
    """
    judges = {each.judge for each in tested}
    said = []
    part = _of(word, left)
    for method in dict.fromkeys(each.method for each in part):
        of_method = [each for each in part if each.method == method]
        names = []
        for by in dict.fromkeys(each.by for each in of_method):
            seen = [each.judge for each in of_method if each.by == by]
            names += [by.name] if set(seen) == judges else [f"{by.name} by {j}" for j in seen]
        whole = len(of_method) == sum(each.method == method for each in tested)
        said.append(f"{method} ({'on everything' if whole else ', '.join(names)})")
    return ", ".join(said)
