"""Held-out renders: the same scenes under many conditions, and what each method reads on them.

Textures come from photographs of the split "test", of which no training patch was cut. A scene is
drawn once; each condition is another camera before the same scene, cut at the same place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from blurprint.arrays import FloatMap, Mask
from blurprint.lab.rendering.blur_fields import MAX_SIGMA
from blurprint.lab.rendering.draw_camera import draw_camera
from blurprint.lab.rendering.scenes import Example, Scene, Sources, draw_scene
from blurprint.lens.camera import Camera
from blurprint.lens.pixel import with_pixel
from blurprint.optics.method import Estimator

Values = FloatMap
Progress = Callable[[int, int], None]
"""Called with what is done and what is wanted."""

# Ten levels of 255 a pixel; it only sorts pictures into thirds: docs/thresholds.md.
STRONG_GRADIENT: Final = 0.04
"""Gradient that counts as an edge in the density of edges, in sRGB units a pixel."""
# Five levels of 255 a pixel: docs/thresholds.md.
TEXTURED: Final = 0.02
"""Root mean square gradient around a pixel from which it counts as textured, the same unit."""
_AROUND: Final = 25
STRIDE: Final = 61
"""One trusted pixel in so many is kept: neighbours say the same."""
_MARGIN: Final = 12
_GRID: Final = 8


@dataclass(frozen=True, slots=True)
class Condition:
    """What lies between the lens and the method; without a camera, one is drawn for each scene."""

    name: str
    camera: Camera | None


CONDITIONS: Final = (
    Condition("clean", Camera()),
    *(Condition(f"JPEG {q}", Camera(codec="jpeg", quality=q)) for q in (95, 90, 75, 50, 30)),
    *(Condition(f"noise {p:g} %", Camera().with_noise(p / 100)) for p in (0.5, 1.0, 2.0)),
    Condition("as drawn", None),
)
"""JPEG is 4:2:0; noise is quoted at mid-gray; "as drawn" is the mixture that trainings see."""
MILD: Final = ("clean", "JPEG 95", "JPEG 90")


@dataclass(frozen=True, slots=True)
class PictureReading:
    """What the methods read at the sampled pixels of one picture.

    Attributes:
        scene: number of the scene.
        condition: name of the condition.
        edge_share: share of strong gradients in the scene's first condition.
        true: (N,) true blur in pixels, the pixel's own box included.
        textured: (N,) whether gradients within 12 px are strong; see :func:`is_textured`.
        read: by method, (N,) what it reads.
        confidence: by method, (N,) its confidence.
    """

    scene: int
    condition: str
    edge_share: float
    true: Values
    textured: Mask
    read: Mapping[str, Values]
    confidence: Mapping[str, Values]


def render_conditions(
    sources: Sources, seed: int, scene: int, size: int, conditions: Sequence[Condition] = CONDITIONS
) -> Iterator[tuple[Condition, Example]]:
    """One scene under each condition, `size` pixels squared; it depends on (seed, scene) alone."""
    rng = np.random.default_rng([seed, scene])
    drawn = draw_camera(rng)
    canvas = ceil((size + _GRID) / min(1.0, drawn.factor)) + 2 * _MARGIN
    behind_lens = draw_scene(rng, sources, canvas, procedural_share=0)
    offset = (int(rng.integers(_GRID)), int(rng.integers(_GRID)))
    for condition in conditions:
        camera = drawn if condition.camera is None else condition.camera
        noise = np.random.default_rng([seed, scene, 1])
        yield condition, _photograph(behind_lens, camera, noise, size, offset)


def _photograph(
    scene: Scene, camera: Camera, rng: np.random.Generator, size: int, offset: tuple[int, int]
) -> Example:
    """The middle of the file: the cut is the same whatever the camera draws from `rng`."""
    rgb, sigma, weight = scene.develop(camera, rng)
    middle = (min(rgb.shape[:2]) - size - _GRID) // 2
    cut = tuple(slice(middle + o, middle + o + size) for o in offset)
    return Example(rgb[cut].copy(), sigma[cut].copy(), weight[cut].copy())


def edge_share(rgb: npt.NDArray[np.uint8]) -> float:
    """Share of the pixels of `rgb`, (H, W, 3), whose gradient is strong."""
    return float((_squared_gradient(rgb) > STRONG_GRADIENT**2).mean())


def is_textured(rgb: npt.NDArray[np.uint8]) -> Mask:
    """(H, W), where `rgb`, (H, W, 3), is within 12 px neither flat, nor faint, nor much blurred."""
    energy = cv2.blur(_squared_gradient(rgb), (_AROUND, _AROUND))
    return np.asarray(energy > TEXTURED**2, np.bool_)


def _squared_gradient(rgb: npt.NDArray[np.uint8]) -> FloatMap:
    gray = cv2.transform(rgb.astype(np.float32), np.full((1, 3), 1 / (3 * 255)))
    across = cv2.Sobel(gray, cv2.CV_32F, 1, 0, scale=1 / 8)
    down = cv2.Sobel(gray, cv2.CV_32F, 0, 1, scale=1 / 8)
    return np.asarray(np.square(across) + np.square(down), np.float32)


def read_scenes(
    methods: Mapping[str, Estimator],
    sources: Sources,
    *,
    scenes: int,
    size: int,
    seed: int,
    conditions: Sequence[Condition] = CONDITIONS,
    progress: Progress | None = None,
) -> list[PictureReading]:
    """What `methods` read on `scenes` scenes under each condition, at trusted pixels.

    Those have a weight above 0.5 and a true blur of at most :data:`MAX_SIGMA`.
    """
    readings = []
    for scene in range(scenes):
        density: float | None = None
        for condition, example in render_conditions(sources, seed, scene, size, conditions):
            density = edge_share(example.rgb) if density is None else density
            rgb = example.rgb.astype(np.float32) * np.float32(1 / 255)
            places = np.flatnonzero((example.weight > 0.5) & (example.sigma <= MAX_SIGMA))[::STRIDE]
            maps = {name: method(rgb) for name, method in methods.items()}
            readings.append(
                PictureReading(
                    scene,
                    condition.name,
                    density,
                    with_pixel(example.sigma.ravel()[places]),
                    is_textured(example.rgb).ravel()[places],
                    {name: m.sigma.ravel()[places] for name, m in maps.items()},
                    {name: m.confidence.ravel()[places] for name, m in maps.items()},
                )
            )
        if progress is not None:
            progress(scene + 1, scenes)
    return readings
