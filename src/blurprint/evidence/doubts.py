"""What may be wrong with a measurement in this picture: each found, not found, or unknown.

Only what can be checked is claimed. The thresholds were chosen here; that of :func:`_drawing` is
above 99.6 % of 277 ordinary photographs (median 0.02, 99.5 % below 0.46; the one above was a
drawing).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from blurprint.arrays import Mask
from blurprint.evidence.confident import CONFIDENT, is_measured, measured_percentiles
from blurprint.evidence.file_check import FileFacts, file_facts
from blurprint.evidence.wording import in_pixels, number, percent, subject
from blurprint.hiding.drawn import DRAWN as DRAWN_WHOLE
from blurprint.hiding.hidden import hidden_in
from blurprint.optics.defocus_map import DefocusMap
from blurprint.optics.residual import residual
from blurprint.photos.photo import Photo

# Its ninths are narrower than 133 px: docs/thresholds.md.
SMALL_PX: Final = 400
"""Longer side of a photograph below which little room is left for parts of different blur."""
# Pixels whose blur changes: 0.7 % at quality 30, 0.1 at 50, less above:
# docs/thresholds.md.
LOW_QUALITY: Final = 80
"""JPEG quality below which blocks and ringing show beside edges."""
# Enlarged three times: 100 % found, twice: 23; with 1.0 77 and 0 %: docs/thresholds.md.
ENLARGED_PX: Final = 0.7
"""Sharpest twentieth of the measured blur from which the whole picture is soft."""
# Screens found: 98 % with 0.5, 95 with 0.6, 80 with 0.7; photographs: 2 % with each:
# docs/thresholds.md.
DRAWN: Final = 0.6
"""Share of pixels equal to their neighbours from which a picture is no plain photograph."""
# Photographs called: 3 % with 0.3 and here, 0 with 0.7; moved ones found: 97, 93, 67:
# docs/thresholds.md.
LINE: Final = 0.5
"""Anisotropy from which blur counts as a streak: one axis is twice as blurred as the other."""
# Photographs called: 7 % with 0.35, 3 here, 0 with 0.8; moved found: 97, 93, 63:
# docs/thresholds.md.
STREAKED: Final = 0.5
"""Share of the photograph with streaks from which movement is said: by "net" 1.4 % of 139
ordinary photographs reach it, animals whose fur lies one way; shaken ones have 0.6 to 0.8."""
# Photographs called: 7 % with 0.02, 0 here; maps 1.5 times too large: 75, 60, with 0.1 45 %:
# docs/thresholds.md.
LEFT_OVER: Final = 0.05
"""Share of the measured pixels with detail that their blur leaves unexplained from which it is
said: photographs have up to 0.02, pictures with lines of text over blur 0.03 and more."""
SCREENS: Final = frozenset(
    (
        *((1280, 720), (1280, 800), (1366, 768), (1440, 900), (1536, 864), (1600, 900)),
        *((1680, 1050), (1920, 1080), (1920, 1200), (2560, 1440), (2560, 1600), (2880, 1800)),
        *((3840, 2160), (640, 1136), (750, 1334), (828, 1792), (1080, 1920), (1125, 2436)),
        *((1170, 2532), (1179, 2556), (1206, 2622), (1242, 2208), (1242, 2688), (1284, 2778)),
        *((1290, 2796), (1320, 2868), (720, 1280), (720, 1600), (1080, 2160), (1080, 2220)),
        *((1080, 2280), (1080, 2340), (1080, 2400), (1080, 2460), (1440, 2560), (1440, 2960)),
        *((1440, 3040), (1440, 3088), (1440, 3120), (1440, 3200), (1536, 2048), (1620, 2160)),
        *((1640, 2360), (1668, 2224), (1668, 2388), (2048, 2732)),
    )
)
"""Sizes in pixels of common screens of computers, telephones and tablets."""
LOSSLESS: Final = frozenset({"PNG", "BMP", "GIF"})


@dataclass(frozen=True, slots=True)
class Doubt:
    """One thing that may be wrong, and whether it was found.

    Attributes:
        name: stable identifier, as in ``report.json``.
        title: heading in the report.
        found: True or False; None where it could not be checked.
        sentence: what was found, or why it could not be checked.
    """

    name: str
    title: str
    found: bool | None
    sentence: str


def check_doubts(
    photo: Photo, defocus: DefocusMap, facts: FileFacts | None = None
) -> tuple[Doubt, ...]:
    """Every check on a picture and its map, in the order of the report.

    Args:
        photo: the picture.
        defocus: its map.
        facts: of the file that it was read from; left out, it is read again if it is there.
    """
    facts = facts or file_facts(photo)
    return (
        _small(photo),
        _reduced(photo),
        _compressed(photo, facts),
        _enlarged(photo, defocus, facts),
        _screenshot(photo),
        _drawing(photo, defocus),
        _motion(defocus),
        _finer_detail(photo, defocus),
    )


def _small(photo: Photo) -> Doubt:
    side = max(photo.rectangle.size)
    found = side < SMALL_PX
    sentence = f"The longer side of the photograph is {side} pixels."
    if found:
        sentence = (
            f"The longer side of the photograph is only {side} pixels: a picture this small hides "
            "the blur of a larger original, and leaves little room to compare its parts."
        )
    return Doubt("small", "Small", found, sentence)


def _reduced(photo: Photo) -> Doubt:
    found = photo.scale < 1
    sentence = "The picture was measured at its own size."
    if found:
        sentence = (
            f"The picture was reduced before it was measured: {number(1 / photo.scale)} native "
            "pixels make one working pixel, and finer blur cannot be seen."
        )
    return Doubt("reduced", "Reduced for measuring", found, sentence)


def _compressed(photo: Photo, facts: FileFacts | None) -> Doubt:
    title = "Strongly compressed"
    if photo.format in LOSSLESS:
        sentence = f"Unknown: the file is {photo.format}, which hides how it was compressed before."
        return Doubt("compressed", title, None, sentence)
    if facts is None or facts.jpeg_quality is None:
        sentence = "Unknown: no JPEG tables could be read from a file."
        return Doubt("compressed", title, None, sentence)
    about = "is" if facts.is_exact else "is about"
    sentence = (
        f"The JPEG quality {about} {facts.jpeg_quality} of 100 by the file's tables; whether it "
        "was compressed more strongly before, they do not say."
    )
    found = facts.jpeg_quality < LOW_QUALITY
    if found:
        sentence += " At this quality blocks and ringing can pass for detail, and hide it."
    return Doubt("compressed", title, found, sentence)


def _enlarged(photo: Photo, defocus: DefocusMap, facts: FileFacts | None) -> Doubt:
    title = "Enlarged or soft as a whole"
    size = None if facts is None else facts.exif_size
    if size is not None and max(photo.native_size) > max(size):
        width, height = photo.native_size
        sentence = (
            f"The file has {width} × {height} pixels, but its EXIF speaks of {size[0]} × {size[1]}"
            ": it was enlarged after it was taken."
        )
        return Doubt("enlarged", title, True, sentence)
    if not in_pixels(defocus) or not is_measured(defocus):
        sentence = "Unknown: no blur in pixels was measured."
        return Doubt("enlarged", title, None, sentence)
    (sharpest,) = measured_percentiles(defocus, (5,))
    found = sharpest >= ENLARGED_PX
    sentence = f"The sharpest twentieth of the measured blur is at most {number(sharpest)} px."
    if found:
        sentence = (
            f"Even the sharpest twentieth of the measured blur reaches {number(sharpest)} px: the "
            "picture may have been enlarged, or is out of focus, shaken or smoothed as a whole."
        )
    return Doubt("enlarged", title, found, sentence)


def _screenshot(photo: Photo) -> Doubt:
    title = "Screenshot"
    software = str(photo.exif.get("software", ""))
    if "screenshot" in software.lower():
        return Doubt("screenshot", title, True, f"The file names “{software}” as its software.")
    width, height = photo.native_size
    on_screen = (width, height) in SCREENS or (height, width) in SCREENS
    if photo.format is None:
        return Doubt("screenshot", title, None, "Unknown: the picture came without a file.")
    if on_screen and "camera" not in photo.exif:
        sentence = (
            f"The size, {width} × {height} pixels, is that of a screen, and the file names no "
            "camera: what is measured may be a reduced or enlarged picture on a screen."
        )
        return Doubt("screenshot", title, True, sentence)
    sentence = (
        "The file names a camera."
        if "camera" in photo.exif
        else f"The size, {width} × {height} pixels, is that of no common screen."
    )
    return Doubt("screenshot", title, False, f"{sentence} A cut-out of a screen is not recognised.")


def _drawing(photo: Photo, defocus: DefocusMap) -> Doubt:
    title = "Drawing or graphics"
    if defocus.doubt == DRAWN_WHOLE:
        return Doubt("drawing", title, True, defocus.doubt)
    parts = hidden_in(photo).drawn if in_pixels(defocus) else None
    if parts is not None:
        sentence = (
            f"{percent(100 * float(parts.mean()))} of the photograph's rectangle is drawn, as "
            "letters and charts are: no lens made its edges, and nothing counts as measured there."
        )
        return Doubt("drawing", title, True, sentence)
    levels = cv2.extractChannel(photo.rgb8, 1)[photo.rectangle.cut]
    if min(levels.shape, default=0) < 2:
        return Doubt("drawing", title, None, "Unknown: there is no photograph to look at.")
    here = levels[:-1, :-1]
    equal = (here == levels[1:, :-1]) & (here == levels[:-1, 1:])
    even = np.count_nonzero(equal) / equal.size
    sentence = f"{percent(100 * even)} of the pixels equal their neighbours"
    if even < DRAWN:
        return Doubt("drawing", title, False, f"{sentence}, as in photographs.")
    sentence += (
        ", more than in a photograph: much of it is drawn, filled or empty, and edges there have "
        "no blur of a lens."
    )
    return Doubt("drawing", title, True, sentence)


def streaks(defocus: DefocusMap) -> Mask:
    """Where blur is a streak, bool (H, W); nowhere if the method gives no anisotropy."""
    if defocus.anisotropy is None:
        return np.zeros(defocus.shape, np.bool_)
    return np.asarray((defocus.anisotropy >= LINE) & defocus.mask, np.bool_)


def _motion(defocus: DefocusMap) -> Doubt:
    name, title = "motion", "Movement"
    if defocus.anisotropy is None:
        sentence = (
            "Unknown: this method does not tell streaks of movement from blur that is round, and "
            'may read them as less blur than there is; method "net" tells them.'
        )
        return Doubt(name, title, None, sentence)
    if defocus.doubt or not defocus.mask.any():
        return Doubt(name, title, None, "Unknown: no blur of a lens could be read.")
    share = np.count_nonzero(streaks(defocus)) / np.count_nonzero(defocus.mask)
    sentence = (
        f"In {percent(100 * share)} of the {subject(defocus)} blur is at least twice as wide one "
        "way as the other"
    )
    if share < STREAKED:
        return Doubt(name, title, False, f"{sentence}: no movement of the camera shows.")
    sentence += (
        ": the camera, or what it shows, may have moved; fur or hair that lies one way looks the "
        "same. No lens blurs like that, and such parts hardly count as measured."
    )
    return Doubt(name, title, True, sentence)


def _finer_detail(photo: Photo, defocus: DefocusMap) -> Doubt:
    name, title = "finer_detail", "Detail finer than the blur"
    sure = defocus.confidence >= CONFIDENT
    if not in_pixels(defocus) or not sure.any():
        return Doubt(name, title, None, "Unknown: no blur in pixels was measured.")
    if photo.rgb.shape[:2] != defocus.shape:
        return Doubt(name, title, None, "Unknown: the map is of another size than the picture.")
    unexplained = residual(photo.rgb, defocus).unexplained
    share = np.count_nonzero(unexplained) / np.count_nonzero(sure)
    sentence = (
        f"In {percent(100 * share)} of the measured parts there is detail that the measured blur "
        "would have taken away"
    )
    if share < LEFT_OVER:
        return Doubt(name, title, False, f"{sentence}; elsewhere it explains the picture.")
    sentence += (
        ": text or lines drawn over a blurred picture, grain, or an error of the measurement."
    )
    return Doubt(name, title, True, sentence)
