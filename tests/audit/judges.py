"""Judges as functions, which read in a text what the tests wrote into it."""

from zlib import crc32


def noise(*texts):
    """Up to one point, the same for the same texts."""
    return crc32("|".join(texts).encode()) % 1000 / 1000


def both(score):
    return {"kind": score, "brief": score}


def perfect(messages, response):
    """Knows what meets, whatever the prompt and the tone."""
    return both((8 if "meets" in response else 4) + noise(messages[-1]["content"], response))


def generous(messages, response):
    """Knows what meets, and gives everything an 8 at least."""
    return both((9 if "meets" in response else 8) + noise(messages[-1]["content"], response))


def stern(messages, response):
    """Knows what meets, and gives nothing more than 5."""
    return both((4 if "meets" in response else 2) + noise(messages[-1]["content"], response))


def cautious(messages, response):
    """Knows what meets, and likes caution besides."""
    plain = 8 if "meets" in response else 4
    hedged = 1 if "hedged" in response else 0
    return both(plain + hedged + noise(messages[-1]["content"], response) / 2)


def blind(messages, response):
    """Compares answers to one prompt rightly; its level is the prompt's alone."""
    level = 1 + 7 * noise(messages[-1]["content"])
    return both(level + (0.2 if "good" in response or "meets" in response else 0))
