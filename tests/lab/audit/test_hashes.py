"""Perceptual hashes, and the search for near ones."""

from __future__ import annotations

import io
import time
from itertools import combinations

import cv2
import numpy as np
import pytest
from PIL import Image
from skimage import data

from blurprint.errors import InputError
from blurprint.lab.audit.hashes import (
    MAX_DISTANCE,
    MIN_LIKENESS,
    bits_apart,
    likeness,
    near_pairs,
    perceptual_hash,
    thumbnail,
)

NAMES = ("astronaut", "coffee", "rocket", "chelsea", "camera", "moon", "coins", "gravel")


def gray(name: str) -> np.ndarray:
    picture = getattr(data, name)()
    return cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) if picture.ndim == 3 else picture


def jpeg(picture: np.ndarray, quality: int) -> np.ndarray:
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "JPEG", quality=quality)
    return np.asarray(Image.open(buffer))


def distance(first: np.ndarray, second: np.ndarray) -> int:
    return (perceptual_hash(first) ^ perceptual_hash(second)).bit_count()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "change",
    [
        lambda g: jpeg(g, 50),
        lambda g: jpeg(cv2.resize(g, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), 80),
        lambda g: cv2.resize(g, None, fx=1.7, fy=1.7, interpolation=cv2.INTER_CUBIC),
        lambda g: (g * 0.6 + 30).astype(np.uint8),
    ],
    ids=["jpeg 50", "half and jpeg 80", "1.7 times", "contrast"],
)
def test_a_copy_keeps_its_hash(name, change):
    picture = gray(name)
    copy = np.ascontiguousarray(change(picture))
    assert distance(picture, copy) <= MAX_DISTANCE
    assert likeness(thumbnail(picture)[None], thumbnail(copy)[None])[0] > MIN_LIKENESS


def test_unrelated_pictures_are_far_apart():
    for first, second in combinations(NAMES, 2):
        assert distance(gray(first), gray(second)) > 4 * MAX_DISTANCE


def test_a_flat_picture_has_no_hash():
    assert perceptual_hash(np.full((64, 64), 128, np.uint8)) is None


def test_half_the_bits_are_set():
    for name in NAMES:
        assert perceptual_hash(gray(name)).bit_count() == 32


@pytest.mark.parametrize("distance", [0, 1, 4, 7])
def test_near_pairs_are_those_of_comparing_all(distance):
    rng = np.random.default_rng(distance)
    hashes = rng.integers(0, 2**64, 300, dtype=np.uint64)
    for row in range(150):  # copies with 0 to 9 bits flipped
        for bit in rng.choice(64, row % 10, replace=False):
            hashes[row] ^= np.uint64(1) << np.uint64(bit)
        hashes[row + 150] = hashes[row]
        for bit in rng.choice(64, row % 10, replace=False):
            hashes[row + 150] ^= np.uint64(1) << np.uint64(bit)
    every = [
        [i, j]
        for i, j in combinations(range(300), 2)
        if (int(hashes[i]) ^ int(hashes[j])).bit_count() <= distance
    ]
    assert len(every) >= 15
    assert near_pairs(hashes, distance).tolist() == every


def test_bits_apart_counts_bits():
    rng = np.random.default_rng(0)
    a, b = rng.integers(0, 2**64, (2, 50), dtype=np.uint64)
    expected = [(int(x) ^ int(y)).bit_count() for x, y in zip(a, b, strict=True)]
    assert bits_apart(a, b).tolist() == expected


def near_among_a_hundred_thousand() -> list[list[int]]:
    hashes = np.random.default_rng(0).integers(0, 2**64, 100_000, dtype=np.uint64)
    hashes[77_777] = hashes[5] ^ np.uint64(0b1011 << 30)
    return near_pairs(hashes).tolist()


def test_two_among_a_hundred_thousand_hashes_are_found():
    assert near_among_a_hundred_thousand() == [[5, 77_777]]


@pytest.mark.timing
def test_a_hundred_thousand_hashes_take_seconds():
    start = time.process_time()
    near_among_a_hundred_thousand()
    assert time.process_time() - start < 20  # comparing all would take minutes


def test_few_hashes_and_wrong_ones():
    assert near_pairs(np.array([], np.uint64)).shape == (0, 2)
    assert near_pairs(np.array([3], np.uint64)).shape == (0, 2)
    with pytest.raises(InputError, match="from 0 to 15, but got 16"):
        near_pairs(np.array([3], np.uint64), 16)
    with pytest.raises(InputError, match=r"uint8 \(H, W\)"):
        perceptual_hash(np.zeros((8, 8, 3), np.uint8))


def test_no_pair_has_no_likeness():
    none = np.zeros((0, 16, 16), np.uint8)
    assert likeness(none, none).shape == (0,)
