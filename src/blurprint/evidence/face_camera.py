"""Whether the blur of a face is one that the camera named in EXIF can make."""

from __future__ import annotations

from typing import Final

from blurprint.evidence.camera_limits import camera_limits
from blurprint.evidence.error import is_beyond
from blurprint.evidence.evidence import Evidence
from blurprint.evidence.face_scene import FaceScene, abstained
from blurprint.evidence.wording import native, number

NAME: Final = "face_camera"
TITLE: Final = "Blur of the face by EXIF"


def face_camera(scene: FaceScene) -> Evidence:
    """By how many pixels the median blur of the face lies outside of what EXIF allows; 0 within.

    Negative values mean sharper than diffraction allows, positive ones more blurred than a
    background at infinity behind the nearest focus (:mod:`blurprint.evidence.camera_limits`). A
    face nearer than the focus may be blurred without bound.
    """
    limits = camera_limits(scene.photo, scene.defocus, scene.facts)
    if limits.missing or limits.diffraction is None:
        return abstained(NAME, TITLE, "px", limits.missing)
    if why := scene.missing("oval", upright=False):
        return abstained(NAME, TITLE, "px", why)
    blur = scene.blurs["oval"]
    if blur.median is None:
        return abstained(NAME, TITLE, "px", "Too little of the face could be measured.")
    least = limits.diffraction
    most = limits.infinity[0][1] if limits.infinity else float("inf")
    value = min(blur.median - least, 0.0) or max(blur.median - most, 0.0)
    said = f"The median blur of the face, {number(blur.median)} px,"
    if not is_beyond(value, blur.error):
        sentence = (
            f"{said} is one that the camera named in EXIF can make: diffraction alone gives "
            f"{number(least)} px."
        )
    elif value < 0:
        sentence = (
            f"{said} is sharper than diffraction allows by EXIF, {number(least)} px: the file was "
            "reduced or sharpened, or its EXIF is not its own."
        )
    else:
        sentence = (
            f"{said} is more than a background at infinity has behind the nearest focus by EXIF, "
            f"{number(most)} px: the face is nearer than the focus, moved, or was blurred by "
            "computation."
        )
    return Evidence(
        NAME,
        TITLE,
        value=value,
        unit="px",
        sentence=sentence,
        native=native(value, scene.defocus),
        error=blur.error,
        no_reference="Not compared: a check against EXIF, not a measurement.",
    )
