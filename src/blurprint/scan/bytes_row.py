"""What the bytes of one picture become: columns of a row."""

from __future__ import annotations

import re
from typing import Any

from blurprint.analysis import analyze
from blurprint.errors import BlurprintError
from blurprint.pages.text import printable
from blurprint.photos.photo import read_photo
from blurprint.report.document import EXIF_KEYS
from blurprint.scan.scan_settings import ScanSettings
from blurprint.scan.table.row import Row


def bytes_row(data: bytes, settings: ScanSettings) -> Row:
    """Columns of a picture's row, all but those of the item and of the run; it never raises.

    Args:
        data: the bytes of the file.
        settings: of the scan.
    """
    try:
        return _row(data, settings)
    except BlurprintError as error:
        return _failure(str(error).removeprefix("<bytes>: "))
    except MemoryError:
        return {"status": "unreadable", "error": "not enough memory"}
    except Exception as error:
        what = " ".join(f"{type(error).__name__}: {error}".split())
        return {
            "status": "failed",
            "error": printable(f"unexpected error ({what}); please report it with the picture"),
        }


def _failure(why: str) -> Row:
    status = "unreadable"
    if "are too few" in why:
        status = "too_small"
    elif "--max-pixels" in why or "more pixels" in why:
        status = "too_large"
    return {"status": status, "error": printable(why)}


def _row(data: bytes, settings: ScanSettings) -> Row:
    photo = read_photo(data, max_side=settings.max_side, max_pixels=settings.max_pixels)
    report = analyze(photo, settings.method, prior=settings.prior)
    document = report.to_dict()
    source, score = document["input"], document["score"]
    row: dict[str, str | int | float | None] = {
        "status": "ok" if document["face_search"]["found"] or not settings.faces else "no_face",
        "format": source["format"],
        "native_width_px": source["native_width"],
        "native_height_px": source["native_height"],
        "working_width_px": source["working_width"],
        "working_height_px": source["working_height"],
        "scale": source["scale"],
        "photograph_percent": 100 * source["photograph"]["share"],
        "jpeg_quality": score["jpeg_quality"],
        "method": settings.method,
        "notes": " ".join([*source["notes"], *score["notes"]]) or None,
    }
    for one in document["evidence"]:
        row |= _evidence(one)
    unit = document["method"]["unit"].replace(" ", "_")
    for name, value in (document["defocus"]["percentiles"] or {}).items():
        row[f"blur_{name}_{unit}"] = value
    row |= {key: source["exif"].get(key) for key in EXIF_KEYS}
    if not settings.faces:
        return row
    search = document["face_search"]
    row |= {
        "faces": search["found"] + search["small"],
        "faces_without_landmarks": search["without_landmarks"],
        "faces_judged": sum(one["likelihood_ratio"] is not None for one in score["faces"]),
        "label": score["label"],
        "likelihood_ratio": score["likelihood_ratio"],
        "at_bound": score["at_bound"],
        "strong": ("yes" if score["strong"] else "no") if score["label"] == "fake" else None,
        "p_fake": score["value"],
        "prior": score["prior"],
        "face": score["face"],
        "abstain_code": score["abstain_code"],
        "abstain_reason": score["abstain_reason"],
    }
    for face in document["faces"][:1]:
        row["face_eyes_px"] = face["eye_distance"]
        for one in face["evidence"]:
            row |= _evidence(one)
    return row


def _evidence(one: dict[str, Any]) -> dict[str, float | None]:
    word = re.sub(r"\W+", "_", one["unit"].replace("%", "percent").replace("^", ""))
    row = {
        f"{one['name']}_{word}": one["value"],
        f"{one['name']}_error_{word}": one["error"],
        f"{one['name']}_percentile": one["reference"] and one["reference"]["percentile"],
    }
    if one["native"] is not None:
        row[f"{one['name']}_native_{word}"] = one["native"]
    return row
