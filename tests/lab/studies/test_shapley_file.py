"""What is written holds the arrays as they are, and nothing that could run code."""

from __future__ import annotations

import io

import numpy as np
import pytest

from blurprint.errors import InputError
from blurprint.lab.studies.shapley_file import Shaps, shaps_bytes

RNG = np.random.default_rng(0)
MAPS = RNG.random((2, 4, 4), dtype=np.float32)
SHAPS = RNG.random((2, 4, 4), dtype=np.float32)
RGB = RNG.random((2, 3, 5, 5), dtype=np.float32)
PATHS = ("a/ü.png", "b.png")


def test_the_file_holds_the_arrays_without_objects() -> None:
    content = shaps_bytes(Shaps(MAPS, SHAPS, RGB, PATHS))
    with np.load(io.BytesIO(content), allow_pickle=False) as stored:
        assert {name: stored[name].dtype.kind for name in stored} == {
            "dmaps": "f",
            "defocus_shaps": "f",
            "rgb_shaps": "f",
            "paths": "U",
        }
        np.testing.assert_array_equal(stored["dmaps"], MAPS)
        np.testing.assert_array_equal(stored["defocus_shaps"], SHAPS)
        np.testing.assert_array_equal(stored["rgb_shaps"], RGB)
        assert tuple(stored["paths"]) == PATHS


@pytest.mark.parametrize(
    ("arrays", "name"),
    [
        ((MAPS[:1], SHAPS, RGB), "dmaps"),
        ((MAPS, SHAPS[:1], RGB), "defocus_shaps"),
        ((MAPS, SHAPS, RGB[:1]), "rgb_shaps"),
    ],
)
def test_arrays_of_other_shapes_are_refused(arrays, name) -> None:
    with pytest.raises(InputError, match=f"Expected `{name}`"):
        Shaps(*arrays, PATHS)
