"""Videos and pictures to crops of one face: resumable, in parallel, with a manifest of hashes.

`prepare_faces` is the whole way; `crop_source` is what a worker does with one file.
"""

from __future__ import annotations

import hashlib
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import pydantic.dataclasses

from blurprint.errors import BlurprintError, InputError, OutputError, PhotoError
from blurprint.faces.find import MARGIN, RGB8, FaceBox, find_faces, square_crop
from blurprint.faces.track import track_face
from blurprint.files import make_folder, reason, write_atomic
from blurprint.invalid import STRICT, our_errors
from blurprint.jobs import run_jobs
from blurprint.lab.crops.manifest import Crop, Manifest, Record, Status
from blurprint.lab.crops.sources import Source, find_sources
from blurprint.limits import MIN_SIDE
from blurprint.photos.photo import read_photo
from blurprint.photos.video import VideoFrame, read_frames

VERSION: Final = 2
"""Of what is found and cropped; crops of another version are made again."""
_HELD_BYTES: Final = 256 * 2**20
"""Frames of a clip that are kept between search and crop; beyond, the video is decoded twice."""


@our_errors
@pydantic.dataclasses.dataclass(frozen=True, config=STRICT)
class PrepareSettings:
    """How crops are made.

    Attributes:
        frames: of each video, spread evenly.
        margin: side of a crop over side of the face's box.
        size: side of the crops in pixels; 0 leaves the frames' own pixels.

    Raises:
        InputError: if a value is of another type or out of range.
    """

    frames: int = 32
    margin: float = MARGIN
    size: int = 0

    def __post_init__(self) -> None:
        if self.frames < 1:
            raise InputError(f"Expected `frames` to be at least 1, but got {self.frames}")
        if not 0.5 <= self.margin <= 10:
            raise InputError(f"Expected `margin` to be from 0.5 to 10, but got {self.margin}")
        if self.size != 0 and not MIN_SIDE <= self.size <= 8192:
            raise InputError(
                f"Expected `size` to be 0 or from {MIN_SIDE} to 8192, but got {self.size}"
            )


_DEFAULTS: Final = PrepareSettings()


@dataclass(frozen=True, slots=True)
class PrepareResult:
    """What was done.

    Attributes:
        records: of all sources, in the order of their targets.
        kept: how many of them were there already.
    """

    records: tuple[Record, ...]
    kept: int

    @property
    def statuses(self) -> dict[Status, int]:
        """How many sources have each status."""
        return dict(Counter(record.status for record in self.records))

    @property
    def crops(self) -> int:
        """Pictures that the sources have given, now or earlier."""
        return sum(len(record.crops) for record in self.records)

    @property
    def failed(self) -> tuple[Record, ...]:
        """Sources that could not be prepared."""
        return tuple(record for record in self.records if record.status == "failed")


def prepare_faces(
    path: Path,
    out: Path,
    settings: PrepareSettings = _DEFAULTS,
    *,
    workers: int = 1,
    progress: Callable[[int, int, Record], None] | None = None,
) -> PrepareResult:
    """Crop the largest face of every video and picture below `path` into the same tree in `out`.

    What the manifest in `out` lists as made with these settings from the same bytes is kept; what
    failed is tried again. A source that cannot be prepared is recorded with the reason and the rest
    goes on. Lists of labels and splits (JSON, CSV, text) are copied.

    Args:
        path: a folder, or one file.
        out: where the crops and manifest.jsonl go.
        settings: how.
        workers: processes.
        progress: called with sources done, sources in all, and the record of the last one.

    Raises:
        InputError: if there is nothing to prepare or an argument is out of range.
        OutputError: if `out` cannot be written.
    """
    tree = find_sources(path, out)
    make_folder(out)
    manifest = Manifest(out)
    for file, name in tree.lists:
        _copy(file, out / name)
    made_with: dict[str, Any] = {"version": VERSION, **asdict(settings)}
    records: dict[str, Record] = {}
    jobs: list[_Job] = []
    for source in tree.sources:
        known = manifest.get(source.target)
        if known is not None and _unchanged(known, source.path, out, made_with):
            records[source.target] = known
        else:
            jobs.append(_Job(source, out, made_with, known))
    kept, total = len(records), len(tree.sources)
    for record in run_jobs(crop_source, jobs, workers=workers, died=_died):
        manifest.add(record)
        records[record.target] = record
        if progress is not None:
            progress(len(records), total, record)
    manifest.tidy()
    return PrepareResult(tuple(records[source.target] for source in tree.sources), kept)


@dataclass(frozen=True, slots=True)
class _Job:
    source: Source
    out: Path
    settings: dict[str, Any]
    known: Record | None


def crop_source(job: _Job) -> Record:
    """Prepare one source; whatever is wrong with it becomes a record."""
    record = _record(job)
    try:
        status = job.source.path.stat()
        record = replace(record, source_bytes=status.st_size, source_mtime_ns=status.st_mtime_ns)
        with job.source.path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        record = replace(record, source_sha256=digest)
        known = job.known
        if known is not None and known.source_sha256 == digest:
            if _complete(known, job.out, job.settings):
                return replace(record, status=known.status, reason=known.reason, crops=known.crops)
        elif known is not None and known.crops and known.source != record.source:
            raise OutputError(f"{job.out / known.target} holds crops of {known.source}")
        return _cropped(job, record)
    except BlurprintError as error:
        return replace(record, status="failed", reason=str(error))
    except (OSError, MemoryError, cv2.error) as error:
        why = " ".join(str(error).split()) or type(error).__name__
        return replace(record, status="failed", reason=f"{job.source.path}: {why}")


