"""What trainings see: photographs through real lenses, and all that may happen to a picture.

One condition is drawn for each example. Each gives a picture with its true blur, and says where no
blur is defined at all (``known`` False), so that a network learns to be unsure there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from blurprint.arrays import FloatMap, Mask
from blurprint.errors import InputError
from blurprint.lab.rendering.blur_fields import MAX_SIGMA
from blurprint.lab.rendering.dither import draw_dither, draw_halftone, nearest
from blurprint.lab.rendering.draw_camera import draw_camera
from blurprint.lab.rendering.draw_lens import draw_lens
from blurprint.lab.rendering.frame import (
    Frame,
    canvas_for,
    enlarged,
    recoded,
    shoot,
    unknown,
)
from blurprint.lab.rendering.grain import denoised, draw_grain, with_grain
from blurprint.lab.rendering.lights import draw_lights_scene
from blurprint.lab.rendering.motion import draw_motion
from blurprint.lab.rendering.scenes import ALL_SHARP, PROCEDURAL, Sources, draw_scene
from blurprint.lab.rendering.screens import draw_overlay, draw_screen
from blurprint.lab.rendering.shading import draw_shading
from blurprint.lens.camera import Camera, Resample

_GRID: Final = 8  # room for another phase of the JPEG blocks


class TrainingExample(NamedTuple):
    """A picture of S pixels squared with its truth.

    Attributes:
        rgb: uint8 (S, S, 3).
        sigma: float32 (S, S), px, of all that blurs before the pixel, at most :data:`MAX_SIGMA`.
        weight: float32 (S, S) in [0, 1]: how far `sigma` says what is seen.
        known: bool (S, S), False where `sigma` means nothing.
        anisotropy: float32 (S, S), 0 (round) to 1 (a line): see
            :func:`blurprint.lab.rendering.frame.anisotropy_of`.
        condition: one of :data:`CONDITIONS`.
    """

    rgb: npt.NDArray[np.uint8]
    sigma: FloatMap
    weight: FloatMap
    known: Mask
    anisotropy: FloatMap
    condition: str


def render_training_example(
    rng: np.random.Generator, sources: Sources, size: int = 192, condition: str | None = None
) -> TrainingExample:
    """An example of `size` pixels squared, of a drawn or a given condition.

    Raises:
        InputError: if there is no such condition.
    """
    place = rng.random()
    if condition is None:
        shares = np.cumsum([share for share, _ in CONDITIONS.values()])
        drawn = int(np.searchsorted(shares, place * shares[-1], side="right"))
        condition = list(CONDITIONS)[drawn]
    elif condition not in CONDITIONS:
        raise InputError(f"Expected a condition of {list(CONDITIONS)}, but got {condition!r}")
    frame = CONDITIONS[condition][1](rng, sources, size)
    return TrainingExample(
        frame.rgb,
        np.minimum(frame.sigma, np.float32(MAX_SIGMA)),
        np.clip(frame.weight, 0, 1),
        frame.known,
        frame.anisotropy,
        condition,
    )


def _photograph(
    rng: np.random.Generator,
    sources: Sources,
    size: int,
    camera: Camera | None = None,
    *,
    all_sharp: float = ALL_SHARP,
    procedural: float = PROCEDURAL,
) -> Frame:
    camera = draw_camera(rng) if camera is None else camera
    scene = draw_scene(
        rng, sources, canvas_for(size, camera), procedural, draw_lens, all_sharp=all_sharp
    )
    return shoot(scene, camera, rng, size)


def _lens(rng: np.random.Generator, sources: Sources, size: int) -> Frame:
    return _photograph(rng, sources, size)


def _grain(rng: np.random.Generator, sources: Sources, size: int) -> Frame:
    """Grain after the file of a camera (half of them JPEG), a filter in 35 %, a file in 50 %."""
    frame = _photograph(rng, sources, size, procedural=0.15)
    grain = draw_grain(rng)
    rgb = with_grain(frame.rgb, grain, rng)
    if rng.random() < 0.35:
        rgb = denoised(rgb, grain.strength, rng)
    frame = frame._replace(rgb=rgb)
    return recoded(frame, rng) if rng.random() < 0.5 else frame


def _motion(rng: np.random.Generator, sources: Sources, size: int) -> Frame:
    """Motion of a picture in focus (40 %) or not."""
    camera = draw_camera(rng)
    sharp = 1.0 if rng.random() < 0.4 else 0.0
    canvas = canvas_for(size, camera)
    scene = draw_scene(rng, sources, canvas, 0.15, draw_lens, all_sharp=sharp)
    return shoot(draw_motion(rng, scene), camera, rng, size)


def _lights(rng: np.random.Generator, sources: Sources, size: int) -> Frame:
    camera = draw_camera(rng)
    scene = draw_lights_scene(rng, sources, canvas_for(size, camera), draw_lens)
    return shoot(scene, camera, rng, size)


def _recoded_twice(rng: np.random.Generator, sources: Sources, size: int) -> Frame:
    """Two files whose blocks lie at different phases."""
    frame = recoded(_photograph(rng, sources, size + _GRID), rng)
    top, left = (int(v) for v in rng.integers(1, _GRID, 2))
    return recoded(frame.cut(top, left, size), rng)


def _halo(rng: np.random.Generator, sources: Sources, size: int) -> Frame:
    """An unsharp mask of 0.5 to 3 times the detail, radius 0.8 to 4 px, on the finished file."""
    frame = _photograph(rng, sources, size)
    amount, radius = float(rng.uniform(0.5, 3)), float(np.exp(rng.uniform(np.log(0.8), np.log(4))))
    soft = cv2.GaussianBlur(frame.rgb, (0, 0), radius)
    frame = frame._replace(rgb=cv2.addWeighted(frame.rgb, 1 + amount, soft, -amount, 0))
    return recoded(frame, rng, 60) if rng.random() < 0.5 else frame


def _enlarged(rng: np.random.Generator, sources: Sources, size: int) -> Frame:
    """A file enlarged 1.35 to 3 times, smoothly."""
    small = round(size / float(rng.uniform(1.35, 3)))
    frame = _photograph(rng, sources, small, replace(draw_camera(rng), factor=1.0))
    ways: tuple[Resample, ...] = ("linear", "cubic", "lanczos")
    way = ways[int(rng.integers(len(ways)))]
    frame = enlarged(frame, size, Camera(resample=way))
    return recoded(frame, rng, 60) if rng.random() < 0.5 else frame


def _overlay(rng: np.random.Generator, sources: Sources, size: int) -> Frame:
    frame = draw_overlay(rng, _photograph(rng, sources, size, procedural=0.1))
    return recoded(frame, rng) if rng.random() < 0.6 else frame


def _shading(rng: np.random.Generator, sources: Sources, size: int) -> Frame:
    frame = unknown(draw_shading(rng, size))
    return recoded(frame, rng) if rng.random() < 0.4 else frame


def _dither(rng: np.random.Generator, sources: Sources, size: int) -> Frame:
    frame = _photograph(rng, sources, size, procedural=0.15)
    drawn = draw_dither(rng, frame.rgb)
    frame = unknown(drawn.rgb) if drawn.hidden else frame._replace(rgb=drawn.rgb)
    return recoded(frame, rng, 60) if rng.random() < 0.3 else frame


def _halftone(rng: np.random.Generator, sources: Sources, size: int) -> Frame:
    frame = unknown(draw_halftone(rng, _photograph(rng, sources, size, procedural=0.15).rgb))
    return recoded(frame, rng) if rng.random() < 0.6 else frame


def _nearest(rng: np.random.Generator, sources: Sources, size: int) -> Frame:
    """A file enlarged by repeating pixels, 2, 3 or 4 times or any factor between."""
    factor = float(rng.choice((2, 3, 4))) if rng.random() < 0.6 else float(rng.uniform(1.5, 4))
    small = _photograph(rng, sources, round(size / factor), replace(draw_camera(rng), factor=1.0))
    frame = unknown(nearest(small.rgb, size))
    return recoded(frame, rng, 70) if rng.random() < 0.4 else frame


def _screen(rng: np.random.Generator, sources: Sources, size: int) -> Frame:
    frame = draw_screen(rng, _photograph(rng, sources, size, procedural=0.0))
    return recoded(frame, rng) if rng.random() < 0.35 else frame


Render = Callable[[np.random.Generator, Sources, int], Frame]
CONDITIONS: Final[Mapping[str, tuple[float, Render]]] = MappingProxyType(
    {
        "lens": (0.50, _lens),
        "grain": (0.11, _grain),
        "motion": (0.10, _motion),
        "lights": (0.05, _lights),
        "recoded twice": (0.04, _recoded_twice),
        "halo": (0.03, _halo),
        "enlarged": (0.03, _enlarged),
        "overlay": (0.03, _overlay),
        "shading": (0.04, _shading),
        "dither": (0.03, _dither),
        "halftone": (0.01, _halftone),
        "nearest": (0.02, _nearest),
        "screen": (0.01, _screen),
    }
)
"""By name, the share of the examples and what renders one."""
