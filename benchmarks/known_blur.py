"""What each method reads where the blur is known: a table of true against read, in pixels.

    python benchmarks/known_blur.py

Steps and stripes are rendered here and blurred by a sampled Gaussian; a reading is the mean of the
map over its edges (two pixels each side). The paper's map promises no pixels; it is shown for what
it reads.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from blurprint.optics.methods import METHODS

SIGMAS = (0.5, 1.0, 2.0, 3.0, 4.0)
WIDTHS = (10, 20, 40, 80)
SIZE = 320


def stripes(sigma: float, width: int) -> npt.NDArray[np.float32]:
    """Upright stripes of `width` pixels, float32 (160, 320, 3)."""
    unit = np.tile((np.arange(SIZE) // width) % 2, (SIZE // 2, 1)).astype(np.float64)
    unit = ndimage.gaussian_filter1d(unit, sigma, axis=1, mode="nearest")
    rgb: npt.NDArray[np.float32] = np.repeat(unit[..., None], 3, axis=2).astype(np.float32)
    return rgb


def reading(method: str, sigma: float, width: int) -> float:
    """Mean of the map within two pixels of the edges, away from the border."""
    defocus = METHODS[method](stripes(sigma, width))
    x = np.arange(SIZE)
    on_edge = (np.minimum(x % width, width - x % width) <= 2) & (x > 20) & (x < SIZE - 20)
    return float(defocus.sigma[20:-20][:, on_edge].mean())


def picture_mean(method: str, sigma: float, width: int) -> float:
    """Mean of the whole map: what a network that pools over the picture sees."""
    return float(METHODS[method](stripes(sigma, width)).sigma.mean())


def main() -> None:
    """Print the tables."""
    print("Stripes 80 px wide, by true blur")
    print(f"{'method':<16}" + "".join(f"{s:>8g}" for s in SIGMAS))
    for method in METHODS:
        print(f"{method:<16}" + "".join(f"{reading(method, s, 80):>8.2f}" for s in SIGMAS))
    for title, read in (("on the edges", reading), ("mean of the map", picture_mean)):
        print(f"\nTrue blur 2 px, by width of the stripes in pixels, {title}")
        print(f"{'method':<16}" + "".join(f"{w:>8}" for w in WIDTHS))
        for method in METHODS:
            print(f"{method:<16}" + "".join(f"{read(method, 2.0, w):>8.3f}" for w in WIDTHS))


if __name__ == "__main__":
    main()