def _cropped(job: _Job, record: Record) -> Record:
    settings = job.settings
    margin, size = settings["margin"], settings["size"] or None
    pictures: list[tuple[str, bytes]] = []
    crops: list[Crop] = []
    frames = _Frames(job.source, settings["frames"])
    detections: list[list[FaceBox]] = []
    sizes: list[tuple[int, int]] = []
    for frame in frames:
        detections.append(find_faces(frame.rgb))
        sizes.append((frame.rgb.shape[1], frame.rgb.shape[0]))
    track = track_face(detections, sizes)
    if not track:
        seen = sum(map(bool, detections))
        why = f"a face that lasts was not found in {len(detections)} frames ({seen} show any)"
        _remove_old(job)
        return replace(record, status="no face", reason="no face found" if not seen else why)
    for place, frame in enumerate(frames):
        box = track.get(place)
        if box is None:
            continue
        data = _png(square_crop(frame.rgb, box, margin, size))
        name = job.source.target
        name += f"/{place:05d}.png" if job.source.kind == "video" else ""
        pictures.append((name, data))
        crops.append(
            Crop(
                name,
                hashlib.sha256(data).hexdigest(),
                frame.index,
                round(frame.time_s, 6),
                (round(box.left, 2), round(box.top, 2), round(box.width, 2), round(box.height, 2)),
            )
        )
    _write(job, pictures)
    lost = len(detections) - len(crops)
    why = f"the picture's shape changes; {lost} of {len(detections)} frames show no lasting face"
    return replace(record, status="done", reason=why if lost else "", crops=tuple(crops))


class _Frames:
    """The chosen frames of a source, to go through twice; kept in between if they are few."""

    def __init__(self, source: Source, count: int) -> None:
        self._source, self._count = source, count
        self._held: list[VideoFrame] | None = None

    def __iter__(self) -> Iterator[VideoFrame]:
        if self._held is not None:
            yield from self._held
            return
        held: list[VideoFrame] | None = []
        size = 0
        for frame in self._read():
            size += frame.rgb.nbytes
            if held is not None:
                held.append(frame)
            if size > _HELD_BYTES:
                held = None
            yield frame
        self._held = held

    def _read(self) -> Iterable[VideoFrame]:
        if self._source.kind == "video":
            return read_frames(self._source.path, self._count)
        rgb = read_photo(self._source.path, max_side=0).rgb
        return [VideoFrame(0, 0.0, np.rint(rgb * 255).astype(np.uint8))]


def _png(rgb: RGB8) -> bytes:
    _, data = cv2.imencode(".png", cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))
    return bytes(data)


def _write(job: _Job, pictures: Sequence[tuple[str, bytes]]) -> None:
    """A clip's folder appears when it is complete."""
    target = job.out / job.source.target
    target.parent.mkdir(parents=True, exist_ok=True)
    if job.source.kind == "picture":
        data = pictures[0][1]
        # After an interruption between a picture and its record the bytes are the same.
        if target.exists() and not _listed(job) and target.read_bytes() != data:
            raise _foreign(target)
        write_atomic(target, data)
        return
    partial = target.with_name(f".{target.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir()
    for name, data in pictures:
        (partial / Path(name).name).write_bytes(data)
    _remove_old(job)
    partial.replace(target)


def _remove_old(job: _Job) -> None:
    """Crops that were made with other settings, or before an interruption; nothing else."""
    target = job.out / job.source.target
    if target.is_dir():
        # An interruption between a clip's folder and its record leaves numbered pictures.
        numbered = all(file.suffix == ".png" and file.stem.isdigit() for file in target.iterdir())
        if not numbered:
            raise _foreign(target)
        shutil.rmtree(target)
    elif target.exists() and _listed(job):
        target.unlink()


def _listed(job: _Job) -> bool:
    return job.known is not None and bool(job.known.crops)


def _foreign(target: Path) -> OutputError:
    return OutputError(f"{target}: exists and holds other things; choose another folder")


def _unchanged(known: Record, path: Path, out: Path, settings: dict[str, Any]) -> bool:
    """By size and time of change, without reading the source."""
    try:
        status = path.stat()
    except OSError:
        return False
    same = (known.source_bytes, known.source_mtime_ns) == (status.st_size, status.st_mtime_ns)
    return same and known.source == str(path) and _complete(known, out, settings)


def _complete(known: Record, out: Path, settings: dict[str, Any]) -> bool:
    return (
        known.status != "failed"
        and known.settings == settings
        and all((out / crop.output).is_file() for crop in known.crops)
    )


def _record(job: _Job) -> Record:
    return Record(job.source.target, str(job.source.path), "", 0, 0, job.settings, "failed")


def _died(job: _Job) -> Record:
    why = "the process that decoded it died (a decoder that crashed, or too little memory)"
    return replace(_record(job), reason=f"{job.source.path}: {why}")


def _copy(file: Path, target: Path) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(target, file.read_bytes())
    except OSError as error:
        raise PhotoError(f"{file}: cannot be copied to {target} ({reason(error)})") from error
