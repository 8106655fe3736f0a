"""What the finding says of the faces of a picture."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from blurprint.evidence.evidence import Evidence
from blurprint.evidence.measure_faces import FacesFound
from blurprint.evidence.wording import percent

OTHERWISE: Final = (
    "Portrait mode, retouching, make-up, motion and compression can do this to an untouched face."
)


def face_words(faces: FacesFound | None) -> str:
    """Sentences on the faces of a picture: how many, the most unusual row, what may explain it."""
    if faces is None:
        return ""
    if not faces.measured:
        return faces.sentence
    rows = [
        (place, row)
        for place, face in enumerate(faces.measured, 1)
        for row in face.rows
        if row.reference is not None
    ]
    several = len(faces.measured) > 1
    if not rows:
        whose = "their" if several else "its"
        return f"{faces.words} How usual {whose} blur is, is unknown: {_why(faces)}"
    place, row = max(rows, key=lambda one: _apart(one[1]))
    which = f"Face {place}'s \u201c{row.title}\u201d" if several else f"\u201c{row.title}\u201d"
    unusual = sum(one.is_unusual for _, one in rows)
    if not unusual:
        them = "them" if several else "it"
        if len(faces.search.located) > len(faces.measured):  # `them` would be those left out
            them = "the larger ones" if several else "the larger one"
        return (
            f"{faces.words} Nothing measured of {them} is unusual; farthest "
            f"out is {which[0].lower()}{which[1:]}, {_rank(row)}."
        )
    more = f" {unusual - 1} more of its values are unusual." if unusual > 1 and not several else ""
    return f"{faces.words} {which} stands out most: {_rank(row)}. {row.sentence}{more} {OTHERWISE}"


def _apart(row: Evidence) -> tuple[bool, float]:
    """How far out a row stands, unusual ones first."""
    percentile = row.reference.percentile if row.reference else 50.0
    return row.is_unusual, abs(percentile - 50)


def _rank(row: Evidence) -> str:
    if row.reference is None:
        return "of unknown rank"
    high = row.reference.percentile > 50
    farther = row.reference.percentile if high else 100 - row.reference.percentile
    share = "all" if farther == 100 else percent(min(farther, 99.0))
    return (
        f"{'higher' if high else 'lower'} than in {share} of {row.reference.photographs} ordinary "
        f"portraits {row.reference.group}"
    )


def _why(faces: FacesFound) -> str:
    reasons: Iterator[str] = (
        row.sentence if row.value is None else row.no_reference
        for face in faces.measured
        for row in face.rows
    )
    first = next(reasons).removeprefix("Unknown: ")
    return first[0].lower() + first[1:]
