"""The finding in words: one short paragraph that a reader can quote, made from the evidence.

It says which part is blurred most and least, with the errors; what is unusual; what cannot be
judged, and why; and what else could explain the result. A difference within its own error is never
reported as one, and no number has more than two decimals.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Final

import cv2
import numpy as np

from blurprint.arrays import Mask
from blurprint.evidence.blur_range import NAME as RANGE
from blurprint.evidence.confident import (
    CONFIDENT,
    confident_share,
    is_measured,
    measured_percentiles,
)
from blurprint.evidence.doubts import Doubt, streaks
from blurprint.evidence.error import error_of_difference, is_beyond, median_error
from blurprint.evidence.evidence import Evidence
from blurprint.evidence.reference import ANY_SHARE
from blurprint.evidence.regions import Part, parts_of
from blurprint.evidence.wording import in_pixels, number, percent, subject
from blurprint.optics.defocus_map import DefocusMap
from blurprint.optics.map_picture import GUESSED
from blurprint.optics.methods import METHODS
from blurprint.photos.photo import Photo

# Blurred alike and said to differ: 26 % with 1.5, 5 here, 0 with 2.5; a third 1.5 times as
# blurred: 92, 87, 63: docs/thresholds.md.
PICKED: Final = 2.0
"""Errors by which the most and the least blurred of nine parts must differ: they were picked."""
# Measured and unmeasured pixels below: 5 and 27 % with 0.005, 11 and 38 here, 21 and 53 with
# 0.02: docs/thresholds.md.
FLAT_CONTRAST: Final = 0.01
"""Standard deviation of brightness in 15 x 15 px, of 1, below which a place shows no detail."""
# The step of two decimals: docs/thresholds.md.
LEAST_ERROR: Final = 0.01
"""Error in px that is said at least: none is known better."""
# Pixels named at a blur of 1 and 2 px: 7 and 100 % with 1.5, 6 and 75 here, 6 and 0.5 with 3:
# docs/thresholds.md.
STRONG_PX: Final = 2.0
"""Guess of the blur from which its being strong is named as a reason why it is uncertain."""
# The coarsest level of "net" reads to 0.79 of its reach at least: docs/thresholds.md.
WIDE: Final = 0.75
"""Guess of the blur, over the widest that the method looks for, from which it is named too wide."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found, in words; each part is one or more whole sentences, or "".

    Attributes:
        where: which part is blurred most and least, or the median, with the errors.
        unusual: what is unusual among ordinary photographs, or that this is unknown.
        unknown: what cannot be judged, and why.
        otherwise: what else could explain what was found.
        faces: what was found of faces.
        score: what the score means; "" where nothing was judged.
    """

    where: str
    unusual: str
    unknown: str
    otherwise: str
    faces: str = ""
    score: str = ""

    @property
    def text(self) -> str:
        """The whole paragraph."""
        parts = (self.score, self.where, self.unusual, self.faces, self.unknown, self.otherwise)
        return " ".join(part for part in parts if part)


def find(
    photo: Photo, defocus: DefocusMap, evidence: Sequence[Evidence], doubts: Sequence[Doubt]
) -> Finding:
    """The finding of one picture.

    Args:
        photo: the picture.
        defocus: its map.
        evidence: rows of :func:`blurprint.evidence.measure.measure_evidence`.
        doubts: of :func:`blurprint.evidence.doubts.check_doubts`.
    """
    if not in_pixels(defocus):
        where = (
            f'Method "{defocus.method}" gives a map without pixels as its unit: where this picture '
            'is how blurred it does not say; methods "net" and "edge" do.'
        )
        return Finding(where, "", "", "")
    if not is_measured(defocus):
        where = "No blur could be measured in this picture, so nothing can be said of it."
        return Finding(where, "", defocus.doubt or _why_unknown(photo, defocus, "it"), "")
    return Finding(
        where=_where(defocus, evidence),
        unusual=_unusual(evidence),
        unknown=_unknown(photo, defocus),
        otherwise=_otherwise(doubts),
    )


def _where(defocus: DefocusMap, evidence: Sequence[Evidence]) -> str:
    known = [part for part in parts_of(defocus) if part.median is not None]
    if len(known) < 2:
        return _median(defocus)
    soft = max(known, key=_median_of)
    sharp = min(known, key=_median_of)
    difference = _median_of(soft) - _median_of(sharp)
    error = error_of_difference(soft.error, sharp.error)
    if is_beyond(difference, None if error is None else PICKED * error):
        return (
            f"The {soft.name} of the {subject(defocus)} is blurred most, by "
            f"{_told(_median_of(soft), soft.error, defocus)}, the {sharp.name} least, by "
            f"{_told(_median_of(sharp), sharp.error, defocus)}."
        )
    text = f"{_median(defocus)} Between its parts (nine, by thirds) there is no difference that "
    text += "can be measured"
    spread = next((row for row in evidence if row.name == RANGE), None)
    if spread is None or spread.value is None or not is_beyond(spread.value, spread.error):
        return f"{text}."
    low, high = spread.details["p05"], spread.details["p95"]
    return (
        f"{text}; within them, nine tenths of the measured blur lies between {number(low)} px and "
        f"{number(high)} px."
    )


def _median(defocus: DefocusMap) -> str:
    (median,) = measured_percentiles(defocus, (50,))
    told = _told(median, median_error(defocus), defocus)
    return f"The median blur of the {subject(defocus)} is {told}."


def _median_of(part: Part) -> float:
    return part.median or 0.0


def _told(value: float, error: float | None, defocus: DefocusMap) -> str:
    """A blur with its error, and at native size where that differs."""
    if error is None or not isfinite(error):
        text = f"{number(value)} px, of unknown error"
    else:
        text = f"{number(value)} ± {number(max(error, LEAST_ERROR))} px"
    if defocus.scale != 1:
        text += f" ({number(value / defocus.scale)} px at native size)"
    return text


def _unusual(evidence: Sequence[Evidence]) -> str:
    compared = [row for row in evidence if row.reference is not None]
    if not compared:
        return "How usual this is, is unknown: no ordinary photographs of its like were measured."
    found = []
    for row in compared:
        if row.reference is None or not row.is_unusual:
            continue
        percentile = row.reference.percentile
        high = percentile > 50
        farther = percentile if high else 100 - percentile
        share = "all" if farther == 100 else percent(min(farther, 99.0))
        word = "higher" if high else "lower"
        found.append(f"its {row.title.lower()} is {word} than in {share}")
    photographs = min(row.reference.photographs for row in compared if row.reference)
    alike = "size" if all(row.name in ANY_SHARE for row in compared) else "size and measured share"
    like = f"of {photographs} ordinary photographs of like {alike}"
    others = [row.title.lower() for row in evidence if row.reference is None]
    rest = f" How usual its {_listed(others)} may be, is unknown." if others else ""
    if not found:
        which = _listed([row.title.lower() for row in compared])
        which = f"Its {which} {_are(compared)} not" if others else "No value is"
        return f"{which} unusual beside those {like}.{rest}"
    return f"Unusual: {', '.join(found)} {like}.{rest}"


def _are(several: Sequence[Evidence]) -> str:
    return "is" if len(several) == 1 else "are"


def _unknown(photo: Photo, defocus: DefocusMap) -> str:
    missing = 1 - confident_share(defocus)
    if missing < 0.005:
        return ""
    blank = [part.name for part in parts_of(defocus) if part.pixels and part.median is None]
    place = ""
    if 0 < len(blank) <= 4:
        place = f", among it all but all of the {_listed(blank)}"
    return (
        f"{percent(100 * missing)} of the {subject(defocus)} cannot be judged{place}. "
        f"{_why_unknown(photo, defocus, 'that')}"
    ).strip()


def _why_unknown(photo: Photo, defocus: DefocusMap, it: str) -> str:
    """The main reasons of what is not measured, by what can be checked: contrast, and blur."""
    lost = (defocus.confidence < CONFIDENT) & defocus.mask
    contrast = _contrast(photo)
    if not lost.any() or contrast.shape != lost.shape:
        return ""
    wide = _beyond_reach(defocus) & lost
    lost &= ~wide
    flat = (contrast < FLAT_CONTRAST) & lost
    streaked = streaks(defocus) & lost & ~flat
    strong = (defocus.sigma >= STRONG_PX) & lost & ~flat & (defocus.confidence >= GUESSED)
    strong &= ~streaked
    pixels = int(np.count_nonzero(lost | wide))
    shares = {
        "seems blurred too widely to be measured": int(np.count_nonzero(wide)) / pixels,
        "shows no detail": int(np.count_nonzero(flat)) / pixels,
        "seems blurred along a line, as by movement or as fur looks": (
            int(np.count_nonzero(streaked)) / pixels
        ),
        "seems strongly blurred": int(np.count_nonzero(strong)) / pixels,
    }
    for words, share in shares.items():
        if share >= 0.995:
            return f"{it.capitalize()} {words}."
    main = {words: share for words, share in shares.items() if share >= 0.2}
    if not main:
        return "The reason is unknown: there is detail, but its blur could not be read."
    told = " and ".join(f"{percent(100 * share)} {words}" for words, share in main.items())
    rest = "; of the rest the reason is unknown" if sum(main.values()) < 0.8 else ""
    return f"Of {it}, {told}{rest}."


def _beyond_reach(defocus: DefocusMap) -> Mask:
    """Where blur is guessed that is as wide as the method can read in a picture of this size."""
    reach = METHODS[defocus.method].reach if defocus.method in METHODS else None
    if reach is None:
        return np.zeros(defocus.shape, np.bool_)
    widest = WIDE * reach * float(np.hypot(*defocus.shape))
    return np.asarray((defocus.sigma >= widest) & (defocus.confidence >= GUESSED), np.bool_)


def _contrast(photo: Photo) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """Standard deviation of brightness in the 15 x 15 px around each pixel, float32 (H, W)."""
    gray = cv2.cvtColor(photo.rgb, cv2.COLOR_RGB2GRAY)
    mean = cv2.blur(gray, (15, 15))
    variance = cv2.blur(gray * gray, (15, 15)) - mean * mean
    return np.sqrt(np.maximum(variance, 0))


def _otherwise(doubts: Sequence[Doubt]) -> str:
    found = [doubt.title[0].lower() + doubt.title[1:] for doubt in doubts if doubt.found]
    text = (
        "Movement, soft things, haze, enlargement, retouching and computed blur can look the same "
        "as a lens out of focus"
    )
    if found:
        return f"{text}. What may be wrong in this picture in particular: {', '.join(found)}."
    return f"{text}."


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
