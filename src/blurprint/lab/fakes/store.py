"""Rendered pairs on disk, in chunks that are written whole: a run that is ended goes on."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

from blurprint.errors import InputError
from blurprint.files import make_folder, write_all, write_atomic
from blurprint.jobs import run_jobs
from blurprint.lab.fakes.pairs import Recipe, draw_pair
from blurprint.lab.fakes.people import Person
from blurprint.lab.fakes.regenerate import Regenerator

VERSION: Final = 2
"""Of the recipe: pairs of another version are not mixed with those of this."""
CHUNK: Final = 200
SPLITS: Final = ("train", "validation")
_RECORD: Final = "pairs.json"


@dataclass(frozen=True, slots=True)
class Chunk:
    """Pairs that lie in two arrays, read as they are needed.

    Attributes:
        pictures: uint8 (N, 2, S, S, 3), real and fake.
        masks: uint8 (N, M, M), where the fake was pasted.
        rows: what is known of each pair: base, eye distances and codecs as delivered.
    """

    pictures: npt.NDArray[np.uint8]
    masks: npt.NDArray[np.uint8]
    rows: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class _Job:
    people: Sequence[Person]
    folder: Path
    number: int
    seed: int
    recipe: Recipe
    models: tuple[bytes, ...]
    chunk: int


def split_people(people: Sequence[Person], held_out: float, seed: int) -> dict[str, list[Person]]:
    """People of training and of validation, by a hash of their group: no group is in both.

    Args:
        people: all.
        held_out: share of the groups that validation gets.
        seed: of the split.
    """
    sides: dict[str, list[Person]] = {name: [] for name in SPLITS}
    for person in people:
        digest = hashlib.sha256(f"{seed}:{person.group}".encode()).digest()
        share = int.from_bytes(digest[:8], "big") / 2**64
        sides["validation" if share < held_out else "train"].append(person)
    return sides


def groups_sha256(people: Sequence[Person]) -> str:
    """SHA-256 of the sorted names of the people's groups: equal where they are the same."""
    names = sorted({person.group for person in people})
    return hashlib.sha256("\n".join(names).encode()).hexdigest()


def render_pairs(
    people: Sequence[Person],
    folder: Path,
    count: int,
    *,
    seed: int,
    recipe: Recipe = "blend",
    models: Sequence[bytes] = (),
    workers: int = 2,
    chunk: int = CHUNK,
    each: Callable[[int, int], None] | None = None,
) -> list[Path]:
    """Chunks of `count` pairs in all, rendered where they are missing.

    Args:
        people: whom they show.
        folder: where the chunks are.
        count: pairs, rounded up to whole chunks.
        seed: of all draws; a pair depends on it and its number alone.
        recipe: how fakes are made.
        models: autoencoders as ONNX, for the recipes "remade" and "clone".
        workers: processes.
        chunk: pairs in a chunk.
        each: called with the number of chunks done and of all.

    Returns:
        The chunks, for :func:`read_chunk`.

    Raises:
        InputError: if the folder holds pairs of other people, of another seed or recipe.
    """
    make_folder(folder)
    _claim(folder, people, seed, recipe)
    numbers = range(-(-count // chunk))
    missing = [number for number in numbers if not _rows_file(folder, number).exists()]
    done = len(numbers) - len(missing)
    if each is not None:
        each(done, len(numbers))
    jobs = [_Job(people, folder, number, seed, recipe, tuple(models), chunk) for number in missing]
    for number in run_jobs(_render_chunk, jobs, workers=workers, died=_died):
        done += 1
        if each is not None and number >= 0:
            each(done, len(numbers))
    return [_rows_file(folder, number) for number in numbers]


def read_chunk(path: Path) -> Chunk:
    """The chunk of a path that :func:`render_pairs` gave; its pictures stay on disk.

    Raises:
        InputError: if it is not there.
    """
    try:
        rows = json.loads(path.read_text("utf-8"))
        pictures = np.load(path.with_suffix(".pictures.npy"), mmap_mode="r")
        masks = np.load(path.with_suffix(".masks.npy"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: Expected a chunk of pairs, but {error}") from error
    return Chunk(pictures, masks, rows)


def _render_chunk(job: _Job) -> int:
    cv2.setNumThreads(1)
    regenerator = Regenerator(job.models) if job.models else None
    pairs, rows = [], []
    for place in range(job.chunk):
        rng = np.random.default_rng((job.seed, job.number, place))
        base = int(rng.integers(len(job.people)))
        pair = draw_pair(job.people, base, rng, job.recipe, regenerator)
        pairs.append(pair)
        rows.append(
            {
                "group": job.people[base].group,
                "kind": job.people[base].kind,
                "eyes": [round(eyes, 1) for eyes in pair.eyes],
                "codecs": pair.codecs,
            }
        )
    path = _rows_file(job.folder, job.number)
    write_atomic(
        path.with_suffix(".pictures.npy"),
        _npy(np.stack([np.stack([pair.real, pair.fake]) for pair in pairs])),
    )
    write_all(
        {
            path.with_suffix(".masks.npy"): _npy(np.stack([pair.mask for pair in pairs])),
            path: json.dumps(rows).encode(),
        }
    )
    return job.number


def _died(job: _Job) -> int:
    raise InputError(
        f"{job.folder}: rendering pairs {job.number * job.chunk} and on ended a process"
    )


def _npy(array: npt.NDArray[np.uint8]) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def _rows_file(folder: Path, number: int) -> Path:
    return folder / f"{number:05}.json"


def _claim(folder: Path, people: Sequence[Person], seed: int, recipe: Recipe) -> None:
    names = "\n".join(f"{person.path.name} {person.face.eye_distance:.2f}" for person in people)
    record = {
        "version": VERSION,
        "seed": seed,
        "recipe": recipe,
        "people": hashlib.sha256(names.encode()).hexdigest(),
    }
    file = folder / _RECORD
    if not file.exists():
        write_atomic(file, json.dumps(record, indent=1).encode())
        return
    found = json.loads(file.read_text("utf-8"))
    changed = sorted(key for key in record if found.get(key) != record[key])
    if changed:
        raise InputError(f"{folder}: holds pairs of another {', '.join(changed)}")
