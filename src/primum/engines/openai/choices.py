"""Log-probabilities of given answers, from the likeliest first tokens that a server lists."""

from collections.abc import Callable, Mapping
from math import exp

import numpy as np

from primum.arrays import Float32Array

LISTED = 20
"""How many tokens are asked for: the most that OpenAI's `top_logprobs` and vLLM's default
`--max-logprobs` allow."""

_LEAST_FOLLOWED = 1e-4
"""Share of all that was found below which a beginning is not followed further. On a scale of ten
points a rating then moves by at most 9 × 0.0001, less than a thousandth of a point, and another
request is saved."""

ListTokens = Callable[[str], Mapping[str, float]]
"""Log-probabilities of the likeliest tokens after the beginning of an answer."""


def choice_masses(
    list_tokens: ListTokens, choices: tuple[str, ...], whole: frozenset[str]
) -> dict[str, float]:
    """The probability that an answer begins with each choice, as far as the server lists it.

    An answer that begins another one ("1" and "10" where digits are tokens) counts only as far as
    the longer one does not follow (see `engines.local.logprobs.choices`): the server is asked what
    comes after the begun answer. A choice that is not among the listed tokens has a probability
    below that of the last one listed; it counts as 0, and what is missing shows in the probability
    outside of all choices, or stays with the choice that it would have gone on from.

    Args:
        list_tokens: Asks the server; called with "" first.
        choices: All different and none empty.
        whole: Those of them that the model writes as one token.

    Returns:
        A probability for each choice; together at most 1, up to rounding.
    """
    found = dict.fromkeys(choices, 0.0)
    waiting: list[tuple[str, float, str | None]] = [("", 1.0, None)]
    while waiting:
        begun, mass, passed = waiting.pop()
        here = _texts(begun, list_tokens(begun))
        for text, share in here.items():
            if text in found:
                found[text] += mass * share
                if passed is not None:
                    found[passed] -= mass * share
        least = _LEAST_FOLLOWED * sum(found.values())
        waiting += [
            (text, mass * share, text if text in found else passed)
            for text, share in here.items()
            if mass * share > least and goes_on(text, choices, whole)
        ]
    return found


def goes_on(text: str, choices: tuple[str, ...], whole: frozenset[str]) -> bool:
    """Whether a text begins a choice of several tokens, so that what follows it must be asked.

    Args:
        text: The beginning.
        choices: All of them.
        whole: Those that the model writes as one token.
    """
    return any(c != text and c.startswith(text) and c not in whole for c in choices)


def as_log_probabilities(masses: Mapping[str, float]) -> Float32Array:
    """Finite log-probabilities in the order of the choices; 0 becomes the smallest there is."""
    least = np.finfo(np.float32).tiny
    return np.log(np.maximum(list(masses.values()), least)).astype(np.float32)


def _texts(begun: str, listed: Mapping[str, float]) -> dict[str, float]:
    """Probability by what the answer then reads, white space before it left out."""
    texts: dict[str, float] = {}
    for token, log_probability in listed.items():
        text = begun + token if begun else token.lstrip()
        if text != begun:
            texts[text] = texts.get(text, 0.0) + exp(min(log_probability, 0.0))
    return texts
