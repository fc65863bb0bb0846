"""Which failures pass by themselves, and how long to wait for that."""

import random
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

PASSING = frozenset({408, 409, 425, 429})
"""Refusals that another try may mend; every 5xx is one too."""

_FIRST = 0.5
"""Seconds that the first pause may last. A choice."""

_LONGEST = 60.0
"""Seconds beyond which pauses do not grow. A choice."""


class PassingError(Exception):
    """A failure that another try may mend.

    Args:
        what: What happened, as a part of a sentence.
        wait: Seconds after which the server asks to come back; None where it says nothing.
    """

    def __init__(self, what: str, wait: float | None = None) -> None:
        super().__init__(what)
        self.wait = wait


def passes(status: int) -> bool:
    """Whether an answer with this status is worth another try."""
    return status in PASSING or status >= 500


def pause(attempt: int, asked: float | None) -> float:
    """Seconds to wait before another try.

    Exponential back-off with full jitter: uniform between 0 and a bound that doubles with every
    try, so that clients that failed together do not come back together (M. Brooker, "Exponential
    Backoff And Jitter", AWS Architecture Blog, 2015). What the server asks for comes on top of it.

    Args:
        attempt: How many tries have failed before this one, from 0.
        asked: Seconds that the server asked for; None where it did not.
    """
    bound = min(_LONGEST, _FIRST * 2.0 ** min(attempt, 16))
    if asked is not None:
        # Never before the time asked for, and not all at that very moment.
        return asked + random.uniform(0, min(bound, 1.0))
    return random.uniform(0, bound)


def retry_after(header: str | None, now: datetime | None = None) -> float | None:
    """Seconds that a `Retry-After` header asks for (RFC 9110, 10.2.3).

    Args:
        header: Seconds, or an HTTP date.
        now: The time to count a date from; by default the present.

    Returns:
        None where there is no header, or none that makes sense; never below 0.
    """
    if header is None:
        return None
    text = header.strip()
    try:
        seconds = float(text)
    except ValueError:
        try:
            date = parsedate_to_datetime(text)
        except (ValueError, IndexError, OverflowError):
            return None
        date = date if date.tzinfo else date.replace(tzinfo=UTC)
        seconds = (date - (now or datetime.now(UTC))).total_seconds()
    return max(seconds, 0.0) if seconds < float("inf") else None
