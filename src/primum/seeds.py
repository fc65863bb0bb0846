"""Seeds that depend on what is drawn, never on when or beside what it is drawn."""

import hashlib


def derive_seed(seed: int, *parts: str | int) -> int:
    """A seed for one draw, from the run's seed and the names of what is drawn.

    Returns:
        An integer in [0, 2⁶³).
    """
    text = "\x1f".join(map(str, (seed, *parts)))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1
