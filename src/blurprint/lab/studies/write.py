"""Studies as files: a folder each, and one page that shows them all."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from blurprint.errors import InputError
from blurprint.files import make_folder, write_all, write_atomic
from blurprint.lab.studies.study import Study
from blurprint.pages.page import render_page
from blurprint.pages.text import data_uri, printable
from blurprint.version import __version__

STUDY_FILE: Final = "study.json"
SUMMARY_FILE: Final = "summary.json"
CSV_FILE: Final = "table.csv"
PARQUET_FILE: Final = "table.parquet"
FIGURES_FOLDER: Final = "figures"
PAGE_FILE: Final = "index.html"
SCHEMA: Final = 1
ORDER: Final = ("binary-mask", "local-variance", "embedding", "shapley", "alignment")
"""Of studies on the page; others come after them."""


def write_study(study: Study, out: Path, *, settings: Mapping[str, Any] | None = None) -> Path:
    """Write the folder ``out/NAME`` of a study.

    It holds ``table.csv``, ``table.parquet``, ``summary.json`` (headline numbers), ``study.json``
    (title, words, captions, settings: what the page is made of), each figure as PNG and SVG in
    ``figures/``, and the study's other files. All are complete before the first takes its name.

    Args:
        study: what to write.
        out: folder of all studies; made if it is missing.
        settings: what the study depends on, for :func:`is_complete` and the page, as JSON takes it.

    Returns:
        The folder.

    Raises:
        OutputError: if something cannot be written.
        InputError: if a number of the summary is not finite.
    """
    folder = out / study.name
    contents = {
        folder / CSV_FILE: _csv(study.table),
        folder / PARQUET_FILE: _parquet(study.table),
        folder / SUMMARY_FILE: _json(study.summary),
        **{folder / name: data for name, data in study.files.items()},
    }
    for figure in study.figures:
        contents[folder / FIGURES_FOLDER / f"{figure.name}.png"] = figure.png
        contents[folder / FIGURES_FOLDER / f"{figure.name}.svg"] = figure.svg
    # Last, so that a folder that has it has all.
    contents[folder / STUDY_FILE] = _json(
        {
            "schema": SCHEMA,
            "blurprint_version": __version__,
            "name": study.name,
            "title": study.title,
            "words": list(study.words),
            "figures": [{"name": one.name, "caption": one.caption} for one in study.figures],
            "files": sorted(str(path.relative_to(folder).as_posix()) for path in contents),
            "settings": dict(settings or {}),
        }
    )
    for path in contents:
        make_folder(path.parent)
    write_all(contents)
    return folder


def is_complete(out: Path, name: str, settings: Mapping[str, Any]) -> bool:
    """Whether ``out/NAME`` holds that study whole, of these settings and this version."""
    stored = _read(out / name)
    return (
        stored is not None
        and stored["blurprint_version"] == __version__
        and stored["settings"] == json.loads(json.dumps(settings))
        and all((out / name / file).is_file() for file in stored["files"])
    )


def found_studies(out: Path) -> list[dict[str, Any]]:
    """What ``study.json`` of each study in `out` says, with its "summary", in the page's order."""
    found = []
    for folder in sorted(out.iterdir()) if out.is_dir() else ():
        stored = _read(folder)
        if stored is not None:
            summary = json.loads((folder / SUMMARY_FILE).read_text("utf-8"))
            found.append(stored | {"summary": summary, "folder": folder})
    place = {name: number for number, name in enumerate(ORDER)}
    return sorted(found, key=lambda one: (place.get(one["name"], len(ORDER)), one["name"]))


def write_page(out: Path) -> Path:
    """Write ``out/index.html``, one page of all studies found in `out`, and return it.

    It holds its figures and loads nothing; only the links to the studies' files leave it.

    Raises:
        InputError: if there is no study.
        OutputError: if it cannot be written.
    """
    studies = found_studies(out)
    if not studies:
        raise InputError(f"{out}: Expected folders of studies in it, but found none")
    page = render_page(
        "blurprint.lab.pages",
        "studies.html.j2",
        title="What the blur maps show",
        subtitle=_subtitle(studies),
        studies=[_section(one) for one in studies],
        facts=list(_facts(studies)),
        footer=f"Made by Blurprint {__version__}.",
    )
    write_atomic(out / PAGE_FILE, page.encode("utf-8"))
    return out / PAGE_FILE


