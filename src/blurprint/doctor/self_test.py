"""Pictures that are drawn here, of which is known what must be measured in them."""

from __future__ import annotations

import tempfile
from io import BytesIO
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from blurprint.arrays import FloatMap
from blurprint.doctor.face_picture import EYES, draw_face
from blurprint.doctor.line import Line
from blurprint.errors import install_extra
from blurprint.lens.pixel import with_pixel
from blurprint.optics.defocus_map import DefocusMap
from blurprint.optics.methods import METHODS
from blurprint.optics.tolerance import TOLERANCE_PX, TOLERANCE_SHARE, tolerance

LENS_SIGMAS: Final = (1.0, 2.0)
"""Blur of the left and of the right half of the picture, before the pixel, in px."""
_SIDE: Final = 192
_FINER: Final = 4
"""Points of the drawing for each pixel, each way."""
_SHAPES: Final = 260
_EDGE: Final = 16
"""Pixels at the outline and in the middle that are not looked at."""
_CONFIDENT: Final = 0.5
EYES_OFF: Final = 6.0
"""Distance in px within which each eye of the drawn face must be found; they are 56 px apart."""
_AGAIN: Final = "install Blurprint and onnxruntime again; if it stays so, please report it"


def make_picture() -> FloatMap:
    """Disks and rectangles whose left half is blurred less, float32 (192, 192, 3) in [0, 1]."""
    rng = np.random.default_rng(0)
    side = _SIDE * _FINER
    drawn = np.full((side, side, 3), 0.4, np.float32)
    for _ in range(_SHAPES):
        x, y = (int(place) for place in rng.integers(0, side, 2))
        radius = int(rng.integers(8, 70))
        colour = rng.uniform(0.05, 0.95, 3).tolist()
        if rng.random() < 0.5:
            cv2.circle(drawn, (x, y), radius, colour, -1)
        else:
            end = (x + radius // 2, y + radius)
            cv2.rectangle(drawn, (x - radius, y - radius // 2), end, colour, -1)
    halves = []
    for sigma, columns in zip(LENS_SIGMAS, np.split(np.arange(_SIDE), 2), strict=True):
        blurred = cv2.GaussianBlur(drawn, (0, 0), sigma * _FINER, borderType=cv2.BORDER_REFLECT)
        small = cv2.resize(blurred, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)
        halves.append(small[:, columns])
    pixels = np.rint(np.clip(np.concatenate(halves, axis=1), 0, 1) * 255)
    return (pixels / 255).astype(np.float32)


def sigma(group: str, name: str, method: str) -> Line:
    """Whether a method measures the blur of both halves within its tolerance."""
    found = _medians(METHODS[method](make_picture()))
    true = [float(one) for one in with_pixel(LENS_SIGMAS)]
    allowed = [float(one) for one in tolerance(true)]
    pairs = [
        f"{value:.2f} px where {right:.2f} ± {most:.2f} is right"
        for value, right, most in zip(found, true, allowed, strict=True)
    ]
    good = all(
        abs(value - right) <= most  # NaN is not
        for value, right, most in zip(found, true, allowed, strict=True)
    )
    detail = f"{' and '.join(pairs)} (tolerance {TOLERANCE_PX} px or {TOLERANCE_SHARE:.0%})"
    return Line(group, name, "ok" if good else "wrong", detail, "" if good else _AGAIN)


def _medians(defocus: DefocusMap) -> list[float]:
    """Median blur of the confident pixels of each half; NaN where there are none."""
    out = []
    middle = _SIDE // 2
    for columns in (slice(_EDGE, middle - _EDGE), slice(middle + _EDGE, _SIDE - _EDGE)):
        inside = (slice(_EDGE, _SIDE - _EDGE), columns)
        sure = defocus.confidence[inside] >= _CONFIDENT
        values = defocus.sigma[inside][sure]
        out.append(float(np.median(values)) if values.size else float("nan"))
    return out


def threads(group: str, name: str) -> Line:
    """Whether one and two threads give the same numbers."""
    before = cv2.getNumThreads()
    rgb = make_picture()
    maps = []
    try:
        for count in (1, 2):
            cv2.setNumThreads(count)
            maps.append(METHODS["net"](rgb))
    finally:
        cv2.setNumThreads(before)
    off = max(
        float(np.abs(maps[0].sigma - maps[1].sigma).max()),
        float(np.abs(maps[0].confidence - maps[1].confidence).max()),
    )
    if off == 0:
        return Line(group, name, "ok", "the same numbers with 1 and 2 threads")
    return Line(group, name, "wrong", f"numbers differ by up to {off:.2g} with 2 threads", _AGAIN)


def drawn_face(group: str, name: str) -> Line:
    """Whether the face of a drawing is found, with its eyes."""
    from blurprint.faces.find_faces_of import find_faces_of
    from blurprint.photos.photo import Photo

    found = find_faces_of(Photo(rgb=np.asarray(draw_face() / 255, np.float32)))
    if len(found.found) != 1:
        return Line(group, name, "wrong", f"{len(found.found)} faces where 1 is drawn", _AGAIN)
    (face,) = found.found
    off = float(np.hypot(*(face.landmarks[:2] - np.array(EYES)).T).max())
    detail = f"found with probability {face.probability:.3f}, eyes within {off:.1f} px"
    if off <= EYES_OFF:
        return Line(group, name, "ok", detail)
    return Line(group, name, "wrong", f"{detail}, where {EYES_OFF:g} are allowed", _AGAIN)


def photographed_face(group: str, name: str) -> Line:
    """Whether the face of a public-domain photograph is found, which scikit-image brings."""
    from importlib.util import find_spec

    if find_spec("skimage") is None:
        advice = f"for this test {install_extra('samples')}"
        return Line(group, name, "missing", "not tried: scikit-image is not installed", advice)
    from skimage import data

    from blurprint.faces.find_faces_of import find_faces_of
    from blurprint.photos.photo import Photo

    rgb = np.asarray(data.astronaut(), np.uint8)[:360, :480]
    found = find_faces_of(Photo(rgb=np.asarray(rgb / 255, np.float32)))
    if len(found.found) != 1:
        return Line(group, name, "wrong", f"{len(found.found)} faces where there is 1", _AGAIN)
    probability = found.found[0].probability
    return Line(group, name, "ok", f"found with probability {probability:.3f}")


def report(group: str, name: str) -> Line:
    """Whether the drawing of a face, as a file, becomes a whole report."""
    from PIL import Image

    from blurprint.analysis import analyze
    from blurprint.report.write import write_report

    file = BytesIO()
    Image.fromarray(draw_face()).save(file, "PNG")
    made = analyze(file.getvalue())
    with tempfile.TemporaryDirectory(prefix="blurprint-doctor-") as folder:
        write_report(made, Path(folder))
        sizes = {one.name: one.stat().st_size for one in Path(folder).rglob("*") if one.is_file()}
    detail = f"{', '.join(sorted(sizes))} written, {sum(sizes.values()) / 1e3:.0f} kB"
    return Line(group, name, "ok", detail)
