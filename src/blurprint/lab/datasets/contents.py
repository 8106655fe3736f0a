"""The bytes of pictures: a hash of each, and which of them cannot be read."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from blurprint.arrays import Mask
from blurprint.errors import InputError, PhotoError
from blurprint.jobs import run_jobs
from blurprint.photos.photo import read_photo

Hashes = npt.NDArray[np.uint64]
Progress = Callable[[int, int], None]

MOST_UNREADABLE: Final = 0.01
"""Share of the pictures that may be unreadable before the work stops: more is no accident."""
_AT_ONCE: Final = 64
"""Files of one job of a process."""
_SHOWN: Final = 10


@dataclass(frozen=True, slots=True, eq=False)
class Contents:
    """What reading every file gave.

    Attributes:
        hashes: uint64 (N,), the first eight bytes of BLAKE2b of each file's bytes; 0 where the
            file cannot be read.
        unreadable: the reason, by path.
    """

    hashes: Hashes
    unreadable: Mapping[str, str]

    @property
    def readable(self) -> Mask:
        """Which rows can be read, (N,)."""
        return self.hashes != 0

    def of_rows(self, rows: Mask, paths: Iterable[str]) -> Contents:
        """Of some rows: `rows` is (N,), `paths` are those of the rows that it selects."""
        unreadable = {path: self.unreadable[path] for path in paths if path in self.unreadable}
        return Contents(self.hashes[rows], unreadable)


def read_contents(
    paths: Sequence[str],
    *,
    decode: bool = False,
    workers: int = 2,
    progress: Progress | None = None,
) -> Contents:
    """Hash every file and, with `decode`, find those that are no readable pictures.

    Args:
        paths: (N,) files.
        decode: decode each as a picture; without it, only its bytes have to be there.
        workers: processes; 0 reads in this one. A file that ends its process is unreadable.
        progress: called with files done and wanted.
    """
    hashes = np.zeros(len(paths), np.uint64)
    unreadable: dict[str, str] = {}
    done = 0
    for start, found in _looked_at(paths, decode, workers):
        for place, (value, why) in enumerate(found, start):
            hashes[place] = value
            if why:
                unreadable[paths[place]] = why
        done += len(found)
        if progress is not None:
            progress(done, len(paths))
    return Contents(hashes, unreadable)


def check_share(unreadable: Mapping[str, str], total: int) -> None:
    """Refuse to go on where too many pictures cannot be read.

    Raises:
        InputError: if they are more than one, and more than :data:`MOST_UNREADABLE` of `total`;
            the message lists them.
    """
    if len(unreadable) > max(1, MOST_UNREADABLE * total):
        raise InputError(
            f"Expected at most {100 * MOST_UNREADABLE:g} % of {total:,} pictures to be unreadable,"
            f" but {len(unreadable):,} are: {_some(unreadable)}"
        )


def read_pictures(
    paths: Sequence[str],
    *,
    workers: int,
    say: Callable[[str], None] | None = None,
    progress: Progress | None = None,
) -> Contents:
    """:func:`read_contents` of pictures that an experiment is about to use, decoded.

    Args:
        paths: (N,) files.
        workers: processes; 0 reads in this one.
        say: called with a line where some cannot be read.
        progress: called with files done and wanted.

    Raises:
        InputError: if too many cannot be read, see :func:`check_share`.
    """
    contents = read_contents(paths, decode=True, workers=workers, progress=progress)
    check_share(contents.unreadable, len(paths))
    if contents.unreadable and say is not None:
        say(unreadable_words(contents.unreadable, len(paths)))
    return contents


def unreadable_words(unreadable: Mapping[str, str], total: int) -> str:
    """How many pictures were left out and which, in a sentence."""
    return (
        f"{len(unreadable):,} of {total:,} pictures cannot be read and were left out:"
        f" {_some(unreadable)}"
    )


def group_hashes(keys: Sequence[str]) -> Hashes:
    """uint64 (N,) of names of groups, as :class:`Contents` hashes bytes."""
    return np.array(
        [content_hash(key.encode("utf-8", "surrogateescape")) for key in keys], np.uint64
    )


def _some(unreadable: Mapping[str, str]) -> str:
    shown = list(unreadable.values())[:_SHOWN]
    more = len(unreadable) - len(shown)
    return "; ".join(shown) + (f"; and {more:,} more" if more else "")


_Job = tuple[int, tuple[str, ...]]
_Found = list[tuple[int, str]]


def _looked_at(paths: Sequence[str], decode: bool, workers: int) -> Iterator[tuple[int, _Found]]:
    """Start and results of each run of files, in any order."""
    jobs = [(at, tuple(paths[at : at + _AT_ONCE])) for at in range(0, len(paths), _AT_ONCE)]
    work = partial(_look_at, decode=decode)
    if workers == 0:
        yield from map(work, jobs)
        return
    for start, found in run_jobs(work, jobs, workers=workers, died=_nothing):
        if found:
            yield start, found
            continue
        # One of these files ends its process: each by itself shows which.
        single = (
            (place, (paths[place],)) for place in range(start, min(start + _AT_ONCE, len(paths)))
        )
        yield from run_jobs(work, single, workers=workers, died=_died)


def _look_at(job: _Job, *, decode: bool) -> tuple[int, _Found]:
    start, paths = job
    return start, [_look_at_one(path, decode) for path in paths]


def _look_at_one(path: str, decode: bool) -> tuple[int, str]:
    try:
        data = Path(path).read_bytes()
        if decode:
            read_photo(data, max_side=0, name=path)
    except OSError as error:
        return 0, f"{path}: cannot be read ({error.strerror})"
    except PhotoError as error:
        return 0, str(error)
    return content_hash(data), ""


def _nothing(job: _Job) -> tuple[int, _Found]:
    return job[0], []


def _died(job: _Job) -> tuple[int, _Found]:
    start, (path,) = job
    return start, [(0, f"{path}: reading it ends the process")]


def content_hash(data: bytes) -> int:
    """The first eight bytes of BLAKE2b, never 0."""
    value = int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "big")
    return value or 1  # 0 stands for what cannot be read
