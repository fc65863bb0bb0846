"""The arrays that figures are worked out from."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def floats_of(scores: Sequence[float | None]) -> Floats:
    """Scores as an array; NaN where one is missing or not finite."""
    values = np.array([np.nan if score is None else score for score in scores], dtype=np.float64)
    return np.where(np.isfinite(values), values, np.nan)
