"""Exemplars that say what others have said already."""

from collections.abc import Iterator

from primum.constitution.checking.findings import Finding, named, plain
from primum.constitution.exemplars import Contrast, EqualPair, Exemplar, MarkedAnswer
from primum.constitution.schema import Objective


def repeats(objective: Objective) -> Iterator[Finding]:
    """Exemplars that stand twice, prompts that do, and prompts under two topics.

    Several marked answers to one prompt are no finding: they show what depends on the answer alone.
    """
    yield from _exemplars(objective)
    yield from _prompts(objective)
    yield from _topics(objective)


def _exemplars(objective: Objective) -> Iterator[Finding]:
    seen: dict[tuple[str, ...], str] = {}
    for name, where, exemplar in named(objective):
        first = seen.setdefault(_texts(exemplar), name)
        if first != name:
            text = f"{where} repeats {first}; take one of them out"
            yield Finding("error", objective.name, text)


def _prompts(objective: Objective) -> Iterator[Finding]:
    seen: dict[tuple[type, str], tuple[str, set[str]]] = {}
    for name, where, exemplar in named(objective):
        if isinstance(exemplar, MarkedAnswer):
            continue
        prompt, *answers = _texts(exemplar)
        first, known = seen.setdefault((type(exemplar), prompt), (name, set(answers)))
        # The same answers again are an error, told as a repetition or a contradiction.
        if set(answers) != known:
            text = f"{where} has the prompt of {first}; other prompts teach more"
            yield Finding("warning", objective.name, text)


def _topics(objective: Objective) -> Iterator[Finding]:
    seen: dict[str, tuple[str, str]] = {}
    for name, where, exemplar in named(objective):
        if exemplar.topic is None:
            continue
        first, topic = seen.setdefault(plain(exemplar.prompt), (name, exemplar.topic))
        if topic != exemplar.topic:
            text = (
                f"{where} has the topic {exemplar.topic!r} and {first}, with the same prompt, "
                f"{topic!r}; give both the same, since topics are held out together"
            )
            yield Finding("warning", objective.name, text)


def _texts(exemplar: Exemplar) -> tuple[str, ...]:
    """What identifies an exemplar, the prompt first; the answers of an equal pair have no order."""
    if isinstance(exemplar, Contrast):
        answers = ["better and worse", plain(exemplar.better), plain(exemplar.worse)]
    elif isinstance(exemplar, EqualPair):
        answers = ["equal", *sorted(map(plain, exemplar.equal))]
    else:
        # With its mark: the same answer with the other one is a contradiction, and told as such.
        answers = [f"marked {exemplar.meets}", plain(exemplar.answer)]
    return (plain(exemplar.prompt), *answers)
