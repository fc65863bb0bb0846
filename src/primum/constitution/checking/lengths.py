"""What length alone gives away."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

from primum.constitution.checking.findings import SHOWN, Finding, named
from primum.constitution.exemplars import Contrast, EqualPair, MarkedAnswer
from primum.constitution.schema import LEAST_EXEMPLARS, Objective

LENGTH_LIMIT = 0.60
"""AUC of length beyond which, in either direction, length alone tells the sides apart: a choice.

The constitutions that come with primum keep to 0.45 to 0.55."""
RATIO_LIMIT = 4.0
"""How many times longer one side of a contrast may be: a choice."""
ONE_SIDED = 0.9
"""Share of equal pairs in which the same place may hold the longer answer: a choice."""


def length_auc(contrasts: Sequence[Contrast]) -> float | None:
    """Probability that any better side is longer than any worse side, ties counted half.

    0.5 says that length knows nothing; None without contrasts.
    """
    return _longer([one.better for one in contrasts], [one.worse for one in contrasts])


def length_auc_of_marks(marked: Sequence[MarkedAnswer]) -> float | None:
    """Probability that any answer that meets the threshold is longer than any that does not.

    Ties count half; None unless there are answers of both kinds.
    """
    return _longer(
        [one.answer for one in marked if one.meets], [one.answer for one in marked if not one.meets]
    )


def lengths(objective: Objective) -> Iterator[Finding]:
    """Contrasts, marks and equal pairs that length tells apart."""
    yield from _contrasts(objective)
    yield from _single(objective)
    yield from _marks(objective)
    yield from _equal_pairs(objective)


def _contrasts(objective: Objective) -> Iterator[Finding]:
    area = length_auc(objective.contrasts)
    if area is not None and len(objective.contrasts) >= LEAST_EXEMPLARS and _tells(area):
        side = "longer" if area > 0.5 else "shorter"
        text = (
            f"length alone tells the sides apart (AUC {area:.2f}, and {_FINE}): the better side is "
            f"mostly the {side} one; even them out, or the probe learns length"
        )
        yield Finding("warning", objective.name, text)


def _single(objective: Objective) -> Iterator[Finding]:
    for _, where, exemplar in named(objective):
        if not isinstance(exemplar, Contrast):
            continue
        short, long = sorted((len(exemplar.better.strip()), len(exemplar.worse.strip())))
        if long > RATIO_LIMIT * short and long > 2 * SHOWN:
            text = (
                f"{where} is decided by length: one side has {long} characters and the other "
                f"{short}"
            )
            yield Finding("warning", objective.name, text)


def _marks(objective: Objective) -> Iterator[Finding]:
    marked = objective.marked_alone
    area = length_auc_of_marks(marked)
    meets = sum(one.meets for one in marked)
    fewer = min(meets, len(marked) - meets)
    if area is not None and fewer >= LEAST_EXEMPLARS and _tells(area):
        side, missing = ("longer", "short") if area > 0.5 else ("shorter", "long")
        text = (
            f"length alone tells the marks apart (AUC {area:.2f}, and {_FINE}): answers that meet "
            f"the threshold are mostly the {side} ones; mark {missing} ones that meet it and "
            f"{'long' if missing == 'short' else 'short'} ones that do not"
        )
        yield Finding("warning", objective.name, text)


def _equal_pairs(objective: Objective) -> Iterator[Finding]:
    pairs = [one for one in objective.equal_pairs if one.differ != "length"]
    uneven = [one for one in pairs if len(one.equal[0]) != len(one.equal[1])]
    first = sum(_first_is_longer(one) for one in uneven)
    most = max(first, len(uneven) - first)
    if len(uneven) >= LEAST_EXEMPLARS and most > ONE_SIDED * len(uneven):
        place, other = ("first", "second") if first == most else ("second", "first")
        text = (
            f"the {place} answer is the longer one in {most} of {len(uneven)} equal pairs that do "
            f"not differ in length alone; make the {other} one longer in about half of them"
        )
        yield Finding("warning", objective.name, text)


def _first_is_longer(pair: EqualPair) -> bool:
    return len(pair.equal[0]) > len(pair.equal[1])


_FINE = f"{1 - LENGTH_LIMIT:.2f} to {LENGTH_LIMIT:.2f} is fine"


def _tells(area: float) -> bool:
    return not 1 - LENGTH_LIMIT <= area <= LENGTH_LIMIT


def _longer(texts: Sequence[str], others: Sequence[str]) -> float | None:
    if not texts or not others:
        return None
    other = sorted(map(len, others))
    twice = sum(bisect_left(other, len(t)) + bisect_right(other, len(t)) for t in texts)
    return twice / (2 * len(texts) * len(others))
