"""How pictures are analysed, and what became of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

Row = Mapping[str, str | int | float | None]
"""One picture in a flat table: column to value; columns name their units."""

ANALYSED: Final = "analysed"
KEPT: Final = "kept"
FAILED: Final = "failed"
SCORED: Final = "scored"
NOT_REACHED: Final = "not reached"


@dataclass(frozen=True, slots=True)
class Settings:
    """How every picture of a run is analysed.

    Attributes:
        method: of the map.
        max_side: longer side to which larger pictures are reduced, in pixels; 0 for none.
        max_pixels: pictures that declare more pixels than this are refused.
        out: folder of results; None writes nothing.
        formats: files to write for each picture: of "html", "json" and "npz".
        half: write maps as float16.
        thumbnails: write thumbnails for an overview.
        overwrite: replace earlier results.
        skip_existing: keep earlier results of the same picture, method, settings and version.
        prior: P(fake) before a picture is looked at.
        frames: of a video that are looked at: a number, "all" or "key".
    """

    method: str
    max_side: int
    max_pixels: int
    out: Path | None = None
    formats: tuple[str, ...] = ()
    half: bool = False
    thumbnails: bool = False
    overwrite: bool = False
    skip_existing: bool = False
    prior: float = 0.5
    frames: int | str = 24


@dataclass(frozen=True, slots=True)
class Job:
    """One picture to analyse.

    Attributes:
        index: in the order of the input.
        path: of the picture.
        name: folder of its results within that of the run, with "/".
    """

    index: int
    path: Path
    name: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one picture.

    Attributes:
        job: which it was.
        status: ANALYSED, KEPT or FAILED.
        document: content of ``report.json``; empty after a failure.
        error: why it failed.
    """

    job: Job
    status: str
    document: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""
