"""EXIF data that contradict themselves, or the picture."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from blurprint.provenance.metadata import (
    APERTURE,
    CHANGED,
    DIGITISED,
    EXPOSURE,
    F_NUMBER,
    FOCAL_LENGTH,
    FOCAL_LENGTH_35,
    GPS_DATE,
    GPS_LATITUDE,
    GPS_LONGITUDE,
    GPS_TIME,
    HEIGHT,
    LENS_RANGE,
    MAKE,
    MAKER_NOTE,
    MODEL,
    OFFSET_CHANGED,
    OFFSET_TAKEN,
    ORIENTATION,
    PLANE_UNIT,
    PLANE_X,
    SHUTTER_SPEED,
    TAKEN,
    WIDTH,
    Metadata,
    number_of,
    text_of,
)
from blurprint.provenance.provenance import FOUND, NONE, UNKNOWN, Detail, ProvenanceRow, Subject
from blurprint.provenance.text import quoted

EXIF: Final = Subject(
    "exif",
    "EXIF that contradicts itself",
    "Two entries cannot both be true of this file: it was edited, cropped, scaled or converted by "
    "software that did not keep its entries in step, or entries were written afterwards.",
    "It does not mean that the picture was manipulated: export, a wrong clock or another time zone "
    "are enough. And entries that agree are no proof: any program can write them. Missing EXIF is "
    "no sign of anything; most services remove it.",
)
_CLOCKS: Final = timedelta(hours=26)
"""Largest difference between two local times of one moment."""
_MINUTE: Final = timedelta(minutes=1)
_STALE: Final = timedelta(hours=12)
"""How old the last fix of a GPS receiver may be."""
_DATE: Final = re.compile(r"(\d{4})[:\-/](\d\d)[:\-/](\d\d)[ T](\d\d):(\d\d):(\d\d)")
_OFFSET: Final = re.compile(r"([+-])(\d\d):(\d\d)")
_DIAGONAL_35_MM: Final = 43.267
_WIDTH_35_MM: Final = 36.0
_UNITS: Final = {2: 25.4, 3: 10.0, 4: 1.0}
"""Millimetres of an inch, a centimetre and a millimetre, by FocalPlaneResolutionUnit."""

Size = tuple[int, int]
"""Width and height, in pixels."""


def exif_row(
    metadata: Metadata, stored: Size, thumbnail: Size | None, *, turned: bool = False
) -> ProvenanceRow:
    """Contradictions within EXIF data, and between them and the picture.

    Args:
        metadata: of the file.
        stored: size of the picture as it is stored, not turned.
        thumbnail: size of the thumbnail; None if there is none that can be read.
        turned: whether the decoder turned the picture, so that `stored` may be its size on the
            side.
    """
    if metadata.exif is None:
        return EXIF.row(UNKNOWN, "The file has no EXIF data.")
    found = [
        *_times(metadata),
        *_sizes(metadata, stored, turned=turned),
        *_orientations(metadata, stored, None if turned else thumbnail),
        *_optics(metadata, stored),
        *_cameras(metadata),
        *_places(metadata),
    ]
    damaged = " Some of the EXIF data are damaged and were not compared."
    details: dict[str, Detail] = {
        "contradictions": tuple(found),
        "damaged": metadata.exif.damaged,
    }
    if found:
        text = " ".join(found) + (damaged if metadata.exif.damaged else "")
        return EXIF.row(FOUND, text, details, brief="EXIF contradicts itself")
    if not (metadata.first or metadata.detail):
        text = (
            "The EXIF data are damaged."
            if metadata.exif.damaged
            else "The EXIF data have no known entries."
        )
        return EXIF.row(UNKNOWN, text, details)
    text = "What could be compared of the EXIF data agrees."
    text += damaged if metadata.exif.damaged else ""
    return EXIF.row(NONE, text, details)


def _times(metadata: Metadata) -> Iterator[str]:
    first, detail = metadata.first, metadata.detail
    taken = _moment(detail.get(TAKEN))
    changed = _moment(first.get(CHANGED))
    digitised = _moment(detail.get(DIGITISED))
    zones = _offset(detail.get(OFFSET_TAKEN)), _offset(detail.get(OFFSET_CHANGED))
    if taken and changed:
        later = taken - changed
        if zones[0] is not None and zones[1] is not None:
            later -= zones[0] - zones[1]
        if later > _MINUTE:
            yield _order("Taken", taken, "last changed", changed, later)
    if taken and digitised and taken - digitised > _MINUTE:
        yield _order("Taken", taken, "digitised", digitised, taken - digitised)
    gps = metadata.exif.gps if metadata.exif else {}
    fix = _gps_moment(gps.get(GPS_DATE), gps.get(GPS_TIME))
    if taken and fix:
        apart, allowed = abs(taken - fix), _CLOCKS
        if zones[0] is not None:
            apart, allowed = abs(taken - fix - zones[0]), _STALE
        if apart > allowed:
            yield (
                f"Taken at {_shown(taken)} by the camera's clock, but at {_shown(fix)} UTC by GPS."
            )


def _order(what: str, moment: datetime, other: str, before: datetime, later: timedelta) -> str:
    zone = " (another time zone could explain it)" if later <= _CLOCKS else ""
    return f"{what} at {_shown(moment)}, but {other} before that, at {_shown(before)}{zone}."


def _sizes(metadata: Metadata, stored: Size, *, turned: bool) -> Iterator[str]:
    stated = number_of(metadata.detail.get(WIDTH)), number_of(metadata.detail.get(HEIGHT))
    width, height = (int(side) if side else 0 for side in stated)
    if width > 0 and height > 0 and (width, height) != stored:
        of_file = f"{stored[0]} x {stored[1]}"
        if (height, width) == stored and not turned:
            yield (
                f"States {width} x {height} pixels, but the picture has {of_file}: it was turned "
                "without a change of the entry."
            )
        elif (height, width) != stored:
            yield f"States {width} x {height} pixels, but the picture has {of_file}."


def _orientations(metadata: Metadata, stored: Size, thumbnail: Size | None) -> Iterator[str]:
    own = number_of(metadata.first.get(ORIENTATION))
    second = metadata.exif.second if metadata.exif else {}
    other = number_of(second.get(ORIENTATION))
    if own is not None and other is not None and own != other:
        yield f"The picture has orientation {own:g}, but its thumbnail has {other:g}."
    if thumbnail is not None:
        wide = [_is_wide(size) for size in (stored, thumbnail)]
        if None not in wide and wide[0] != wide[1]:
            words = ["wide" if one else "tall" for one in wide]
            yield f"The picture is stored {words[0]}, but its thumbnail {words[1]}."


def _is_wide(size: Size) -> bool | None:
    """Whether a size is wide; None if it is nearly square."""
    ratio = size[0] / max(size[1], 1)
    return None if 0.9 < ratio < 1.1 else ratio > 1


def _optics(metadata: Metadata, stored: Size) -> Iterator[str]:
    detail = metadata.detail
    focal, equivalent = number_of(detail.get(FOCAL_LENGTH)), number_of(detail.get(FOCAL_LENGTH_35))
    crop = None
    if focal and equivalent and focal > 0 and equivalent > 0:
        crop = equivalent / focal
        if not 0.4 <= crop <= 15:
            yield (
                f"A focal length of {focal:g} mm and one of {equivalent:g} mm on 35 mm film would "
                f"need a sensor with a diagonal of {_DIAGONAL_35_MM / crop:.3g} mm."
            )
    density, unit = number_of(detail.get(PLANE_X)), number_of(detail.get(PLANE_UNIT))
    width = number_of(detail.get(WIDTH)) or max(stored)
    if crop and density and density > 0 and (unit is None or int(unit) in _UNITS):
        wide = width / density * _UNITS[int(unit or 2)]
        by_focal = _WIDTH_35_MM / crop
        if 2 < wide < 70 and not 0.6 < wide / by_focal < 1.6:
            yield (
                f"The pixel density of the sensor makes it {wide:.3g} mm wide, but the focal "
                f"lengths make it about {by_focal:.3g} mm."
            )
    lens = detail.get(LENS_RANGE)
    if focal and isinstance(lens, tuple) and len(lens) == 4:
        low, high = (float(end) for end in lens[:2])
        if 0 < low <= high and not 0.9 * low <= focal <= 1.1 * high:
            reach = f"{low:g} mm" if low == high else f"{low:g} to {high:g} mm"
            yield f"A focal length of {focal:g} mm, but a lens of {reach}."
    yield from _exposures(metadata)


def _exposures(metadata: Metadata) -> Iterator[str]:
    """Aperture and exposure are stated twice, as they are and as logarithms (APEX)."""
    detail = metadata.detail
    f_number, aperture = number_of(detail.get(F_NUMBER)), number_of(detail.get(APERTURE))
    if f_number and aperture is not None and f_number > 0 and 0 < aperture < 20:
        other = 2 ** (aperture / 2)
        if abs(math.log2(other / f_number)) > 0.35:
            yield f"The F-number is {f_number:g}, but the aperture value makes it {other:.3g}."
    exposure, speed = number_of(detail.get(EXPOSURE)), number_of(detail.get(SHUTTER_SPEED))
    if exposure and speed is not None and exposure > 0 and -12 < speed < 20 and speed != 0:
        other = 2**-speed
        if abs(math.log2(other / exposure)) > 1:
            yield (
                f"The exposure is {exposure:.3g} s, but the shutter speed value makes it "
                f"{other:.3g} s."
            )


def _cameras(metadata: Metadata) -> Iterator[str]:
    make, model = (text_of(metadata.first.get(tag)) for tag in (MAKE, MODEL))
    note = metadata.detail.get(MAKER_NOTE)
    if isinstance(note, (bytes, str)) and len(note) >= 16 and not make and not model:
        yield "Has a maker note of a camera, but names neither make nor model."
    for tag, name in ((make, "tiff:Make"), (model, "tiff:Model")):
        other = next(metadata.xmp_values(name), "")
        if tag and other and tag.casefold() != other.casefold():
            what = name.removeprefix("tiff:").lower()
            yield f"EXIF names the {what} {quoted(tag, 40)}, but XMP {quoted(other, 40)}."


def _places(metadata: Metadata) -> Iterator[str]:
    gps = metadata.exif.gps if metadata.exif else {}
    for tag, limit, name in ((GPS_LATITUDE, 90, "latitude"), (GPS_LONGITUDE, 180, "longitude")):
        value = gps.get(tag)
        if isinstance(value, tuple) and len(value) == 3:
            degrees = abs(value[0]) + abs(value[1]) / 60 + abs(value[2]) / 3600
            if degrees > limit:  # false of NaN
                yield f"The {name} is {degrees:.4g} degrees, which no place on Earth has."


def _moment(value: object) -> datetime | None:
    """A local time; None where it is empty, zero or no date, as cameras without a clock write."""
    found = _DATE.match(text_of(value))
    try:
        if found is None:
            return None
        year, month, day, hour, minute, second = map(int, found.groups())
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None


def _offset(value: object) -> timedelta | None:
    found = _OFFSET.match(text_of(value))
    if not found:
        return None
    apart = timedelta(hours=int(found[2]), minutes=int(found[3]))
    return -apart if found[1] == "-" else apart


def _gps_moment(date: object, time: object) -> datetime | None:
    if not isinstance(time, tuple) or len(time) != 3:
        return None
    if not all(0 <= part < 61 for part in time):
        return None
    hours, minutes, seconds = (int(part) for part in time)
    return _moment(f"{text_of(date)} {hours:02d}:{minutes:02d}:{min(seconds, 59):02d}")


def _shown(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S")
