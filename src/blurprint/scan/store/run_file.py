"""``run.json``: with which settings, versions and weights the rows of a folder were made."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

from blurprint.errors import OutputError
from blurprint.files import reason, write_atomic
from blurprint.optics.methods import weights_of
from blurprint.pages.text import path_of_text, path_text
from blurprint.scan.items.file_systems import is_address
from blurprint.scan.scan_settings import ScanSettings
from blurprint.score.photo_score import face_weights
from blurprint.version import __version__

RUN_FILE: Final = "run.json"
LAYOUT: Final = 3
"""Version of the layout of a folder; one of another version is not resumed. Of version 1, in which
names were compared as they were written, and of version 2, in which a member could have the key of
a file, rows cannot be told from those of the same files now; nor can it be told of version 2
whether what had failed can be read now.
"""
_KEYS: Final = frozenset(("layout", "settings", "starts"))
"""What every record has."""
_PACKAGES: Final = ("numpy", "opencv-python-headless", "pillow", "onnxruntime", "pyarrow", "av")


def open_run(
    folder: Path,
    settings: ScanSettings,
    *,
    output: str,
    inputs: Sequence[str],
    engine: str,
    here: str,
) -> list[str]:
    """See that a folder is new or was begun in the same way, and note this start in ``run.json``.

    Args:
        folder: of the scan.
        settings: of its rows.
        output: "parquet", "jsonl" or "both".
        inputs: as they were given.
        engine: name of it.
        here: folder that relative paths start from.

    Returns:
        the other folders that relative paths of earlier starts started from.

    Raises:
        OutputError: naming what differs, if the rows there were made otherwise; if the file cannot
            be read or written.
    """
    path = folder / RUN_FILE
    now = {
        "layout": LAYOUT,
        "output": output,
        "blurprint_version": __version__,
        "settings": settings.to_json(),
        "weights": {
            "map": weights_of(settings.method),
            "faces": face_weights() if settings.faces else None,
        },
    }
    earlier = _read(path)
    if earlier is not None:
        differs = differences(earlier, now)
        if differs:
            raise OutputError(
                f"{path}: the rows there were made otherwise, and one table holds one kind: "
                f"{'; '.join(differs)}. Give the same settings, another --out, or --recompute"
            )
    starts = earlier.get("starts", []) if earlier else []
    relative = not all(is_address(one) or os.path.isabs(one) for one in inputs)  # noqa: PTH117
    start = {
        "at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "inputs": [path_text(one) for one in inputs],
        "relative_to": path_text(here) if relative else None,
        "engine": engine,
        "versions": {"python": platform.python_version(), **_versions()},
    }
    content = {**now, "starts": [*starts, start]}
    write_atomic(path, (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode())
    folders = (one.get("relative_to") for one in starts)
    return sorted({path_of_text(one) if one else here for one in folders} - {here})


def is_scan(folder: Path) -> bool:
    """Whether a scan was begun in a folder.

    Raises:
        OutputError: if there is a file of that name that is no record of a scan, or cannot be read.
    """
    return _read(folder / RUN_FILE) is not None


def differences(earlier: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """What differs between two runs, a phrase each.

    >>> differences({"settings": {"prior": 0.5}, "output": "both"}, {"settings": {"prior": 0.1}})
    ['prior is 0.5 there, 0.1 now']
    """
    found = []
    for name, value in now.items():
        there = earlier.get(name)
        if isinstance(value, Mapping):
            pairs = there if isinstance(there, Mapping) else {}
            for inner in {**pairs, **value}:
                one, other = pairs.get(inner), value.get(inner)
                if one != other:
                    label = f"weights of {inner}" if name == "weights" else inner
                    found.append(f"{label} is {_short(one)} there, {_short(other)} now")
        elif there != value:
            found.append(f"{name} is {_short(there)} there, {_short(value)} now")
    return found


def _short(value: object) -> str:
    text = "none" if value is None else str(value)
    return text if len(text) <= 20 else f"{text[:12]}…"


def _read(path: Path) -> dict[str, Any] | None:
    try:
        content = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise OutputError(f"{path}: cannot be read ({reason(error)})") from error
    if not isinstance(content, dict) or not content.keys() >= _KEYS:
        raise OutputError(f"{path}: is no record of a scan; move it, or give another --out")
    return content


def _versions() -> dict[str, str]:
    found = {}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
