"""What is written is read; what could run code is not."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from blurprint.errors import InputError
from blurprint.lab.studies.shapley_file import Shaps, read_shaps, write_shaps

RNG = np.random.default_rng(0)
MAPS = RNG.random((2, 4, 4), dtype=np.float32)
SHAPS = RNG.random((2, 4, 4), dtype=np.float32)
RGB = RNG.random((2, 3, 5, 5), dtype=np.float32)
PATHS = ("a/ü.png", "b.png")


def objects(parts: list[object]) -> np.ndarray:
    out = np.empty(len(parts), object)
    out[:] = parts
    return out


def test_round_trip_without_objects(tmp_path: Path) -> None:
    write_shaps(Shaps(MAPS, SHAPS, RGB, PATHS), tmp_path / "s.npz")
    with np.load(tmp_path / "s.npz", allow_pickle=False) as stored:
        assert {name: stored[name].dtype.kind for name in stored} == {
            "dmaps": "f",
            "defocus_shaps": "f",
            "rgb_shaps": "f",
            "paths": "U",
        }
    read = read_shaps(tmp_path / "s.npz")
    np.testing.assert_array_equal(read.dmaps, MAPS)
    np.testing.assert_array_equal(read.rgb_shaps, RGB)
    assert read.paths == PATHS


def test_arrays_of_objects_with_channels_last(tmp_path: Path) -> None:
    np.savez(
        tmp_path / "s.npz",
        dmaps=objects([one[..., None] for one in MAPS]),
        defocus_shaps=objects([np.repeat(one[None, ..., None] / 3, 3, axis=-1) for one in SHAPS]),
        rgb_shaps=objects([one.transpose(1, 2, 0).astype(np.float64) for one in RGB]),
        paths=objects(list(PATHS)),
    )
    read = read_shaps(tmp_path / "s.npz")
    np.testing.assert_allclose(read.dmaps, MAPS)
    np.testing.assert_allclose(read.defocus_shaps, SHAPS, rtol=1e-6)
    np.testing.assert_allclose(read.rgb_shaps, RGB)
    assert read.paths == PATHS


class Malicious:
    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[object, ...]:
        return os.system, (f"touch {self.target}",)


def test_a_malicious_pickle_is_refused_and_not_run(tmp_path: Path) -> None:
    file = tmp_path / "s.npz"
    bad = objects([Malicious(tmp_path / "ran"), 1])
    np.savez(file, dmaps=bad, defocus_shaps=SHAPS, rgb_shaps=RGB, paths=np.array(PATHS))
    with pytest.raises(InputError, match=r"s\.npz: dmaps wants (posix|nt)\.system"):
        read_shaps(file)
    assert not (tmp_path / "ran").exists()


def test_what_is_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_shaps(tmp_path / "none.npz")
    (tmp_path / "text.npz").write_text("text")
    with pytest.raises(InputError, match=r"is no \.npz"):
        read_shaps(tmp_path / "text.npz")
    np.savez(tmp_path / "other.npz", dmaps=MAPS)
    with pytest.raises(InputError, match="holds no defocus_shaps, paths"):
        read_shaps(tmp_path / "other.npz")
    np.savez(tmp_path / "odd.npz", dmaps=MAPS, defocus_shaps=SHAPS[:1], paths=np.array(PATHS))
    with pytest.raises(InputError, match=r"odd\.npz: Expected `defocus_shaps`"):
        read_shaps(tmp_path / "odd.npz")
