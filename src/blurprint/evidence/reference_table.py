"""Making the table of ordinary photographs: quantiles of each measure in groups of similar maps."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from blurprint.errors import InputError, PhotoError
from blurprint.evidence.evidence import Evidence
from blurprint.evidence.measure import MEASURES
from blurprint.evidence.reference import (
    ANY_SHARE,
    FEWEST,
    FORMAT,
    PERCENTS,
    SHARES,
    SIDES,
    classes,
)
from blurprint.files import PICTURE_SUFFIXES
from blurprint.optics.defocus_map import DefocusMap
from blurprint.optics.estimate import estimate_defocus
from blurprint.optics.methods import weights_of
from blurprint.photos.photo import read_photo
from blurprint.version import __version__

_DIGITS: Final = 4  # significant, of the quantiles
Key = tuple[tuple[float, float], tuple[float, float] | None]


@dataclass
class MethodTally:
    """What one method measured in photograph after photograph.

    Attributes:
        method: its name.
        photographs: how many were added.
        left_out: how many of them are of no class of size.
    """

    method: str
    photographs: int = 0
    left_out: int = 0
    _values: dict[Key, dict[str, list[float]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )

    def add(self, defocus: DefocusMap, rows: tuple[Evidence, ...]) -> None:
        """Count one photograph's rows under its class of size and of measured share."""
        self.photographs += 1
        side, share = classes(defocus)
        if side is None:
            self.left_out += 1
            return
        for row in rows:
            if row.value is not None:
                key = (side, None if row.name in ANY_SHARE else share)
                self._values[key][row.name].append(row.value)

    def to_dict(self) -> dict[str, Any]:
        """The method's part of the table; groups of fewer than `FEWEST` are left out."""
        groups = []
        for (side, share), measures in sorted(self._values.items(), key=lambda one: str(one[0])):
            kept = {
                name: {
                    "photographs": len(values),
                    "quantiles": [
                        float(f"{value:.{_DIGITS}g}")
                        for value in np.percentile(values, PERCENTS).tolist()
                    ],
                }
                for name, values in sorted(measures.items())
                if len(values) >= FEWEST
            }
            if kept:
                share_bounds = None if share is None else list(share)
                groups.append({"side": list(side), "share": share_bounds, "measures": kept})
        return {
            "weights_sha256": weights_of(self.method),
            "photographs": self.photographs,
            "left_out": self.left_out,
            "groups": groups,
        }


@dataclass(frozen=True)
class ReferenceTable:
    """What :func:`measure_photographs` returns.

    Attributes:
        tallies: one a method.
        photographs: number of photographs measured.
        unread: pictures that could not be read, each with its reason.
    """

    tallies: tuple[MethodTally, ...]
    photographs: int
    unread: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """The content of ``reference.json``: how it was made, its classes, each method's groups."""
        return {
            "format": FORMAT,
            "made_by": f"blurprint {__version__}",
            "command": "blurprint benchmark reference --photos DIR --out FILE",
            "unread": len(self.unread),
            "side_bounds_px": list(SIDES),
            "share_bounds_percent": list(SHARES),
            "percents": list(PERCENTS),
            "methods": {tally.method: tally.to_dict() for tally in self.tallies},
        }

    def to_json(self) -> str:
        """Strict JSON, a group's measure on a line, ending with a newline."""
        text = json.dumps(self.to_dict(), indent=1, allow_nan=False)
        return re.sub(r"\[[^\[\]{}]*\]", lambda found: " ".join(found[0].split()), text) + "\n"


def measure_photographs(
    folder: str | Path,
    methods: Sequence[str],
    *,
    max_side: int = 0,
    show: Callable[[str, int, int], object] = lambda *_: None,
) -> ReferenceTable:
    """Measure every picture in a folder and its folders, in the order of their paths.

    Args:
        folder: of ordinary photographs.
        methods: names of methods of :func:`blurprint.estimate_defocus`.
        max_side: larger pictures are reduced to this longer side in px; 0 keeps them.
        show: called with the task, the number done, and the number in all.

    Raises:
        InputError: if the folder holds no picture, or none that can be read.
    """
    folder = Path(folder)
    pictures = sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in PICTURE_SUFFIXES and path.is_file()
    )
    tallies = tuple(MethodTally(method) for method in methods)
    unread: list[str] = []
    for index, path in enumerate(pictures):
        show("photographs", index, len(pictures))
        try:
            photo = read_photo(path, max_side=max_side)
        except PhotoError as error:
            unread.append(str(error))
            continue
        for tally in tallies:
            defocus = estimate_defocus(photo, method=tally.method)
            tally.add(defocus, tuple(measure(defocus) for measure in MEASURES.values()))
    show("photographs", len(pictures), len(pictures))
    measured = len(pictures) - len(unread)
    if not measured:
        raise InputError(f"Expected photographs in {folder}, but got none that can be read")
    return ReferenceTable(tallies, measured, tuple(unread))
