"""What a constitution's author should look at again, beyond what loading refuses."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Literal

from primum.constitution.schema import LEAST_EXEMPLARS, Constitution, Contrast, Objective

Severity = Literal["error", "warning"]

ENOUGH_EXEMPLARS = 50
"""Exemplars below which a probe is noticeably worse: a choice; see docs/constitution.md."""
LENGTH_LIMIT = 0.60
"""AUC of length beyond which, in either direction, length alone tells the sides apart: a choice.

The constitutions that come with primum keep to 0.45 to 0.55."""
RATIO_LIMIT = 4.0
"""How many times longer one side of an exemplar may be: a choice."""
WIDEST_HOLE = 0.4
"""Share of the scale that two neighbouring scores of a rubric may leave between them: a choice.

From 1 to 10 it asks for four scores or more."""
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to look at.

    Attributes:
        severity: `error` for what cannot be meant, `warning` for what may be.
        objective: Which one.
        message: What it is, and what to do.
    """

    severity: Severity
    objective: str
    message: str


def check_constitution(constitution: Constitution) -> tuple[Finding, ...]:
    """Looks for what makes judges worse.

    Loading has already refused exemplars with a missing side or with two equal ones.

    Returns:
        The findings, by objective in their order; contradictions between objectives last.
    """
    found: list[Finding] = []
    for objective in constitution.objectives:
        found += _repeated(objective)
        found += _length(objective)
        found += _number(objective)
        found += _rubric(objective, constitution.scale)
    for one, other in combinations(constitution.objectives, 2):
        found += _contradictions(one, other)
    return tuple(found)


def length_auc(exemplars: Sequence[Contrast]) -> float | None:
    """Probability that any better side is longer than any worse side, ties counted half.

    0.5 says that length knows nothing; None without exemplars.
    """
    if not exemplars:
        return None
    better = [len(one.better) for one in exemplars]
    worse = [len(one.worse) for one in exemplars]
    wins = sum((b > w) + 0.5 * (b == w) for b in better for w in worse)
    return wins / (len(better) * len(worse))


def _repeated(objective: Objective) -> Iterator[Finding]:
    seen: dict[tuple[str, str, str], int] = {}
    prompts: dict[str, int] = {}
    for at, exemplar in enumerate(objective.contrasts, start=1):
        prompt, better, worse = (
            _plain(text) for text in (exemplar.prompt, exemplar.better, exemplar.worse)
        )
        where = f"exemplar {at} ({_opening(exemplar.prompt)})"
        if (prompt, better, worse) in seen:
            text = f"{where} repeats exemplar {seen[prompt, better, worse]}; take one of them out"
            yield Finding("error", objective.name, text)
        elif (prompt, worse, better) in seen:
            first = seen[prompt, worse, better]
            text = f"{where} says the opposite of exemplar {first}; decide which side is better"
            yield Finding("error", objective.name, text)
        elif prompt in prompts:
            text = f"{where} has the prompt of exemplar {prompts[prompt]}; other prompts teach more"
            yield Finding("warning", objective.name, text)
        seen.setdefault((prompt, better, worse), at)
        prompts.setdefault(prompt, at)


def _length(objective: Objective) -> Iterator[Finding]:
    exemplars = objective.contrasts
    area = length_auc(exemplars)
    enough = area is not None and len(exemplars) >= LEAST_EXEMPLARS
    if area is not None and enough and not 1 - LENGTH_LIMIT <= area <= LENGTH_LIMIT:
        side = "longer" if area > 0.5 else "shorter"
        text = (
            f"length alone tells the sides apart (AUC {area:.2f}, and {1 - LENGTH_LIMIT:.2f} to "
            f"{LENGTH_LIMIT:.2f} is fine): the better side is mostly the {side} one; even them "
            "out, or the probe learns length"
        )
        yield Finding("warning", objective.name, text)
    for at, exemplar in enumerate(exemplars, start=1):
        lengths = sorted((len(exemplar.better.strip()), len(exemplar.worse.strip())))
        if lengths[1] > RATIO_LIMIT * lengths[0] and lengths[1] > 2 * _SHOWN:
            text = (
                f"exemplar {at} ({_opening(exemplar.prompt)}) is decided by length: one side has "
                f"{lengths[1]} characters and the other {lengths[0]}"
            )
            yield Finding("warning", objective.name, text)


def _number(objective: Objective) -> Iterator[Finding]:
    count = len(objective.contrasts)
    if count < LEAST_EXEMPLARS:
        text = (
            f"{count} exemplars are too few for the probe, which needs {LEAST_EXEMPLARS} at the "
            "least; the other judges do not read them"
        )
        yield Finding("warning", objective.name, text)
    elif count < ENOUGH_EXEMPLARS:
        text = f"{count} exemplars make a weak probe; {ENOUGH_EXEMPLARS} to 300 make a better one"
        yield Finding("warning", objective.name, text)


def _rubric(objective: Objective, scale: tuple[float, float]) -> Iterator[Finding]:
    low, high = scale
    scores = sorted(objective.rubric)
    if not scores:
        text = "there is no rubric; a judge that rates in words has only the definition to go by"
        yield Finding("warning", objective.name, text)
        return
    for end in (low, high):
        if end not in objective.rubric:
            text = f"the rubric does not say what {end:g} means, an end of the scale"
            yield Finding("warning", objective.name, text)
    for one, other in pairwise(scores):
        if other - one > WIDEST_HOLE * (high - low):
            text = f"the rubric has a hole between {one:g} and {other:g}; describe a score there"
            yield Finding("warning", objective.name, text)


def _contradictions(one: Objective, other: Objective) -> Iterator[Finding]:
    """Exemplars of two objectives with the same texts on opposite sides."""
    known = {
        (_plain(e.prompt), _plain(e.better), _plain(e.worse)): at
        for at, e in enumerate(one.contrasts, start=1)
    }
    for at, exemplar in enumerate(other.contrasts, start=1):
        turned = tuple(_plain(t) for t in (exemplar.prompt, exemplar.worse, exemplar.better))
        if turned in known:
            text = (
                f"exemplar {at} ({_opening(exemplar.prompt)}) prefers what exemplar "
                f"{known[turned]} of {one.name!r} rejects; let each side fail one objective alone"
            )
            yield Finding("warning", other.name, text)


def _plain(text: str) -> str:
    return " ".join(text.lower().split())


def _opening(text: str) -> str:
    line = " ".join(text.split())
    return repr(line if len(line) <= _SHOWN else f"{line[: _SHOWN - 1]}…")
