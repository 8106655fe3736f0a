"""Dead leaves have edges everywhere, at every scale, and are as sharp as the grid allows."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np

from blurprint.lab.rendering.dead_leaves import draw_dead_leaves
from blurprint.lens.lens import to_srgb
from blurprint.optics.edge import edge_map


def test_they_are_pictures_that_follow_their_seed():
    one, other = (draw_dead_leaves(np.random.default_rng(3), 96) for _ in range(2))
    assert one.shape == (96, 96, 3) and one.dtype == np.float32
    assert one.min() >= 0 and one.max() <= 1 and np.array_equal(one, other)
    assert not np.array_equal(one, draw_dead_leaves(np.random.default_rng(4), 96))


def test_their_power_falls_as_that_of_natural_pictures():
    # Amplitude about 1 / f: Field, Relations between the statistics of natural images (JOSA A,
    # 1987).
    size, slopes = 256, []
    for seed in range(4):
        gray = to_srgb(draw_dead_leaves(np.random.default_rng(seed), size)).mean(axis=2)
        window = np.hanning(size)[:, None] * np.hanning(size)
        power = np.abs(np.fft.fft2((gray - gray.mean()) * window)) ** 2
        radius = np.hypot(*np.meshgrid(*[np.fft.fftfreq(size)] * 2))
        bands = np.geomspace(0.02, 0.25, 9)
        means = [power[(radius >= a) & (radius < b)].mean() for a, b in pairwise(bands)]
        slopes.append(np.polyfit(np.log(bands[:-1]), np.log(means), 1)[0])
    assert -3.2 < np.mean(slopes) < -1.5


def test_they_have_edges_everywhere_and_are_sharp():
    picture = np.ascontiguousarray(to_srgb(draw_dead_leaves(np.random.default_rng(0), 160)))
    energy = cv2.blur(np.square(cv2.Laplacian(picture.mean(axis=2), cv2.CV_32F)), (24, 24))
    assert (energy[12:-12, 12:-12] > 0.03**2).mean() > 0.95
    defocus = edge_map(picture)
    assert np.median(defocus.sigma[defocus.confidence > 0.5]) < 0.6