def numbers(summary: Mapping[str, Any], above: str = "") -> Iterator[dict[str, str]]:
    """Every number of a summary as a row: name, value and ends of its interval.

    >>> list(numbers({"a": {"b_c": {"value": 1.5, "low": 1.0, "high": None}}}))
    [{'name': 'a · b c', 'value': '1.5', 'ends': ''}]
    """
    for key, value in summary.items():
        name = f"{above} · {_words(key)}" if above else _words(key)
        if isinstance(value, Mapping):
            if set(value) == {"value", "low", "high"}:
                ends = (value["low"], value["high"])
                text = "" if None in ends else " to ".join(map(_number, ends))
                yield {"name": name, "value": _number(value["value"]), "ends": text}
            else:
                yield from numbers(value, name)
        elif isinstance(value, list):
            yield {"name": name, "value": ", ".join(map(_number, value)), "ends": ""}
        else:
            yield {"name": name, "value": _number(value), "ends": ""}


def _words(key: object) -> str:
    return printable(str(key).replace("_", " "))


def _number(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
    return printable(str(value))


def _section(study: Mapping[str, Any]) -> dict[str, Any]:
    folder: Path = study["folder"]
    return {
        "name": study["name"],
        "title": printable(study["title"]),
        "words": [printable(text) for text in study["words"]],
        "figures": [
            {
                "name": one["name"],
                "caption": printable(one["caption"]),
                "source": _source(folder / FIGURES_FOLDER, one["name"]),
            }
            for one in study["figures"]
        ],
        "numbers": list(numbers(study["summary"])),
        "files": [
            {"name": name, "link": quote(f"{folder.name}/{name}")}
            for name in study["files"]
            if not name.startswith(f"{FIGURES_FOLDER}/")
        ],
    }


def _source(folder: Path, name: str) -> str:
    """The lighter of both files: drawings as SVG, pictures as PNG."""
    try:
        svg, png = ((folder / f"{name}.{kind}").read_bytes() for kind in ("svg", "png"))
    except OSError as error:
        raise InputError(f"{error.filename}: cannot be read ({error.strerror})") from error
    return data_uri(svg, "image/svg+xml") if len(svg) < len(png) else data_uri(png, "image/png")


def _subtitle(studies: list[dict[str, Any]]) -> str:
    data = dict.fromkeys(", ".join(one["settings"].get("data", [])) for one in studies)
    count = f"{len(studies)} studies" if len(studies) > 1 else "One study"
    named = [printable(one) for one in data if one]
    return f"{count} of {'; '.join(named)}." if named else f"{count}."


def _facts(studies: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Settings, once for all studies that share them."""
    shared: dict[str, list[str]] = {}
    for one in studies:
        shared.setdefault(json.dumps(one["settings"]), []).append(printable(one["title"]))
    for settings, titles in shared.items():
        rows = [
            (_words(name).capitalize(), ", ".join(map(_number, value)))
            if isinstance(value, list)
            else (_words(name).capitalize(), _number(value))
            for name, value in json.loads(settings).items()
        ]
        middle = (len(rows) + 1) // 2
        title = "All studies" if len(shared) == 1 and len(titles) > 1 else "; ".join(titles)
        yield {"title": title, "halves": [rows[:middle], rows[middle:]]}


def _read(folder: Path) -> dict[str, Any] | None:
    """What its ``study.json`` says, or None if there is none that is ours."""
    try:
        stored = json.loads((folder / STUDY_FILE).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(stored, dict) or stored.get("schema") != SCHEMA:
        return None
    return stored


def _json(content: object) -> bytes:
    try:
        text = json.dumps(content, indent=2, allow_nan=False, ensure_ascii=False)
    except ValueError as error:
        raise InputError(f"Expected numbers that are finite in a summary: {error}") from error
    return (text + "\n").encode("utf-8", "backslashreplace")


def _csv(table: Any) -> bytes:
    buffer = io.StringIO()
    table.to_csv(buffer, index=False, lineterminator="\n")
    return buffer.getvalue().encode("utf-8", "surrogateescape")


def _parquet(table: Any) -> bytes:
    buffer = io.BytesIO()
    table.to_parquet(buffer, index=False)
    return buffer.getvalue()
