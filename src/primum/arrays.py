"""The arrays that pass between rooms, named by their number format."""

import numpy as np
import numpy.typing as npt

Float32Array = npt.NDArray[np.float32]
"""What models give: hidden states and log-probabilities."""

Float64Array = npt.NDArray[np.float64]
"""What is computed from it."""

BoolArray = npt.NDArray[np.bool_]
"""Marks and masks."""

IntArray = npt.NDArray[np.int64]
"""Places of rows, and numbers of groups."""
