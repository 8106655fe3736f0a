"""Rendered examples on disk: shards that can be made by many workers, stopped, and resumed.

A shard is an uncompressed ``.npz`` of N examples of S pixels squared:

- ``rgb`` uint8 (N, S, S, 3)
- ``sigma`` float16 (N, S, S), pixels: of all that blurs before the pixel, whose own box is no part
  of it; :func:`blurprint.lens.pixel.with_pixel` gives the whole spread
- ``weight`` uint8 (N, S, S), 255 for 1: how far sigma says what is seen
- ``known`` bool (N, S, S), False where no blur is defined
- ``anisotropy`` uint8 (N, S, S), 0 for a round blur, 255 for a line
- ``condition`` text (N,), what has happened to the picture
- ``settings``, a JSON text: version, seed, index, count, size, split, number and digest of the
  photographs

Example i of shard k is drawn from the seed (seed, k, i) alone, so neither the number of workers nor
an interruption changes a byte.
"""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path
from typing import Final, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from blurprint.arrays import Mask
from blurprint.errors import InputError, OutputError
from blurprint.lab.rendering.conditions import CONDITIONS, render_training_example
from blurprint.lab.rendering.scenes import Sources
from blurprint.lab.rendering.sharp_sources import SharpSources, Split

VERSION: Final = 11
"""Version of the layout and of what is drawn; shards of another version are refused."""
Settings = dict[str, int | str]
Progress = Callable[[int, int], None]
"""Called with the number of examples done and the number wanted."""


class Shard(NamedTuple):
    """What a shard holds; see the module."""

    rgb: npt.NDArray[np.uint8]
    sigma: npt.NDArray[np.float16]
    weight: npt.NDArray[np.uint8]
    known: Mask
    anisotropy: npt.NDArray[np.uint8]
    condition: npt.NDArray[np.str_]
    settings: Settings

    def trusted(self, some: slice) -> Mask:
        """Pixels of the examples `some` whose sigma is known and counts by more than a half."""
        counts: Mask = self.known[some] & (self.weight[some] > 127)
        return counts


def render_shard(
    file: Path,
    sources: Sources,
    *,
    count: int,
    size: int = 192,
    seed: int = 0,
    index: int = 0,
    note: Settings | None = None,
) -> bool:
    """Render `count` examples into `file`, unless it holds them already.

    The file appears under its name only when it is complete.

    Args:
        file: where to write, ``.npz``.
        sources: sharp textures.
        count: how many examples.
        size: side of each, in pixels.
        seed: of the data set.
        index: of the shard in the data set.
        note: further settings to store and to compare with those of an existing file.

    Returns:
        True if the shard was rendered, False if it was there.

    Raises:
        InputError: if `file` is no shard, or one of another version.
        OutputError: if `file` holds a shard of other settings, or cannot be written.
    """
    settings: Settings = {"version": VERSION, "seed": seed, "index": index}
    settings |= {"count": count, "size": size, **(note or {})}
    if file.exists():
        if read_settings(file) != settings:
            raise OutputError(f"{file} holds a shard of other settings; choose another folder")
        return False
    shape = (count, size, size)
    rgb, sigma = np.empty((*shape, 3), np.uint8), np.empty(shape, np.float16)
    weight, anisotropy = np.empty(shape, np.uint8), np.empty(shape, np.uint8)
    known = np.empty(shape, np.bool_)
    condition = np.empty(count, f"U{max(map(len, CONDITIONS))}")
    for place in range(count):
        rng = np.random.default_rng([seed, index, place])
        example = render_training_example(rng, sources, size)
        rgb[place], sigma[place], known[place] = example.rgb, example.sigma, example.known
        weight[place] = np.rint(example.weight * 255)
        anisotropy[place] = np.rint(example.anisotropy * 255)
        condition[place] = example.condition
    partial = file.with_name(f".{file.name}.{os.getpid()}.partial")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("wb") as stream:
            text = json.dumps(settings, sort_keys=True)
            np.savez(
                stream,
                settings=np.array(text),
                rgb=rgb,
                sigma=sigma,
                weight=weight,
                known=known,
                anisotropy=anisotropy,
                condition=condition,
            )
        partial.replace(file)
    except OSError as error:
        raise OutputError(f"{file} cannot be written ({error.strerror or error})") from error
    finally:
        partial.unlink(missing_ok=True)
    return True


