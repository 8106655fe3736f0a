"""The small print of a report: file, camera, method and versions, as labelled rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Row = tuple[str, str, bool]
"""Label, value, and whether the value is to be set as code."""


def fact_groups(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Titled groups of rows from the content of ``report.json``; "folded" ones are small print."""
    return [
        {"title": "File", "rows": _file(data["input"]), "empty": "", "folded": False},
        {
            "title": "Camera",
            "rows": _camera(data["input"]["exif"]),
            "empty": "The file names no camera, lens or exposure (no EXIF of interest).",
            "folded": False,
        },
        {"title": "Method", "rows": _method(data), "empty": "", "folded": True},
        {
            "title": "Versions",
            "rows": [(_VERSION_NAMES[key], text, False) for key, text in data["versions"].items()],
            "empty": "",
            "folded": True,
        },
    ]


def size_text(source: Mapping[str, Any]) -> str:
    """Native size and, if the picture was reduced, the working size, in pixels."""
    native = f"{source['native_width']} × {source['native_height']} pixels"
    if source["scale"] == 1:
        return native
    return f"{native}, measured at {source['working_width']} × {source['working_height']}"


def _file(source: Mapping[str, Any]) -> list[Row]:
    rows = [("Source", source["source"], True), ("Format", source["format"] or "array", False)]
    rows.append(("Size", size_text(source), False))
    if source["scale"] != 1:
        rows.append(("Working / native size", f"{source['scale']:.4g}", False))
    photograph = source["photograph"]
    if photograph["share"] < 1:
        box = photograph["rectangle"]
        place = f"{box['left']} from the left, {box['top']} from the top"
        text = f"{box['width']} × {box['height']} pixels, {place}" if box["width"] else "none"
        rows.append(("Photograph", text, False))
    rows.append(("SHA-256", source["sha256"] or "none", True))
    return rows


def _camera(exif: Mapping[str, Any]) -> list[Row]:
    return [(label, tell(exif[key]), False) for key, label, tell in _EXIF if key in exif]


def _method(data: Mapping[str, Any]) -> list[Row]:
    rows = [("Name", data["method"]["name"], False), ("Unit", data["method"]["unit"], False)]
    for group in ("estimator", "evidence"):
        for key, value in data["parameters"][group].items():
            words = key.replace("_", " ").removesuffix(" px")
            unit = " px" if key.endswith("_px") else ""
            numbers = value if isinstance(value, list) else [value]
            text = ", ".join(f"{number:g}" for number in numbers) + unit
            rows.append((words.capitalize(), text, False))
    return rows


def _number(unit: str = "", prefix: str = "") -> Callable[[Any], str]:
    def tell(value: Any) -> str:
        return f"{prefix}{value:g}{unit}" if isinstance(value, (int, float)) else str(value)

    return tell


def _exposure(seconds: Any) -> str:
    """As cameras write it.

    >>> _exposure(0.008), _exposure(1 / 3), _exposure(0.3), _exposure(2.5)
    ('1/125 s', '1/3 s', '0.3 s', '2.5 s')
    """
    if not isinstance(seconds, (int, float)):
        return str(seconds)
    parts = 1 / seconds if 0 < seconds < 0.4 else 0.0
    whole = round(parts)
    return f"1/{whole} s" if whole and abs(parts - whole) < 0.02 * parts else f"{seconds:.3g} s"


_EXIF: tuple[tuple[str, str, Callable[[Any], str]], ...] = (
    ("camera", "Camera", str),
    ("lens", "Lens", str),
    ("focal_length_mm", "Focal length", _number(" mm")),
    ("focal_length_35mm_mm", "Equivalent on 35 mm film", _number(" mm")),
    ("f_number", "F-number", _number(prefix="f/")),
    ("exposure_s", "Exposure", _exposure),
    ("iso", "ISO", _number()),
    ("taken", "Taken", str),
    ("software", "Software", str),
)
_VERSION_NAMES = {
    "blurprint": "Blurprint",
    "python": "Python",
    "numpy": "NumPy",
    "opencv": "OpenCV",
    "pillow": "Pillow",
}
