"""A turned or mirrored picture: what method "net" does around its network adds no difference."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from skimage import data

from blurprint.optics.net import Reading, _read_pyramid

Array = np.ndarray


def symmetries() -> list[tuple[Callable[[Array], Array], Callable[[Array], Array]]]:
    """Quarter turns with and without mirroring, each with its inverse."""
    plain = [(lambda a, k=k: np.rot90(a, k), lambda a, k=k: np.rot90(a, -k)) for k in range(4)]
    mirrored = [
        (lambda a, k=k: np.rot90(a[:, ::-1], k), lambda a, k=k: np.rot90(a, -k)[:, ::-1])
        for k in range(4)
    ]
    return plain + mirrored


def even_reader(levels: list[tuple[int, int]]) -> Callable[[Array], Reading]:
    """Stands for a network that itself makes no difference; it notes the levels that it reads."""

    def read(rgb: Array) -> Reading:
        levels.append(rgb.shape[:2])
        gray = rgb.mean(axis=2)
        detail = cv2.GaussianBlur(np.abs(gray - cv2.GaussianBlur(gray, (0, 0), 2)), (0, 0), 4)
        sigma = np.float32(0.15) / (detail + np.float32(0.01))
        return Reading(sigma, sigma * np.float32(0.1) + np.float32(0.05))

    return read


@pytest.mark.parametrize(("shape", "most"), [((384, 512), 1e-4), ((365, 475), 0.02)])
def test_the_pyramid_treats_all_directions_alike(shape, most):
    picture = cv2.GaussianBlur(data.astronaut()[: shape[0], : shape[1]], (0, 0), 3)
    rgb = picture.astype(np.float32) / 255
    levels: list[tuple[int, int]] = []
    maps = [
        back(_read_pyramid(np.ascontiguousarray(turn(rgb)), even_reader(levels)).sigma)
        for turn, back in symmetries()
    ]
    assert len(levels) >= 8 * 2  # coarser levels were read, and merged
    for other in maps[1:]:
        assert np.mean(np.abs(other - maps[0]) / maps[0]) < most
