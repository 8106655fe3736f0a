"""A report that lies in a folder already: of which picture, and how it was measured."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from blurprint.errors import InputError
from blurprint.optics.defocus_map import DefocusMap
from blurprint.report.write import FILE_NAMES
from blurprint.score.calibration import checked_prior


@dataclass(frozen=True, slots=True, eq=False)
class EarlierReport:
    """What an earlier run left.

    Attributes:
        file: ``report.json``.
        source: the picture, as it was named then.
        sha256: of the picture's bytes.
        method: of the map.
        size: width and height at which it was measured.
        native_size: width and height of the picture in its file.
        max_side: that gives this size again; 0 if the picture was not reduced.
        explained: whether it has an explanation.
        prior: that its score was computed with; None where it has no score.
    """

    file: Path
    source: str
    sha256: str
    method: str
    size: tuple[int, int]
    native_size: tuple[int, int]
    max_side: int
    explained: bool
    prior: float | None = None

    def defocus(self) -> DefocusMap | None:
        """Its map, or None where that was not kept or is of something else."""
        try:
            found = DefocusMap.load(self.file.with_name(FILE_NAMES["npz"]))
        except (OSError, InputError):
            return None
        width, height = self.size
        return found if (found.method, found.shape) == (self.method, (height, width)) else None


def earlier_report(folder: Path) -> EarlierReport | None:
    """The report in `folder`, or None if there is none that can be read."""
    file = folder / FILE_NAMES["json"]
    try:
        content: dict[str, Any] = json.loads(file.read_text("utf-8"))
        source = content["input"]
        size = (int(source["working_width"]), int(source["working_height"]))
        return EarlierReport(
            file=file,
            source=str(source["source"]),
            sha256=str(source["sha256"]),
            method=str(content["method"]["name"]),
            size=size,
            native_size=(int(source["native_width"]), int(source["native_height"])),
            max_side=0 if source["scale"] == 1 else max(size),
            explained="explanation" in content,
            prior=_prior(content),
        )
    except (OSError, InputError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _prior(content: dict[str, Any]) -> float | None:
    found = content.get("score", {}).get("prior")  # reports of earlier versions have none
    return None if found is None else checked_prior(float(found))
