"""The defocus map of the paper, step for step: methods "paper" and "paper-release".

Jeon & Woo, *Seeing Through the Blur: Unlocking Defocus Maps for Deepfake Detection*, CIKM 2025,
doi 10.1145/3746252.3761260. The steps and their constants are kept as published, including those
because of which the map does not measure blur (see docs/physics.md): it serves to reproduce the
paper and to compare.
"""

from __future__ import annotations

from functools import partial

import cv2
import numpy as np

from blurprint.arrays import FloatMap
from blurprint.frozen import frozen
from blurprint.optics.defocus_map import DefocusMap
from blurprint.optics.edges import canny
from blurprint.optics.gradients import gradient_magnitude, invert_ratio
from blurprint.optics.method import Method
from blurprint.optics.spread import guided_filter

FIGURES = (2.0, 2.5)
"""(sigma1, sigma2) behind the figures that the authors published: method "paper"."""
RELEASE = (1.5, 2.0)
"""(sigma1, sigma2) of the code that the authors released: method "paper-release"."""

# Jeon & Woo's released code: docs/thresholds.md.
CANNY_SIGMA = 1.5
TAP_RADIUS = 5
# Jeon & Woo's released code: docs/thresholds.md.
SIGMA_CAP = 5.0
# Jeon & Woo's released code: docs/thresholds.md.
GUIDED_RADIUS = 7
# Jeon & Woo's released code: docs/thresholds.md.
GUIDED_EPS = 1e-2


def paper_map(
    rgb: FloatMap, sigmas: tuple[float, float] = FIGURES, *, method: str = "paper"
) -> DefocusMap:
    """The paper's guided-filtered defocus map of `rgb`.

    Args:
        rgb: float32 (H, W, 3) in [0, 1]; the paper uses 299 x 299.
        sigmas: the two re-blurs (sigma1, sigma2), in pixels.
        method: name that the result carries.

    Returns:
        `sigma` is the paper's map before its min-max (``.normalized()`` gives that); `confidence`
        is 1 on the Canny edges, where the formula is evaluated, and 0 elsewhere, where the map
        mixes neighbouring edges with zeros.
    """
    sigma1, sigma2 = sigmas
    # z = 2x - 1 and the mean over channels commute: one weighted sum does both.
    gray = cv2.transform(rgb, _MEAN_OF_SIGNED)
    edges = canny(np.clip(gray, 0, 1), CANNY_SIGMA)
    on_edge = np.flatnonzero(edges)
    fine = gradient_magnitude(gray, sigma1, TAP_RADIUS).ravel()[on_edge]
    coarse = gradient_magnitude(gray, sigma2, TAP_RADIUS).ravel()[on_edge]

    sparse = np.zeros(gray.shape, np.float32)
    ratio = fine / (coarse + np.float32(1e-8))
    sparse.ravel()[on_edge] = invert_ratio(ratio, sigma1, sigma2, cap=SIGMA_CAP)
    spread = guided_filter(gray, sparse, GUIDED_RADIUS, GUIDED_EPS)
    return DefocusMap(
        sigma=spread, confidence=edges.astype(np.float32), method=method, unit="map units"
    )


_MEAN_OF_SIGNED = np.array([[2 / 3, 2 / 3, 2 / 3, -1]], np.float64)


def _method(name: str, sigmas: tuple[float, float], summary: str) -> Method:
    return Method(
        name=name,
        estimate=partial(paper_map, sigmas=sigmas, method=name),
        unit="map units",
        summary=summary,
        confidence="1 on Canny edges, where the formula reads the picture, and 0 elsewhere.",
        words=(
            "This map follows the steps of “Seeing Through the Blur” (Jeon and Woo, CIKM 2025), to "
            "reproduce its pictures and to compare with them. It compares two gradients on the "
            "edges of the picture and smooths the result over the whole.",
            "Its values rise and fall with the number of edges as well as with their blur. They "
            "are no widths in pixels: method “edge” measures those.",
        ),
        parameters=frozen(
            {
                "kernel_sigmas_px": list(sigmas),
                "kernel_radius_px": TAP_RADIUS,
                "canny_sigma_px": CANNY_SIGMA,
                "sigma_cap": SIGMA_CAP,
                "guided_filter_radius_px": GUIDED_RADIUS,
                "guided_filter_eps": GUIDED_EPS,
            }
        ),
    )


PAPER = _method("paper", FIGURES, "the paper's map, as in its figures; no pixels")
PAPER_RELEASE = _method("paper-release", RELEASE, "the same, as in the authors' code; no pixels")
