"""The type of the arrays that figures are worked out from."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
