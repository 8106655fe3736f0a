"""Sharp picture material for the forward model, from any folder of photographs.

No photograph is sharp to the pixel: it is shrunk, by area averaging in linear light, until it is,
and what stays blurred is marked as not to be trusted (:mod:`blurprint.lab.rendering.sharpness`).
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterable
from pathlib import Path
from typing import Final, Literal, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from blurprint.arrays import FloatMap, Mask
from blurprint.errors import InputError, PhotoError
from blurprint.files import PICTURE_SUFFIXES
from blurprint.lab.rendering.sharpness import SHARP_RATIO, Sharpness, judge
from blurprint.lens.lens import to_linear, to_srgb
from blurprint.photos.photo import read_photo

Split = Literal["train", "val", "test"]

SHARES: Final = {"test": 0.1, "val": 0.1}
"""Share of the photographs in each split; the rest is for training."""
FACTORS: Final = (2.4, 2.9, 3.5, 4.2, 5.1)
"""How far a photograph is shrunk: by the first of these that makes it sharp."""
LONGEST: Final = 1024
"""Longest side of a shrunk photograph, in pixels: larger ones are shrunk further."""
FURTHER: Final = (1.0, 1.4)
"""Each photograph is kept at these multiples of its factor, for finer texture.

Both are averaged from the original: shrinking twice by little blurs by up to a quarter of a pixel.
"""
SHORTEST: Final = 96
"""Shortest side that a photograph may be shrunk to, in pixels."""
# Between rendered steps of 0 and 0.3 px: docs/thresholds.md.
TYPICAL_RATIO: Final = 0.95
"""What the median of the textured part must reach before a photograph is shrunk no further."""
_MEAN: Final = np.full((1, 3), 1 / 3)
_HEAD_BYTES: Final = 1 << 16


class SharpPatch(NamedTuple):
    """A sharp picture.

    Attributes:
        linear: float32 (S, S, 3), linear light in [0, 1].
        trust: float32 (S, S) in [0, 1], 0 where the photograph itself is blurred.
    """

    linear: FloatMap
    trust: FloatMap


class _Prepared(NamedTuple):
    linear: npt.NDArray[np.float16]
    trusted: Mask
    flat: Mask


def split_of(path: Path) -> Split:
    """The split that a photograph belongs to, from its content alone.

    A copy under another name falls into the same split. Reads at most 64 KiB and the length.
    """
    with path.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
    digest = hashlib.blake2b(head, digest_size=8)
    digest.update(path.stat().st_size.to_bytes(8, "little"))
    place = int.from_bytes(digest.digest(), "little") / 2**64
    if place < SHARES["test"]:
        return "test"
    return "val" if place < SHARES["test"] + SHARES["val"] else "train"


def find_photographs(folder: Path, split: Split | None = None) -> list[Path]:
    """Every picture file under `folder`, sorted, of one split or of all.

    Raises:
        InputError: if the folder is missing or holds no picture of the split.
    """
    if not folder.is_dir():
        raise InputError(f"Expected a folder of photographs, but {folder} is none")
    found = sorted(
        p for p in folder.rglob("*") if p.suffix.lower() in PICTURE_SUFFIXES and p.is_file()
    )
    if split is not None:
        found = [path for path in found if split_of(path) == split]
    if not found:
        kind = "picture" if split is None else f'picture of the split "{split}"'
        raise InputError(f"Expected photographs in {folder}, but it holds no {kind}")
    return found


class SharpSources:
    """Sharp patches drawn from photographs, each prepared when it is first drawn.

    Args:
        paths: picture files; unreadable and nowhere sharp ones are passed over.
        keep: how many prepared photographs stay in memory. It does not change what is drawn.

    Raises:
        InputError: if there is no path.
    """

    def __init__(self, paths: Iterable[str | Path], keep: int = 1500) -> None:
        """See the class."""
        self.paths: Final = tuple(map(Path, paths))
        if not self.paths:
            raise InputError("Expected at least one photograph, but got none")
        self._keep = keep
        self._prepared: OrderedDict[Path, tuple[_Prepared, ...]] = OrderedDict()

    @classmethod
    def from_folder(cls, folder: str | Path, split: Split | None = None) -> SharpSources:
        """The photographs under `folder`, of one split or all (see :func:`find_photographs`)."""
        folder = Path(folder)
        return cls(find_photographs(folder, split))

    def draw(self, rng: np.random.Generator, size: int) -> SharpPatch:
        """A sharp patch of `size` pixels squared, flipped and turned at random.

        Half of the draws take a photograph shrunk further (:data:`FURTHER`). It is mirrored beyond
        its border if it is smaller than the patch, and redrawn if less than 70 % of the patch can
        be trusted or, but for one in ten, more than 70 % is flat.

        Raises:
            InputError: if 200 draws in a row gave no photograph that is sharp anywhere.
        """
        most_flat = 1.0 if rng.random() < 0.1 else 0.7
        fallback: SharpPatch | None = None
        for attempt in range(200):
            if fallback is not None and attempt >= 20:
                return fallback
            source = self._get(self.paths[int(rng.integers(len(self.paths)))])
            if not source:
                continue
            fallback, flat = _cut(source[int(rng.integers(len(source)))], rng, size)
            if float(fallback.trust.mean()) >= 0.7 and flat <= most_flat:
                return fallback
        raise InputError("Expected sharp photographs, but 200 draws in a row found none")

    def _get(self, path: Path) -> tuple[_Prepared, ...]:
        if path in self._prepared:
            self._prepared.move_to_end(path)
            return self._prepared[path]
        try:
            prepared = _prepare(read_photo(path, max_side=5 * LONGEST).rgb)
        except PhotoError:
            prepared = ()
        self._prepared[path] = prepared
        if len(self._prepared) > self._keep:
            self._prepared.popitem(last=False)
        return prepared


def _prepare(rgb: FloatMap) -> tuple[_Prepared, ...]:
    """The photograph, shrunk until sharp, and further; empty if that would leave too little."""
    linear = to_linear(rgb)
    height, width = rgb.shape[:2]
    best, best_factor = 0.3, 0.0  # the share of its texture that must be sharp at the least
    for wanted in FACTORS:
        factor = max(wanted, max(height, width) / LONGEST)
        if min(height, width) / factor < SHORTEST:
            break
        judged = _shrink(linear, factor)[1]
        textured = ~judged.flat
        if textured.mean() < 0.05:
            return ()
        ratio = judged.ratio[textured]
        sharp = float((ratio > SHARP_RATIO).mean())
        if sharp > best:
            best, best_factor = sharp, factor
        if sharp > 0.8 and float(np.median(ratio)) > TYPICAL_RATIO:
            best_factor = factor
            break
    if best_factor == 0:
        return ()
    return tuple(
        _shrink(linear, best_factor * further)[0]
        for further in FURTHER
        if further == 1 or min(height, width) / (best_factor * further) >= SHORTEST
    )


def _shrink(linear: FloatMap, factor: float) -> tuple[_Prepared, Sharpness]:
    """`linear` averaged over areas of `factor` pixels squared, and where it is sharp."""
    height, width = linear.shape[:2]
    shape = (round(width / factor), round(height / factor))
    small: FloatMap = cv2.resize(linear, shape, interpolation=cv2.INTER_AREA)
    judged = judge(cv2.transform(to_srgb(small), _MEAN))
    return _Prepared(small.astype(np.float16), judged.trusted, judged.flat), judged


def _cut(source: _Prepared, rng: np.random.Generator, size: int) -> tuple[SharpPatch, float]:
    """A square of `source`, and the share of it that is flat."""
    place = (rng.random(), rng.random())
    turns, flip = int(rng.integers(4)), rng.random() < 0.5
    flat = _window(source.flat.astype(np.float32), size, place)
    trust = _window(source.trusted.astype(np.float32), size, place)
    linear = _window(source.linear.astype(np.float32), size, place)

    def turned(image: FloatMap) -> FloatMap:
        image = np.rot90(image, turns)
        return np.ascontiguousarray(image[:, ::-1] if flip else image)

    return SharpPatch(turned(linear), turned(trust)), float(flat.mean())


def _window(image: FloatMap, size: int, place: tuple[float, float]) -> FloatMap:
    """A `size` square of `image` at a relative `place`, mirrored beyond the border if need be."""
    short = [max(0, size - n) for n in image.shape[:2]]
    if any(short):
        before = [int(p * (n + 1)) for p, n in zip(place, short, strict=True)]
        after = [n - b for n, b in zip(short, before, strict=True)]
        border = (before[0], after[0], before[1], after[1])
        image = cv2.copyMakeBorder(image, *border, cv2.BORDER_REFLECT_101)
    top, left = (int(p * (n - size + 1)) for p, n in zip(place, image.shape[:2], strict=True))
    return image[top : top + size, left : left + size]
