"""Whether there are enough figures on both sides to show anything at all."""

LEAST_PROMPTS = 10
"""Complete pairs below which no interval is trusted: with eight skewed gains a 97.5 % bound errs
three times as often as it says (the samples of `benchmarks/intervals.py`, eight prompts each)."""

MOST_MISSING = 0.2
"""Share of prompts without a complete pair beyond which the rest says too little about the whole
(the limit that clinical trials use for loss to follow-up: Schulz & Grimes, Lancet 2002)."""


def too_few(n: int, have: str, least: int = LEAST_PROMPTS) -> str | None:
    """Why so few show nothing; None where they suffice.

    Args:
        n: How many there are.
        have: What they are and have, in words, such as `of 60 prompts have both scores`.
        least: How many are needed.
    """
    return f"{n} {have} and {least} are needed" if n < least else None


def too_many_missing(missing: int, total: int, lack: str) -> str | None:
    """Why the rest does not stand for the whole; None where it may.

    Args:
        missing: How many are left out.
        total: How many there are with them.
        lack: What they are and lack, in words, such as `prompts lack a score`.
    """
    if missing <= MOST_MISSING * total:
        return None
    return (
        f"{missing} of {total} {lack} and the rest may not stand for them "
        f"(at most {MOST_MISSING:.0%} may)"
    )
