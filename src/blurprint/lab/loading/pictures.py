"""Pictures of the table as what a detector eats: views made in the loader, maps from the cache."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch.utils.data import Dataset, Sampler, default_collate

from blurprint.arrays import FloatMap
from blurprint.errors import InputError, PhotoError
from blurprint.lab.datasets.table import SampleTable
from blurprint.lab.loading.augment import augment, check_changes
from blurprint.lab.loading.map_cache import VERSION, MapCache
from blurprint.optics.methods import METHODS
from blurprint.photos.photo import Photo, read_photo
from blurprint.photos.video import VIDEO_SUFFIXES
from blurprint.score.make_views import ViewOptions, make_views, square_map
from blurprint.score.views import fit_square

__all__ = (
    "EpochSampler",
    "PictureDataset",
    "ViewMaker",
    "ViewOptions",
    "collate_pictures",
    "flat_words",
    "require_pictures",
    "worker_options",
)


class ViewMaker:
    """From a file to its views.

    Args:
        options: which views.
        cache: where maps are kept, or None to compute them every time.
    """

    def __init__(self, options: ViewOptions, cache: MapCache | None = None) -> None:
        """See the class."""
        self.options = options
        self.cache = cache

    def from_file(self, path: str | Path) -> dict[str, FloatMap]:
        """The views of the picture in `path`, float32 (3, S, S) each.

        Raises:
            PhotoError: if it cannot be read.
        """
        path = Path(path)
        try:
            data = path.read_bytes()
        except OSError as error:
            raise PhotoError(f"{path}: cannot be read ({error.strerror})") from error
        key = self._key(hashlib.sha256(data).digest())
        sigma = self._kept(key)
        if sigma is not None and self.options.views == ("defocus",):
            return make_views(self.options, sigma=sigma)
        return self._views(self.square(path, data), key, sigma)

    def from_photo(self, photo: Photo) -> dict[str, FloatMap]:
        """The views of a picture that was read at its own size; as :meth:`from_file` makes them.

        Raises:
            InputError: if the photo was reduced, or is not of a file.
        """
        if photo.scale != 1 or not photo.sha256:
            raise InputError(
                f"{photo.source}: Expected the photo of a file at its own size (read_photo with "
                "max_side=0)"
            )
        key = self._key(bytes.fromhex(photo.sha256))
        return self._views(self.square_of(photo), key, self._kept(key))

    def from_square(self, rgb: FloatMap) -> dict[str, FloatMap]:
        """The views of a picture that is square already, float32 (S, S, 3) in [0, 1]."""
        return make_views(self.options, rgb)

    def square(self, path: str | Path, data: bytes | None = None) -> FloatMap:
        """The picture in `path`, float32 (S, S, 3) in [0, 1]; `data` are its bytes if at hand."""
        path = Path(path)
        return self.square_of(
            read_photo(path if data is None else data, max_side=0, name=str(path))
        )

    def square_of(self, photo: Photo) -> FloatMap:
        """A photo, float32 (S, S, 3) in [0, 1]."""
        return fit_square(photo.rgb, self.options.size, self.options.fit)

    def sigma(self, path: str | Path) -> FloatMap:
        """The map itself, float32 (S, S), through the cache."""
        path = Path(path)
        data = path.read_bytes()
        key = self._key(hashlib.sha256(data).digest())
        stored = self.cache.read(key) if self.cache else None
        if stored is None:
            stored = square_map(self.square(path, data), self.options.estimator)
            if self.cache is not None:
                self.cache.write(key, stored)
        return stored.astype(np.float32)

    def _kept(self, key: str) -> npt.NDArray[np.float16] | None:
        """The map in the cache, if it is seen and there."""
        if self.cache is None or "defocus" not in self.options.views:
            return None
        return self.cache.read(key)

    def _views(
        self, rgb: FloatMap, key: str, sigma: npt.NDArray[np.float16] | None
    ) -> dict[str, FloatMap]:
        if sigma is None and "defocus" in self.options.views:
            sigma = square_map(rgb, self.options.estimator)
            if self.cache is not None:
                self.cache.write(key, sigma)
        return make_views(self.options, rgb, sigma)

    def _key(self, digest: bytes) -> str:
        """Of the SHA-256 of the file, and all that the map depends on."""
        options = self.options
        made_of = f"{VERSION} {options.size} {options.fit} {_estimator_version(options.estimator)}"
        return hashlib.sha256(digest + made_of.encode()).hexdigest()[:40]


@cache
def _estimator_version(method: str) -> str:
    """The method, and for a network the hash of its weights."""
    weights = METHODS[method].weights
    return method if weights is None else f"{method} {weights}"


def require_pictures(paths: Iterable[str]) -> None:
    """Check that there are no videos among `paths`.

    Raises:
        InputError: naming the first.
    """
    for path in paths:
        if os.path.splitext(path)[1].lower() in VIDEO_SUFFIXES:  # noqa: PTH122 - a million of them
            raise InputError(
                f"{path}: is a video; `blurprint dataset prepare` makes pictures of it"
            )


class PictureDataset(Dataset[dict[str, Any]]):
    """Rows of the table as ``{"views": {...}, "label": 0.0 or 1.0, "row": index}``.

    Where the map is the same everywhere, "flat" is the path. A picture that cannot be read is
    ``{"row": index, "unreadable": (path, reason)}``;
    :func:`collate_pictures` leaves it out of its batch.

    Indices are numbers of rows, or (epoch, row) as :class:`EpochSampler` gives them: what is drawn
    for augmentation depends on seed, epoch and row alone, not on workers or on a resume.

    Args:
        table: pictures, not videos.
        options: which views.
        cache: where maps are kept; not used for pictures that are augmented.
        changes: names of augmentations.
        seed: of the augmentations.

    Raises:
        InputError: if the table is empty or holds videos.
    """

    def __init__(
        self,
        table: SampleTable,
        options: ViewOptions,
        cache: MapCache | None = None,
        *,
        changes: Sequence[str] = (),
        seed: int = 0,
    ) -> None:
        """See the class."""
        if len(table) == 0:
            raise InputError("Expected a table with rows, but it is empty")
        self._paths: list[str] = table["path"].astype(str).tolist()
        self.labels: FloatMap = table["label"].to_numpy(np.float32)
        require_pictures(self._paths)
        self._maker = ViewMaker(options, cache)
        self._changes = check_changes(changes)
        self._seed = seed

    def __len__(self) -> int:
        return len(self._paths)

    def __getitem__(self, index: int | tuple[int, int]) -> dict[str, Any]:
        epoch, row = index if isinstance(index, tuple) else (0, index)
        path = Path(self._paths[row])
        try:
            if self._changes:
                rng = np.random.default_rng([self._seed, epoch, row])
                square = augment(self._maker.square(path), self._changes, rng)
                views = self._maker.from_square(square)
            else:
                views = self._maker.from_file(path)
        except PhotoError as error:
            return {"row": row, "unreadable": (str(path), str(error))}
        item = {
            "views": {name: torch.from_numpy(view) for name, view in views.items()},
            "label": torch.tensor(self.labels[row]),
            "row": row,
        }
        # Without any edge the paper's map is zero everywhere: a detector sees nothing then.
        if "defocus" in views and not np.ptp(views["defocus"]):
            item["flat"] = str(path)
        return item


def collate_pictures(items: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """A batch of those items that could be read: views (B, 3, S, S), label (B,), row (B,).

    "unreadable" has the reason of each of the others, by path; B may be 0. "flat" are the paths of
    those whose map is the same everywhere.
    """
    unreadable = dict(item["unreadable"] for item in items if "unreadable" in item)
    flat = [item["flat"] for item in items if "flat" in item]
    readable = [
        {name: value for name, value in item.items() if name != "flat"}
        for item in items
        if "unreadable" not in item
    ]
    if readable:
        batch: dict[str, Any] = default_collate(readable)
    else:
        batch = {"views": {}, "label": torch.empty(0), "row": torch.empty(0, dtype=torch.int64)}
    return batch | {"unreadable": unreadable, "flat": flat}


def flat_words(flat: int, total: int) -> str:
    """How many maps are the same everywhere, in a sentence without its full stop."""
    return (
        f"{flat:,} of {total:,} maps are the same everywhere (no edge was found): of these pictures"
        " a detector of maps sees nothing"
    )


class EpochSampler(Sampler[Any]):
    """Every row once in each epoch, in an order that depends on seed and epoch alone."""

    def __init__(self, count: int, seed: int) -> None:
        """`count` rows; Lightning calls :meth:`set_epoch`, so that a resume goes on in order."""
        self._count, self._seed, self._epoch = count, seed, 0

    def set_epoch(self, epoch: int) -> None:
        """Choose the epoch whose order comes next."""
        self._epoch = epoch

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[tuple[int, int]]:
        order = np.random.default_rng([self._seed, self._epoch]).permutation(self._count)
        return iter([(self._epoch, int(row)) for row in order])


def worker_options(count: int) -> dict[str, Any]:
    """Arguments of a ``DataLoader`` for `count` processes that load pictures.

    They are forked from a server without threads: a process forked from one in which OpenCV has
    started threads waits for them for ever. They stay from epoch to epoch.
    """
    if count == 0:
        return {"num_workers": 0, "collate_fn": collate_pictures}
    methods = multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("forkserver" if "forkserver" in methods else "spawn")
    if hasattr(context, "set_forkserver_preload"):
        context.set_forkserver_preload([__name__])
    return {
        "num_workers": count,
        "collate_fn": collate_pictures,
        "worker_init_fn": _start_worker,
        "multiprocessing_context": context,
        "persistent_workers": True,
    }


def _start_worker(_: int) -> None:
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
