"""The noun: everything that was found out about one clip."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from blurprint.clips.clip_results import ClipResults
from blurprint.clips.document import as_json, document
from blurprint.clips.table import frame_records


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ClipReport(ClipResults):
    """What was found out about a clip, with methods to show and save it.

    ``report["blur_median"]`` is the row of evidence of that name. Its attributes are those of
    :class:`blurprint.clips.clip_results.ClipResults`.
    """

    def to_dict(self) -> dict[str, Any]:
        """The content of ``report.json``: that of a picture, with ``clip`` and ``frames``."""
        return document(self)

    def to_json(self) -> str:
        """``report.json``: strict JSON (no NaN), indented, ending with a newline."""
        return as_json(self)

    def to_html(self) -> str:
        """``report.html``: one complete page, which loads nothing from elsewhere."""
        from blurprint.clips.html import render_clip

        return render_clip(self)

    def rows(self) -> list[dict[str, Any]]:
        """A flat row for each face in each frame, and for each frame without a face."""
        return frame_records(self)

    def save(
        self,
        folder: str | Path,
        *,
        formats: Collection[str] = ("html", "json", "npz"),
        overwrite: bool = False,
    ) -> dict[str, Path]:
        """Write the report into `folder`: :func:`blurprint.clips.write.write_clip`."""
        from blurprint.clips.write import write_clip

        return write_clip(self, folder, formats=formats, overwrite=overwrite)

    def _repr_html_(self) -> str:
        return self.to_html()
