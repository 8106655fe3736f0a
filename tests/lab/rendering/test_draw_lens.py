"""Drawn kernels lie where kernels of real cameras were measured, and keep their moment."""

from __future__ import annotations

import numpy as np
import pytest

from blurprint.lab.rendering.draw_lens import SHARES, Lens, draw_lens, oval_of, softened
from blurprint.lab.rendering.scenes import _through
from blurprint.lens.aperture import DISK, GAUSSIAN, Aperture, psf, shape_of
from blurprint.lens.lens import Layer, blur


def moments(kernel: np.ndarray) -> tuple[float, float, float, float]:
    """Variances along x and y, covariance, E[r^4], about the centroid."""
    half = len(kernel) // 2
    y, x = np.mgrid[-half : half + 1, -half : half + 1].astype(float)
    kernel = kernel.astype(float)
    x, y = x - (kernel * x).sum(), y - (kernel * y).sum()
    xx, yy, xy = ((kernel * m).sum() for m in (x * x, y * y, x * y))
    return xx, yy, xy, float((kernel * np.square(x * x + y * y)).sum())


@pytest.fixture(scope="module")
def drawn():
    rng = np.random.default_rng(1)
    lenses = [draw_lens(rng) for _ in range(300)]
    return [lens.aperture for lens in lenses], lenses


def test_kurtosis_covers_disk_to_gaussian_and_is_mostly_that_of_real_lenses(drawn):
    sigma, kurtosis = 5.0, []
    for aperture in drawn[0]:
        xx, yy, _, fourth = moments(psf(aperture, sigma))
        kurtosis.append(fourth / (xx + yy) ** 2)
    kurtosis = np.array(kurtosis)
    assert kurtosis.min() == pytest.approx(1.33, abs=0.03)
    assert kurtosis.max() == pytest.approx(2, abs=0.02)
    assert 0.55 < np.mean((kurtosis > 1.49) & (kurtosis < 1.77)) < 0.8
    for below, above in ((1.3, 1.4), (1.4, 1.5), (1.5, 1.6), (1.6, 1.7), (1.7, 1.8), (1.9, 2.02)):
        assert ((kurtosis >= below) & (kurtosis < above)).any()


@pytest.mark.parametrize("sigma", [0.4, 1.0, 3.0, 7.0])
def test_the_second_moment_is_the_mean_of_both_axes(drawn, sigma):
    for aperture in drawn[0][:60]:
        xx, yy, _, _ = moments(psf(aperture, sigma))
        assert np.sqrt((xx + yy) / 2) == pytest.approx(sigma, rel=0.01)


def test_axes_differ_by_at_most_a_tenth_and_as_is_told(drawn):
    ratios = []
    for aperture in drawn[0][:120]:
        xx, yy, xy, _ = moments(psf(aperture, 4.0))
        uneven = np.hypot((xx - yy) / 2, xy) / ((xx + yy) / 2)
        ratios.append(np.sqrt((1 - uneven) / (1 + uneven)))
        told = oval_of(aperture, np.full((1, 1), 4.0, np.float32))[0, 0]
        assert told == pytest.approx([(xx - yy) / 2, xy], abs=0.06)
    assert min(ratios) > 0.89
    assert min(ratios) < 0.95 and max(ratios) > 0.999


def test_softening_gives_the_kurtosis_that_is_asked_for():
    for wanted in (1.4, 1.6, 1.8):
        for shape in (DISK, Aperture("polygon", blades=6), Aperture(rim=0.8)):
            xx, yy, _, fourth = moments(psf(softened(shape, wanted), 6.0))
            assert fourth / (xx + yy) ** 2 == pytest.approx(wanted, abs=0.01)
    assert softened(DISK, 1.2) == DISK


def test_a_core_is_all_there_is_in_focus_and_little_far_from_it():
    aperture = Aperture(core=0.5)
    assert np.array_equal(psf(aperture, 0.4), psf(GAUSSIAN, 0.4))
    xx, yy, _, fourth = moments(psf(aperture, 6.0))
    assert fourth / (xx + yy) ** 2 == pytest.approx(shape_of(DISK).kurtosis, abs=0.02)


def test_every_class_is_drawn_as_often_as_told(drawn):
    plain = {"gaussian": GAUSSIAN, "disk": DISK}
    for kind, aperture in plain.items():
        assert np.mean([a == aperture for a in drawn[0]]) == pytest.approx(SHARES[kind], abs=0.05)
    varying = np.mean([lens.other is not None for lens in drawn[1]])
    assert varying == pytest.approx(0.25 * SHARES["real"], abs=0.06)


def test_a_lens_that_varies_keeps_the_moment_and_tells_how_oval_it_is_between():
    """A point in the middle, through a kernel that is wide along x on one side, along y on the
    other."""
    ends = (softened(Aperture(stretch=1.1, axis=angle), 1.6) for angle in (0.0, np.pi / 2))
    point = np.zeros((97, 97, 3), np.float32)
    point[48, 48] = 1
    seen, oval = _through(Lens(*ends), [Layer(point, 3.0)], np.random.default_rng(0))
    xx, yy, _, _ = moments(seen.rgb[..., 0] / seen.rgb[..., 0].sum())
    assert np.sqrt((xx + yy) / 2) == pytest.approx(3, rel=0.01)
    assert seen.rgb[..., 0].sum() == pytest.approx(1, abs=0.01)
    assert np.abs(oval[48, 48]).max() < 0.05, "half of each: round"
    assert np.hypot(*oval[0, 0]) > 0.2 or np.hypot(*oval[0, 96]) > 0.2


@pytest.mark.parametrize("sigma", [0.7, 2.0, 5.0])
def test_steps_across_and_down_spread_by_sigma_on_average(drawn, sigma):
    step = np.zeros((96, 96, 3), np.float32)
    step[:, 48:] = 1
    for aperture in drawn[0][:12]:
        variances = []
        for edge in (step, np.ascontiguousarray(step.transpose(1, 0, 2))):
            seen = blur(edge, sigma, aperture)[..., 0].astype(np.float64)
            line = np.diff(seen[48] if edge is step else seen[:, 48])
            at = np.arange(len(line)) - line @ np.arange(len(line))
            variances.append(line @ at**2)
        assert np.sqrt(np.mean(variances)) == pytest.approx(sigma, rel=0.01)
