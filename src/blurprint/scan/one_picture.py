"""One picture from its file to its results, in whatever process; it never raises."""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TypeVar

from blurprint.analysis import analyze
from blurprint.clips.analyze_clip import analyze_clip
from blurprint.clips.clip_report import ClipReport
from blurprint.clips.write import write_clip
from blurprint.errors import BlurprintError, OutputError
from blurprint.pages.text import path_text
from blurprint.photos.photo import read_photo
from blurprint.report.report import Report
from blurprint.report.thumbnail import thumbnail_webp
from blurprint.report.write import FILE_NAMES, write_report
from blurprint.scan.earlier_result import difference, read_document, results_in
from blurprint.scan.first_bytes import is_picture_inside, is_video_inside
from blurprint.scan.inputs import THUMBNAIL_NAME
from blurprint.scan.items.kinds import ALL_VIDEO_SUFFIXES
from blurprint.scan.settings import ANALYSED, FAILED, KEPT, Job, Outcome, Settings

_Settings = TypeVar("_Settings")


def analyze_one(settings: Settings, job: Job) -> Outcome:
    """Analyse a picture and write its results; whatever goes wrong is a failure that says so."""
    return guarded(_analyze, settings, job)


def guarded(work: Callable[[_Settings, Job], Outcome], settings: _Settings, job: Job) -> Outcome:
    """The outcome of some work on a picture, or of its failure, which says what went wrong."""
    try:
        return work(settings, job)
    except BlurprintError as error:
        return failed(job, str(error).removeprefix(f"{job.path}: "))
    except MemoryError:
        return failed(job, "not enough memory")
    except Exception as error:
        what = " ".join(f"{type(error).__name__}: {error}".split())
        return failed(job, f"unexpected error ({what}); please report it with the picture")


def failed(job: Job, error: str) -> Outcome:
    """The outcome of a failure."""
    return Outcome(job, FAILED, error=error)


def died(job: Job) -> Outcome:
    """The outcome of a picture that ended the process that read it."""
    return failed(
        job,
        "ended the process that read it (memory ran out, or a decoder crashed); --jobs 1 "
        "leaves it more memory",
    )


def _analyze(settings: Settings, job: Job) -> Outcome:
    folder = None if settings.out is None else settings.out / job.name
    formats, stale, replace = settings.formats, [], settings.overwrite
    thumbnail, kept = settings.thumbnails, False
    there = results_in(folder) if folder is not None else []
    # Without a hash the picture cannot be read, which read_photo will say.
    if folder is not None and there and (sha256 := _sha256(job.path)):
        document = read_document(folder)
        differs = difference(document, path_text(str(job.path)), sha256, settings)
        wanted = [folder / FILE_NAMES[name] for name in formats]
        in_the_way = [file for file in wanted if file in there]
        if differs and not settings.overwrite:
            raise OutputError(f"{there[0]}: exists already and {differs}; --overwrite replaces it")
        if differs:
            stale = [file for file in there if file not in wanted]
            stale += [folder / THUMBNAIL_NAME] * (not thumbnail)
        elif settings.skip_existing:
            formats = tuple(name for name in formats if folder / FILE_NAMES[name] not in there)
            thumbnail = thumbnail and not (folder / THUMBNAIL_NAME).exists()
            if not formats and not thumbnail:
                return Outcome(job, KEPT, document)
            kept = not formats
        elif in_the_way and not settings.overwrite:
            raise OutputError(
                f"{in_the_way[0]}: exists already; --overwrite replaces it, --skip-existing keeps "
                "it"
            )
    report, write, shown = _report(settings, job.path)
    if folder is not None:
        more = {THUMBNAIL_NAME: thumbnail_webp(shown)} if thumbnail else {}
        write(folder, formats=formats, overwrite=replace, half=settings.half, more=more)
        for file in stale:
            with suppress(FileNotFoundError):
                file.unlink()
    return Outcome(job, KEPT, document) if kept else Outcome(job, ANALYSED, report.to_dict())


def _report(
    settings: Settings, path: Path
) -> tuple[Report | ClipReport, Callable[..., object], Report]:
    """The report, what writes it, and the report of the picture that the overview shows."""
    if is_clip(path):
        clip = analyze_clip(
            path,
            frames=settings.frames,
            method=settings.method,
            prior=settings.prior,
            max_side=settings.max_side,
            max_pixels=settings.max_pixels,
        )
        return clip, partial(write_clip, clip), clip.shown[0].report
    photo = read_photo(path, max_side=settings.max_side, max_pixels=settings.max_pixels)
    report = analyze(photo, method=settings.method, prior=settings.prior)
    return report, partial(write_report, report), report


def is_clip(path: Path) -> bool:
    """Whether a file is a video: by its content, and where that says nothing by its suffix."""
    suffix = path.suffix.lower() in ALL_VIDEO_SUFFIXES
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return suffix
        return is_video_inside(path) or (suffix and not is_picture_inside(path))
    except (OSError, ValueError):
        return suffix


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (OSError, ValueError):
        return ""
