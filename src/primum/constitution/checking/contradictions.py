"""Exemplars that cannot all be meant."""

from collections.abc import Iterator

from primum.constitution.checking.findings import Finding, named, opening, plain
from primum.constitution.exemplars import Contrast, EqualPair, MarkedAnswer, marked_answers
from primum.constitution.schema import Objective

_Answer = tuple[str, str]
"""Prompt and answer, both plain."""
_Marks = dict[_Answer, tuple[bool, str]]
"""Whether an answer meets the threshold, and the first exemplar that says so."""

_WORDS = {True: "meeting", False: "not meeting"}


def contradictions(objective: Objective) -> Iterator[Finding]:
    """Answers that are marked both ways, and pairs that marks or other pairs gainsay."""
    marks: _Marks = {}
    yield from _marks(objective, marks)
    yield from _pairs(objective)
    yield from _unmarked(objective, marks)


def _marks(objective: Objective, known: _Marks) -> Iterator[Finding]:
    """The same answer marked as meeting the threshold and as not meeting it; fills `known`."""
    for name, where, exemplar in named(objective):
        for one in marked_answers((exemplar,)):
            meets, first = known.setdefault(_answer(one.prompt, one.answer), (one.meets, name))
            if meets != one.meets:
                text = (
                    f"{where} marks the answer {opening(one.answer)} as {_WORDS[one.meets]} the "
                    f"threshold, and {first} marks it as {_WORDS[meets]} it; decide which"
                )
                yield Finding("error", objective.name, text)


def _pairs(objective: Objective) -> Iterator[Finding]:
    """Pairs of one answer, opposite contrasts, and pairs equal here and a contrast there."""
    known: dict[tuple[_Answer, _Answer], tuple[str, type]] = {}
    for name, where, exemplar in named(objective):
        if isinstance(exemplar, MarkedAnswer):
            continue
        sides = _sides(exemplar)
        if sides[0] == sides[1]:
            text = f"{where} has one answer twice, but for capitals and spaces; take it out"
            yield Finding("error", objective.name, text)
            continue
        other, shape = known.get(sides) or known.get(sides[::-1]) or (None, None)
        if other is not None and shape is not type(exemplar):
            text = f"{where} has the two answers of {other}; decide whether they are equal"
            yield Finding("error", objective.name, text)
        elif isinstance(exemplar, Contrast) and sides[::-1] in known:
            text = f"{where} says the opposite of {other}; decide which side is better"
            yield Finding("error", objective.name, text)
        known.setdefault(sides, (name, type(exemplar)))


def _unmarked(objective: Objective, marks: _Marks) -> Iterator[Finding]:
    """Pairs that do not mark both sides, and whose sides are marked against them elsewhere."""
    for _, where, exemplar in named(objective):
        if isinstance(exemplar, MarkedAnswer) or len(marked_answers((exemplar,))) == 2:
            continue
        (one, by_one), (other, by_other) = (
            marks.get(side, (None, "")) for side in _sides(exemplar)
        )
        if isinstance(exemplar, EqualPair) and {one, other} == {True, False}:
            text = f"{where} calls two answers equal that {by_one} and {by_other} mark differently"
        elif isinstance(exemplar, Contrast) and one is False and other is True:
            text = (
                f"{where} prefers an answer that {by_one} marks as not meeting the threshold to "
                f"one that {by_other} marks as meeting it"
            )
        else:
            continue
        yield Finding("error", objective.name, f"{text}; decide which is right")


def opposite_objectives(one: Objective, other: Objective) -> Iterator[Finding]:
    """Contrasts of two objectives with the same texts on opposite sides."""
    known = {_sides(e): name for name, _, e in named(one) if isinstance(e, Contrast)}
    for _, where, exemplar in named(other):
        if isinstance(exemplar, Contrast) and _sides(exemplar)[::-1] in known:
            text = (
                f"{where} prefers what {known[_sides(exemplar)[::-1]]} of {one.name!r} rejects; "
                "let each side fail one objective alone"
            )
            yield Finding("warning", other.name, text)


def _sides(pair: Contrast | EqualPair) -> tuple[_Answer, _Answer]:
    """The two answers, the better one of a contrast first."""
    one, other = (pair.better, pair.worse) if isinstance(pair, Contrast) else pair.equal
    return _answer(pair.prompt, one), _answer(pair.prompt, other)


def _answer(prompt: str, answer: str) -> _Answer:
    return plain(prompt), plain(answer)
