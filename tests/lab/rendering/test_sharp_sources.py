"""Sharp material: what is blurred is not trusted, and no photograph is in two splits."""

from __future__ import annotations

import shutil

import cv2
import numpy as np
import pytest
from skimage import data

from blurprint.errors import InputError
from blurprint.lab.rendering.sharp_sources import SharpSources, find_photographs, split_of
from blurprint.lab.rendering.sharpness import SHARP_RATIO, sharpness


@pytest.fixture
def folder(tmp_path):
    """Sixty different pictures in two folders, and a file that is none."""
    rng = np.random.default_rng(0)
    for index in range(60):
        place = tmp_path / "photos" / f"album{index % 2}"
        place.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(place / f"{index}.png"), rng.integers(0, 256, (32, 32, 3), np.uint8))
    (tmp_path / "photos" / "notes.txt").write_text("no picture")
    return tmp_path / "photos"


@pytest.fixture
def astronaut(tmp_path):
    path = tmp_path / "astronaut.png"
    cv2.imwrite(str(path), data.astronaut()[..., ::-1])
    return path


def test_splits_hold_every_photograph_once(folder):
    splits = {name: set(find_photographs(folder, name)) for name in ("train", "val", "test")}
    together = set.union(*splits.values())
    assert together == set(find_photographs(folder))
    assert sum(len(split) for split in splits.values()) == len(together) == 60
    assert len(splits["train"]) > 36
    assert all(splits.values())


def test_a_copy_under_another_name_stays_in_its_split(folder):
    for index, path in enumerate(find_photographs(folder)):
        copy = folder / f"copy-of-{index}.png"
        shutil.copy(path, copy)
        assert split_of(copy) == split_of(path)


def test_folders_without_photographs_are_refused(tmp_path):
    with pytest.raises(InputError, match="holds no picture"):
        find_photographs(tmp_path)
    with pytest.raises(InputError, match="is none"):
        find_photographs(tmp_path / "nowhere")
    with pytest.raises(InputError, match="at least one"):
        SharpSources([])


def test_patches_are_sharp_whatever_the_photograph(astronaut, tmp_path):
    soft = tmp_path / "soft.png"
    picture = cv2.GaussianBlur(data.coffee()[..., ::-1], (0, 0), 1.2)
    cv2.imwrite(str(soft), picture)
    for path in (astronaut, soft):
        sources = SharpSources([path])
        for seed in range(6):
            patch = sources.draw(np.random.default_rng(seed), 96)
            assert patch.linear.shape == (96, 96, 3) and patch.linear.dtype == np.float32
            assert patch.linear.min() >= 0 and patch.linear.max() <= 1
            encoded = patch.linear.mean(axis=2) ** (1 / 2.2)
            ratio, energy = sharpness(encoded.astype(np.float32))
            seen = (energy > 1e-4) & (patch.trust > 0.9)
            assert np.median(ratio[seen]) > SHARP_RATIO


def test_what_is_out_of_focus_is_not_trusted(tmp_path):
    picture = data.coffee().copy()
    picture[:, :300] = cv2.GaussianBlur(picture, (0, 0), 8)[:, :300]
    path = tmp_path / "half.png"
    cv2.imwrite(str(path), picture[..., ::-1])
    prepared = SharpSources([path])._get(path)[0]
    width = prepared.trusted.shape[1]
    textured = ~prepared.flat
    left = prepared.trusted[:, : width // 2 - 10][textured[:, : width // 2 - 10]]
    right = prepared.trusted[:, width // 2 + 10 :][textured[:, width // 2 + 10 :]]
    assert left.mean() < 0.2
    assert right.mean() > 0.8


def test_nothing_sharp_nothing_drawn(tmp_path):
    path = tmp_path / "fog.png"
    cv2.imwrite(str(path), cv2.GaussianBlur(data.coffee(), (0, 0), 25))
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"not a picture")
    with pytest.raises(InputError, match="sharp"):
        SharpSources([path, broken]).draw(np.random.default_rng(0), 64)


def test_the_draw_does_not_depend_on_what_was_drawn_before(astronaut):
    fresh, used = SharpSources([astronaut]), SharpSources([astronaut])
    used.draw(np.random.default_rng(5), 64)
    one = fresh.draw(np.random.default_rng(7), 64)
    other = used.draw(np.random.default_rng(7), 64)
    assert np.array_equal(one.linear, other.linear)
    assert not np.array_equal(one.linear, fresh.draw(np.random.default_rng(8), 64).linear)