def read_settings(file: Path) -> Settings:
    """The settings of a shard, without reading its pictures.

    Raises:
        InputError: if `file` is no shard, or one of another version.
    """
    try:
        with np.load(file, allow_pickle=False) as stored:
            settings: Settings = json.loads(str(stored["settings"]))
    except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise InputError(f"Expected a shard of rendered examples in {file}: {error}") from error
    version = settings.get("version")
    if version != VERSION:
        raise InputError(
            f"{file}: holds rendered examples of version {version}, but this training reads "
            f"version {VERSION}, which draws more and says where no blur is defined; render again "
            "into an empty folder"
        )
    return settings


def read_shard(file: Path) -> Shard:
    """A shard as :func:`render_shard` wrote it.

    Raises:
        InputError: if `file` is no shard, or one of another version.
    """
    settings = read_settings(file)
    with np.load(file, allow_pickle=False) as stored:
        planes = {name: stored[name] for name in Shard._fields if name != "settings"}
    return Shard(**planes, settings=settings)


def render_dataset(
    photos: Path,
    out: Path,
    *,
    split: Split,
    count: int,
    size: int = 192,
    shard_size: int = 500,
    seed: int = 0,
    workers: int = 1,
    progress: Progress | None = None,
) -> list[Path]:
    """Render `count` examples from a folder of photographs into ``out/shard-00000.npz`` and so on.

    Shards that are complete are kept; the rest is rendered. Workers are processes of one thread
    each; what they render does not depend on how many there are.

    Raises:
        InputError: if an argument is out of range, `photos` holds nothing to render from, or `out`
            holds shards of another version.
        OutputError: if `out` holds shards of other settings, or cannot be written.
    """
    for name, value in (("count", count), ("size", size), ("shard_size", shard_size)):
        if value < 1:
            raise InputError(f"Expected `{name}` to be at least 1, but got {value}")
    if workers < 1:
        raise InputError(f"Expected `workers` to be at least 1, but got {workers}")
    jobs = [
        _Job(
            photos,
            out / f"shard-{index:05d}.npz",
            split,
            min(shard_size, count - start),
            size,
            seed,
            index,
        )
        for index, start in enumerate(range(0, count, shard_size))
    ]
    done = 0
    for rendered in _run(jobs, workers):
        done += rendered
        if progress is not None:
            progress(done, count)
    return [job.file for job in jobs]


@dataclass(frozen=True, slots=True)
class _Job:
    photos: Path
    file: Path
    split: Split
    count: int
    size: int
    seed: int
    index: int


def _run(jobs: list[_Job], workers: int) -> Iterator[int]:
    if workers == 1 or len(jobs) == 1:
        yield from map(_work, jobs)
        return
    with ProcessPoolExecutor(
        min(workers, len(jobs)), mp_context=get_context("spawn"), initializer=_one_thread
    ) as pool:
        futures = [pool.submit(_work, job) for job in jobs]
        try:
            for future in as_completed(futures):
                yield future.result()
        finally:
            pool.shutdown(cancel_futures=True)


def _one_thread() -> None:
    cv2.setNumThreads(1)


@lru_cache(maxsize=2)
def _sources(photos: Path, split: Split) -> SharpSources:
    return SharpSources.from_folder(photos, split)


def _digest(paths: Sequence[Path]) -> str:
    """Of names and sizes: as many other photographs are other photographs."""
    facts = sorted((path.name, path.stat().st_size) for path in paths)
    return hashlib.sha256(repr(facts).encode("utf-8", "surrogateescape")).hexdigest()[:16]


def _work(job: _Job) -> int:
    sources = _sources(job.photos, job.split)
    render_shard(
        job.file,
        sources,
        count=job.count,
        size=job.size,
        seed=job.seed,
        index=job.index,
        note={
            "split": job.split,
            "photographs": len(sources.paths),
            "photographs_digest": _digest(sources.paths),
        },
    )
    return job.count
