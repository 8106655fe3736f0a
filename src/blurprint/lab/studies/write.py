"""Studies as files: a folder each, and one page that shows them all."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from blurprint.lab.studies.study import Study


def write_study(study: Study, out: Path, *, settings: Mapping[str, Any] | None = None) -> Path:
    """Write ``out/NAME/`` and return it (work in progress)."""
    raise NotImplementedError


def write_page(out: Path) -> Path:
    """Write ``out/index.html`` of all studies found in `out` (work in progress)."""
    raise NotImplementedError
