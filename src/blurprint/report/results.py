"""What was found out about one photograph, before anything is written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from blurprint.errors import InputError
from blurprint.evidence.camera_limits import CameraLimits, camera_limits
from blurprint.evidence.doubts import Doubt, check_doubts
from blurprint.evidence.evidence import Evidence
from blurprint.evidence.face_finding import face_words
from blurprint.evidence.file_check import FileFacts
from blurprint.evidence.finding import Finding, find
from blurprint.evidence.measure_faces import FacesFound
from blurprint.optics.defocus_map import DefocusMap
from blurprint.photos.photo import Photo
from blurprint.provenance.provenance import Provenance
from blurprint.provenance.read import NO_FILE
from blurprint.report.distribution import Distribution, distribution
from blurprint.report.explanation import Explanation
from blurprint.score.photo_score import PhotoScore
from blurprint.score.score import Score


def _now() -> datetime:
    return datetime.now(UTC)


class UnknownRow(InputError, KeyError):
    """No row of evidence has this name."""

    __str__ = Exception.__str__


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Results:
    """A photograph, its defocus map, what the map says, and the score.

    ``results["blur_median"]`` is the row of evidence of that name.

    Attributes:
        photo: the picture as it was measured.
        defocus: its blur map.
        evidence: the measurements, in the order of the report.
        score: P(fake), or the reason why none is given.
        judged: what the score rests on, face by face; None where no network judged.
        faces: what was measured of its faces; None where none were looked for.
        created: when the report was made, with its time zone.
        explanation: what a detector looked at, if one was used.
        provenance: where the file comes from; it enters neither finding nor score.
        facts: what the header of its file says; None to read the file again, if it is there.
    """

    photo: Photo
    defocus: DefocusMap
    evidence: tuple[Evidence, ...]
    score: Score
    judged: PhotoScore | None = None
    faces: FacesFound | None = None
    created: datetime = field(default_factory=_now)
    explanation: Explanation | None = None
    provenance: Provenance = NO_FILE
    facts: FileFacts | None = None
    _found: dict[str, Any] = field(default_factory=dict, init=False, repr=False)

    def __getitem__(self, name: str) -> Evidence:
        """The row of evidence called `name`.

        Raises:
            UnknownRow: an InputError and a KeyError, if there is none.
        """
        for row in self.evidence:
            if row.name == name:
                return row
        known = ", ".join(f'"{row.name}"' for row in self.evidence)
        raise UnknownRow(f'Expected one of {known}, but got "{name}"')

    def __iter__(self) -> Iterator[Evidence]:
        """The rows of evidence, in order."""
        return iter(self.evidence)

    def __contains__(self, name: object) -> bool:
        """Whether there is a row of evidence called `name`."""
        return any(row.name == name for row in self.evidence)

    def __repr__(self) -> str:
        width, height = self.photo.size
        of = f"{type(self).__name__} of {self.photo.source}"
        return f"<{of}, {width} x {height} px: {self.finding.where}>"

    @property
    def doubts(self) -> tuple[Doubt, ...]:
        """What may be wrong with a measurement in this picture, each checked or unknown."""
        if "doubts" not in self._found:
            self._found["doubts"] = check_doubts(self.photo, self.defocus, self.facts)
        found: tuple[Doubt, ...] = self._found["doubts"]
        return found

    @property
    def finding(self) -> Finding:
        """The finding in words: one paragraph to quote."""
        if "finding" not in self._found:
            found = find(self.photo, self.defocus, self.evidence, self.doubts)
            self._found["finding"] = replace(
                found, score=self.score.words, faces=face_words(self.faces)
            )
        finding: Finding = self._found["finding"]
        return finding

    @property
    def distribution(self) -> Distribution | None:
        """How blur is distributed, or None where nothing was measured."""
        if "distribution" not in self._found:
            self._found["distribution"] = distribution(self.defocus)
        found: Distribution | None = self._found["distribution"]
        return found

    @property
    def camera_limits(self) -> CameraLimits:
        """The blur that the camera named in EXIF can make."""
        if "limits" not in self._found:
            self._found["limits"] = camera_limits(self.photo, self.defocus, self.facts)
        found: CameraLimits = self._found["limits"]
        return found
