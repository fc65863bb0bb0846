"""Made-up scores before and after, of twelve kinds of noise and skew, with a known true change."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Kind = Callable[[np.random.Generator, int, float], Array]

_REFERENCE = 1_000_000
"""Draws by which the kind with a ceiling is set to its true change: their mean errs by 0.001."""


def normal(rng: np.random.Generator, n: int, change: float) -> Array:
    """Gains as textbooks have them."""
    return rng.normal(change, 1, n)


def heavy_tails(rng: np.random.Generator, n: int, change: float) -> Array:
    """A few gains lie far out on either side."""
    return change + rng.standard_t(3, n) / np.sqrt(3)


def skewed_down(rng: np.random.Generator, n: int, change: float) -> Array:
    """Most prompts rise a little, a few fall far: what a gate must not overlook."""
    return change + 1 - rng.exponential(size=n)


def skewed_up(rng: np.random.Generator, n: int, change: float) -> Array:
    """Most prompts fall a little, a few rise far."""
    return change - 1 + rng.exponential(size=n)


def discrete(rng: np.random.Generator, n: int, change: float) -> Array:
    """Whole points, as a judge that writes its rating gives them."""
    return np.floor(rng.normal(change, 1, n) + rng.uniform(size=n))


def ceiling(rng: np.random.Generator, n: int, change: float) -> Array:
    """Scores that can hardly rise, since most lie at the top of the scale."""
    shift = _CEILING[change] if change in _CEILING else _shift(change)
    return _clipped(rng, n, shift)


def zero_inflated(rng: np.random.Generator, n: int, change: float) -> Array:
    """Four prompts of five do not move at all."""
    return np.where(rng.uniform(size=n) < 0.2, rng.normal(change / 0.2, 2, n), 0.0)


def two_clusters(rng: np.random.Generator, n: int, change: float) -> Array:
    """One half rises, the other falls."""
    return change + rng.choice([-1.0, 1.0], n) + rng.normal(0, 0.3, n)


def missing_at_random(rng: np.random.Generator, n: int, change: float) -> Array:
    """One score in ten cannot be read."""
    return np.where(rng.uniform(size=n) < 0.1, np.nan, normal(rng, n, change))


def missing_by_value(rng: np.random.Generator, n: int, change: float) -> Array:
    """One score in twenty cannot be read, and the more a prompt falls the likelier."""
    gains = normal(rng, n, change)
    lost = 0.05 * np.clip(1 - 0.8 * (gains - change), 0, None)
    return np.where(rng.uniform(size=n) < lost, np.nan, gains)


def heteroscedastic(rng: np.random.Generator, n: int, change: float) -> Array:
    """Some prompts are scored far less steadily than others."""
    return change + rng.normal(size=n) * np.exp(rng.normal(0, 0.7, n))


def ties(rng: np.random.Generator, n: int, change: float) -> Array:
    """Nearly all prompts keep their score; the rest move by one point."""
    up, down = 0.1 + max(change, 0.0), 0.1 + max(-change, 0.0)
    return rng.choice([-1.0, 0.0, 1.0], n, p=[down, 1 - up - down, up])


KINDS: dict[str, Kind] = {
    kind.__name__: kind
    for kind in (
        normal,
        heavy_tails,
        skewed_down,
        skewed_up,
        discrete,
        ceiling,
        zero_inflated,
        two_clusters,
        missing_at_random,
        missing_by_value,
        heteroscedastic,
        ties,
    )
}

_CEILING: dict[float, float] = {}


def _clipped(rng: np.random.Generator, n: int, shift: float) -> Array:
    before = np.minimum(10.0, rng.normal(10, 1.5, n))
    return np.minimum(10.0, before + rng.normal(shift, 1, n)) - before


def _shift(change: float) -> float:
    """The shift before clipping at which the mean change is as wanted, found by bisection."""
    low, high = -5.0, 5.0
    for _ in range(30):
        middle = (low + high) / 2
        mean = _clipped(np.random.default_rng(0), _REFERENCE, middle).mean()
        low, high = (middle, high) if mean < change else (low, middle)
    return _CEILING.setdefault(change, (low + high) / 2)
