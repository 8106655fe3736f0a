"""Types of arrays that all rooms share."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatMap = npt.NDArray[np.float32]
"""Float32 values of the pixels of a picture, (H, W) unless said otherwise."""
Mask = npt.NDArray[np.bool_]
"""A bool for every pixel of a picture, (H, W)."""
