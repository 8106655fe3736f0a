"""One picture as one flat row, and rows kept in a file until all are there."""

from __future__ import annotations

import json
import re
import tempfile
from array import array
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from blurprint.evidence.measure_faces import FACE_MEASURES
from blurprint.pages.text import path_text, printable
from blurprint.report.document import EXIF_KEYS, SCHEMA_VERSION
from blurprint.scan.settings import FAILED, NOT_REACHED, Outcome, Row
from blurprint.scan.system_errors import no_room
from blurprint.version import __version__


def row_of(outcome: Outcome, *, written: bool = True) -> Row:
    """What was found out about a picture, or why nothing was.

    Lengths have their unit in the name of the column: ``_px`` is in pixels as measured,
    ``_native_px`` in pixels of the file.

    Args:
        outcome: of the picture.
        written: whether there is a folder of its results, which column "result" then names.
    """
    head = row_without_results(str(outcome.job.path), outcome.status, outcome.error)
    if outcome.status == FAILED:
        return head
    return {
        **head,
        "result": path_text(outcome.job.name) if written else None,
        **_found(outcome.document),
    }


def row_without_results(source: str, status: str, error: str = "") -> Row:
    """The row of a picture of which nothing is known."""
    return {"source": path_text(source), "status": status, "error": printable(error) or None}


def failure_document(source: str, error: str) -> dict[str, Any]:
    """What stands in place of ``report.json`` for a picture that cannot be analysed."""
    return {
        "schema_version": SCHEMA_VERSION,
        "blurprint_version": __version__,
        "input": {"source": path_text(source)},
        "error": printable(error),
    }


def _found(document: Mapping[str, Any]) -> dict[str, str | int | float | None]:
    source, unit = document["input"], in_column(document["method"]["unit"])
    row: dict[str, str | int | float | None] = {
        "sha256": source["sha256"],
        "format": source["format"],
        "native_width_px": source["native_width"],
        "native_height_px": source["native_height"],
        "working_width_px": source["working_width"],
        "working_height_px": source["working_height"],
        "scale": float(source["scale"]),
        "photograph_percent": 100.0 * source["photograph"]["share"],
        "method": document["method"]["name"],
        "blurprint_version": document["blurprint_version"],
    }
    for evidence in document["evidence"]:
        name, unit_word = evidence["name"], in_column(evidence["unit"])
        row[f"{name}_{unit_word}"] = _float(evidence["value"])
        if evidence["native"] is not None or unit_word.startswith("px"):
            row[f"{name}_native_{unit_word}"] = _float(evidence["native"])
    for name, value in (document["defocus"]["percentiles"] or {}).items():
        row[f"blur_{name}_{unit}"] = _float(value)
    row |= _largest_face(document)
    if "clip" in document:
        clip = document["clip"]
        row |= {
            "clip_seconds": _float(clip["duration_s"]),
            "clip_frames": clip["frames"],
            "clip_frames_analysed": clip["analysed"],
        }
    row["score"] = _float(document["score"]["value"])
    row["score_label"] = document["score"]["label"]
    # Reports of earlier versions have none of these.
    row["likelihood_ratio"] = _float(document["score"].get("likelihood_ratio"))
    row["at_bound"] = document["score"].get("at_bound")
    row["score_reason"] = document["score"].get("abstain_code")
    row["notes"] = " ".join([*source["notes"], *document["score"].get("notes", [])]) or None
    for key in EXIF_KEYS:
        value = source["exif"].get(key)
        row[key] = value if value is None or isinstance(value, str) else float(value)
    return row


def _largest_face(document: Mapping[str, Any]) -> dict[str, float | int | None]:
    """How many faces were found with landmarks, and what was measured of the largest."""
    search, faces = document.get("face_search"), document.get("faces", [])
    row: dict[str, float | int | None] = {
        "faces": search["found"] + search["small"] if search else None,
        "face_eyes_px": _float(faces[0]["eye_distance"]) if faces else None,
    }
    found = {one["name"]: one["value"] for one in faces[0]["evidence"]} if faces else {}
    for name in FACE_MEASURES:
        unit = "px" if name == "face_camera" else "log_ratio"
        row[f"{name}_{unit}"] = _float(found.get(name))
    return row


def _float(value: float | None) -> float | None:
    return None if value is None else float(value)


def in_column(unit: str) -> str:
    """A unit as part of a column's name.

    >>> in_column("px^2"), in_column("%"), in_column("map units")
    ('px2', 'percent', 'map_units')
    """
    return re.sub(r"\W+", "_", unit.replace("%", "percent").replace("^", ""))


class Rows:
    """Rows by their index, in a temporary file, so that memory does not grow with them."""

    def __init__(self) -> None:
        """No row.

        Raises:
            MachineError: from here and on, if the folder for temporary files takes none.
        """
        try:
            self._file = tempfile.TemporaryFile("w+b")  # noqa: SIM115  closed on exit
        except OSError as error:
            raise no_room(error) from error
        self._places = array("q")

    def expect(self, source: str) -> int:
        """Hold a place for a picture's row, which says "not reached" until it is put."""
        self._places.append(0)
        index = len(self._places) - 1
        self.put(index, row_without_results(source, NOT_REACHED))
        return index

    def put(self, index: int, row: Row) -> None:
        """Take a row, in place of an earlier one."""
        try:
            self._places[index] = self._file.seek(0, 2)
            self._file.write(json.dumps(row).encode("ascii") + b"\n")
        except OSError as error:
            raise no_room(error) from error

    def __len__(self) -> int:
        return len(self._places)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for place in self._places:
            self._file.seek(place)
            yield json.loads(self._file.readline())

    def __enter__(self) -> Rows:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):  # it is thrown away
            self._file.close()
