"""What is said of a run that trained nothing."""

_MADE = {
    "untouched": "the answers after are those before",
    "system-prompt": "the starting model itself gave the answers after, under the constitution as "
    "system prompt",
    "best-of-n": "each answer after is the best of {n} by the starting model itself, as the "
    "teacher's scores order them",
    "self-refinement": "each answer after is the starting model's own refinement of {n}, from the "
    "teacher's scores, whether or not it is better",
}
_NAMES = {
    "untouched": "untouched",
    "system-prompt": "under the constitution as system prompt",
    "best-of-n": "best of {n}",
    "self-refinement": "refining its own answers",
}


def how_made(method: str, n: int) -> str:
    """How the answers after were made, as the end of a sentence.

    Args:
        method: The recipe's.
        n: Its candidates per prompt.
    """
    return f"nothing was trained: {_MADE[method].format(n=n)}"


def way_named(method: str, n: int) -> str:
    """The method in a few words, behind a model's name.

    Args:
        method: The recipe's.
        n: Its candidates per prompt.
    """
    return "aligned" if method == "train" else _NAMES[method].format(n=n)
