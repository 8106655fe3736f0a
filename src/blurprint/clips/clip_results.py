"""What was found out about one clip, before anything is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from blurprint.clips.frame_rows import FrameRow
from blurprint.clips.sampling import Frames
from blurprint.clips.tracks import Track
from blurprint.evidence.evidence import Evidence
from blurprint.evidence.finding import Finding
from blurprint.photos.video_facts import VideoFacts
from blurprint.report.report import Report
from blurprint.report.results import UnknownRow
from blurprint.score.score import Score


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class ClipSettings:
    """How a clip was analysed.

    Attributes:
        frames: a number, "all" or "key".
        method: that estimates blur.
        prior: P(fake) before the clip is looked at.
        max_side: longer side to which larger frames are reduced, pixels; 0 for none.
    """

    frames: Frames
    method: str
    prior: float
    max_side: int


@dataclass(frozen=True, slots=True, eq=False)
class ShownFrame:
    """A frame that the report shows as a picture.

    Attributes:
        why: it is shown, as a phrase.
        row: of it.
        report: of it, as of any picture.
    """

    why: str
    row: FrameRow
    report: Report


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ClipResults:
    """What was found out about a clip.

    ``results["blur_median"]`` is the row of evidence of that name.

    Attributes:
        source: path as given.
        sha256: of the file's bytes.
        settings: how it was analysed.
        facts: what is known of the file.
        frames: those that were analysed, in the order of time.
        failed: those that could not be, by index, with the reason.
        missing: how many wanted frames could not be decoded.
        tracks: its faces, that seen in most frames first.
        evidence: rows as those of a picture, each the median of the frames.
        score: of the deciding face, or the reason why none is given.
        shown: up to three frames with all that is known of a picture; the first stands for the
            clip.
        notes: what the user should know of how it was analysed, a sentence each.
        score_notes: the same of the score.
        finding: in words.
        percentiles: of the measured blur, each the median of the frames; empty if there are none.
        created: when the report was made, with its time zone.
    """

    source: str
    sha256: str
    settings: ClipSettings
    facts: VideoFacts
    frames: tuple[FrameRow, ...]
    failed: Mapping[int, str]
    missing: int
    tracks: tuple[Track, ...]
    evidence: tuple[Evidence, ...]
    score: Score
    shown: tuple[ShownFrame, ...]
    notes: tuple[str, ...]
    score_notes: tuple[str, ...]
    finding: Finding
    percentiles: Mapping[str, float]
    created: datetime = field(default_factory=_now)

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

    def __contains__(self, name: object) -> bool:
        """Whether there is a row of evidence called `name`."""
        return any(row.name == name for row in self.evidence)

    def __repr__(self) -> str:
        count = len(self.frames)
        return f"<{type(self).__name__} of {self.source}, {count} frames: {self.score.label}>"
