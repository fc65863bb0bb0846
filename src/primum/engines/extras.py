"""How to install what only some runs need."""


def how_to_install(extra: str) -> str:
    """What to run for an extra of primum, as a part of a sentence.

    No package index has a distribution of primum, so that its source is needed.
    """
    return f"run pip install '.[{extra}]' in a clone of primum"
