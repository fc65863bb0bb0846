"""An objective's exemplars in two halves that share no topic."""

import hashlib
from collections import Counter
from collections.abc import Sequence

from primum.constitution.exemplars import Exemplar, shape_of
from primum.constitution.schema import Objective

Key = tuple[str, str]
"""`topic` or `prompt`, and which."""


def topics_by_prompt(objective: Objective, least: int) -> dict[str, Key]:
    """The topic of every prompt, or the prompt itself where topics are missing or few.

    Args:
        objective: Has the exemplars.
        least: Fewer topics than these are not kept together, only prompts are.
    """
    topic_of = {one.prompt: one.topic for one in objective.exemplars}
    # Without any one topic some contrasts must be left.
    of_contrasts = {topic_of[one.prompt] or one.prompt for one in objective.contrasts}
    known = {topic for topic in topic_of.values() if topic}
    by_topic = len(known) >= least and len(of_contrasts) > 1
    return {
        prompt: ("topic", topic) if by_topic and topic else ("prompt", prompt)
        for prompt, topic in topic_of.items()
    }


def split_by_topic(objective: Objective, least: int) -> tuple[Objective, Objective]:
    """Two halves of the exemplars, the same at every call, which share no topic and no prompt.

    Topics are dealt out one by one, those with the most exemplars first, each to the half that has
    fewer exemplars like its own: of the same shape, and of the same shape and category.

    Args:
        objective: Has the exemplars.
        least: See `topics_by_prompt`.
    """
    key_of = topics_by_prompt(objective, least)
    by_key: dict[Key, list[Exemplar]] = {}
    for one in objective.exemplars:
        by_key.setdefault(key_of[one.prompt], []).append(one)
    ahead: Counter[tuple[str, ...]] = Counter()
    in_first = {}
    for key in sorted(by_key, key=lambda key: (-len(by_key[key]), _digest(key))):
        like = _likeness(by_key[key])
        lead = sum(ahead[kind] * count for kind, count in like.items())
        in_first[key] = lead < 0 or (lead == 0 and _digest(key)[0] % 2 == 0)
        for kind, count in like.items():
            ahead[kind] += count if in_first[key] else -count
    return _where(objective, key_of, in_first, True), _where(objective, key_of, in_first, False)


def _where(
    objective: Objective, key_of: dict[str, Key], in_first: dict[Key, bool], wanted: bool
) -> Objective:
    exemplars = tuple(one for one in objective.exemplars if in_first[key_of[one.prompt]] == wanted)
    return objective.model_copy(update={"exemplars": exemplars})


def _likeness(exemplars: Sequence[Exemplar]) -> Counter[tuple[str, ...]]:
    """How many there are of each shape, and of each shape and category."""
    found: Counter[tuple[str, ...]] = Counter()
    for one in exemplars:
        shape = shape_of(one)
        if shape == "marked answer":
            shape += f" {getattr(one, 'meets', None)}"
        found[(shape,)] += 1
        found[(shape, str(one.category))] += 1
    return found


def _digest(key: Key) -> bytes:
    return hashlib.sha256("\x1f".join(key).encode("utf-8", "surrogatepass")).digest()
