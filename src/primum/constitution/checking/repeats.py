"""Exemplars that say what others have said already."""

from collections.abc import Iterator

from primum.constitution.checking.findings import Finding, named, plain
from primum.constitution.exemplars import Contrast, EqualPair, Exemplar
from primum.constitution.schema import Objective


def repeats(objective: Objective) -> Iterator[Finding]:
    """Exemplars that stand twice, prompts that do, and prompts under two topics.

    Several marked answers to one prompt are no finding: they show what depends on the answer alone.
    """
    seen: dict[tuple[str, ...], str] = {}
    prompts: dict[tuple[type, str], str] = {}
    topics: dict[str, tuple[str, str]] = {}
    for name, where, exemplar in named(objective):
        prompt = plain(exemplar.prompt)
        shape = type(exemplar)
        if _texts(exemplar) in seen:
            text = f"{where} repeats {seen[_texts(exemplar)]}; take one of them out"
            yield Finding("error", objective.name, text)
        elif isinstance(exemplar, Contrast | EqualPair) and (shape, prompt) in prompts:
            first = prompts[shape, prompt]
            text = f"{where} has the prompt of {first}; other prompts teach more"
            yield Finding("warning", objective.name, text)
        if exemplar.topic is not None:
            first, topic = topics.setdefault(prompt, (name, exemplar.topic))
            if topic != exemplar.topic:
                text = (
                    f"{where} has the topic {exemplar.topic!r} and {first}, with the same prompt, "
                    f"{topic!r}; give both the same, since topics are held out together"
                )
                yield Finding("warning", objective.name, text)
        seen.setdefault(_texts(exemplar), name)
        prompts.setdefault((shape, prompt), name)


def _texts(exemplar: Exemplar) -> tuple[str, ...]:
    """What identifies an exemplar; the answers of an equal pair have no order."""
    if isinstance(exemplar, Contrast):
        answers = ["contrast", plain(exemplar.better), plain(exemplar.worse)]
    elif isinstance(exemplar, EqualPair):
        answers = ["equal", *sorted(map(plain, exemplar.equal))]
    else:
        # With its mark: the same answer with the other one is a contradiction, and told as such.
        answers = ["marked", plain(exemplar.answer), str(exemplar.meets)]
    return (plain(exemplar.prompt), *answers)
