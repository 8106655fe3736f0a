"""The noun: everything that was found out about one photograph."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from blurprint.evidence.evidence import Evidence
from blurprint.optics.defocus_map import DefocusMap
from blurprint.photo import Photo
from blurprint.report.explanation import Explanation
from blurprint.score.score import Score


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, eq=False)
class Report:
    """A photograph, its defocus map, what the map says, and the score.

    Attributes:
        photo: the picture as it was measured.
        defocus: its blur map.
        evidence: the measurements, in the order in which they are told.
        score: P(fake), or the reason why none is given.
        created: when the report was made, with its time zone.
        explanation: what a detector made of the picture, where one was asked.
    """

    photo: Photo
    defocus: DefocusMap
    evidence: tuple[Evidence, ...]
    score: Score
    created: datetime = field(default_factory=_now)
    explanation: Explanation | None = None

    def to_dict(self) -> dict[str, Any]:
        """The content of ``report.json``, which ``report.schema.json`` describes field by field."""
        from blurprint.report.document import document

        return document(self)

    def to_json(self) -> str:
        """``report.json``: strict JSON (no NaN), indented, ending with a newline."""
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False, allow_nan=False) + "\n"

    def to_html(self) -> str:
        """``report.html``: one page that holds all it shows and loads nothing."""
        from blurprint.report.html import render_html

        return render_html(self)
