"""The noun: everything that was found out about one photograph."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from blurprint.report.document import as_json, document
from blurprint.report.results import Results

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from matplotlib.figure import Figure


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Report(Results):
    """What was found out about a photograph, with methods to show and save it.

    ``report["blur_median"]`` is the row of evidence of that name. In a notebook a report shows
    itself. Its attributes are those of :class:`blurprint.report.results.Results`.
    """

    def to_dict(self) -> dict[str, Any]:
        """The content of ``report.json``, which ``report.schema.json`` describes field by field."""
        return document(self)

    def to_json(self) -> str:
        """``report.json``: strict JSON (no NaN), indented, ending with a newline."""
        return as_json(self)

    def to_html(self) -> str:
        """``report.html``: one complete page, which loads nothing from elsewhere."""
        from blurprint.report.html import render_html

        return render_html(self)

    def save(
        self,
        folder: str | Path,
        *,
        formats: Collection[str] = ("html", "json", "npz"),
        overwrite: bool = False,
    ) -> dict[str, Path]:
        """Write the report into `folder`: :func:`blurprint.report.write.write_report`."""
        from blurprint.report.write import write_report

        return write_report(self, folder, formats=formats, overwrite=overwrite)

    def plot(self) -> Figure:
        """Photograph and map side by side, a matplotlib figure.

        Raises:
            InputError: if matplotlib is not installed.
        """
        from blurprint.optics.map_picture import plot_beside

        return plot_beside(self.defocus, self.photo.rgb)

    def _repr_html_(self) -> str:
        from blurprint.report.notebook import notebook_html

        return notebook_html(self)
