"""How a text ended, where that has to be said."""

CUT = "cut at the longest length allowed"


def ending(finish: str | None, missing: str | None = None) -> str | None:
    """What to say of a text that did not end by itself, or is not there; None of all others.

    Args:
        finish: `stop` or `length`.
        missing: Why there is no text.
    """
    if missing:
        return f"missing: {missing}"
    return CUT if finish == "length" else None
