"""Windows cover a picture once, see enough around, keep to the budget, and read little twice."""

from __future__ import annotations

from itertools import product
from math import ceil

import numpy as np
import pytest

from blurprint import InputError
from blurprint.optics.windows import cut_windows

SHAPES = [(1, 1), (16, 400), (400, 16), (160, 160), (336, 512), (1008, 64), (992, 1504)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("most_pixels", [40_000, 90_000, 10_000_000])
@pytest.mark.parametrize("stride", [1, 16])
def test_kept_parts_make_up_the_picture(shape, most_pixels, stride):
    margin = 32
    count = np.zeros(shape, int)
    for window in cut_windows(shape, most_pixels=most_pixels, margin=margin, stride=stride):
        count[window.kept] += 1
        assert np.zeros(shape)[window.seen].size <= most_pixels
        place = np.arange(count.size).reshape(shape)
        assert (place[window.seen][window.inner] == place[window.kept]).all()
        for side, seen, kept in zip(shape, window.seen, window.kept, strict=True):
            assert seen.start % stride == kept.start % stride == 0
            assert seen.start == max(0, kept.start - margin)
            assert seen.stop == min(side, kept.stop + margin)
    assert (count == 1).all()


def read(shape, **options):
    windows = cut_windows(shape, **options)
    return sum(
        (rows.stop - rows.start) * (columns.stop - columns.start)
        for rows, columns in (window.seen for window in windows)
    )


@pytest.mark.parametrize("shape", SHAPES[3:])
def test_no_even_grid_reads_less(shape):
    options = {"most_pixels": 60_000, "margin": 32, "stride": 16}
    best = read(shape, **options)
    for rows, columns in product(range(1, 40), repeat=2):
        steps = [16 * ceil(n / (16 * k)) for n, k in zip(shape, (rows, columns), strict=True)]
        seen = [
            [min(n, s + step + 32) - max(0, s - 32) for s in range(0, n, step)]
            for n, step in zip(shape, steps, strict=True)
        ]
        if max(seen[0]) * max(seen[1]) <= 60_000:
            assert best <= 1.001 * sum(seen[0]) * sum(seen[1])


def test_what_fits_is_read_whole():
    (window,) = cut_windows((300, 200), most_pixels=60_000, margin=500)
    assert window.seen == window.kept == (slice(0, 300), slice(0, 200))


def test_a_budget_below_the_margins_is_refused():
    with pytest.raises(InputError, match="`most_pixels`"):
        cut_windows((300, 300), most_pixels=80 * 80, margin=32, stride=32)
