"""Sets untrusted text apart from instructions."""


def quoted(text: str) -> str:
    """The text with every line marked, so that nothing in it can close the quotation."""
    return "\n".join(f"> {line}" for line in text.splitlines() or [""])
