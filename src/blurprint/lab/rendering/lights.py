"""Lights out of focus: disks that the sensor clips, brighter than all around them."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from blurprint.arrays import FloatMap
from blurprint.lab.rendering.draw_lens import DrawLens, oval_of
from blurprint.lab.rendering.scenes import Scene, Sources
from blurprint.lab.rendering.shapes import draw_outline
from blurprint.lens.lens import Layer, compose, sigma_of_disk

RADII: Final = (4.0, 20.0)
"""Radius of a disk that a light becomes, in pixels, uniform in its logarithm."""
_FINE: Final = 4


def draw_lights(rng: np.random.Generator, size: int) -> FloatMap:
    """Small lights, float32 (size, size, 3), linear light that is 0 between them.

    3 to 60 lights of 0.4 to 2.5 px radius, warm, white or coloured; one of radius 1 px has 20 to
    3000 times the light of a white pixel, so that its disk of 10 px is clipped or nearly so.
    """
    light = np.zeros((size, size, 3), np.float32)
    canvas = np.zeros((size * _FINE, size * _FINE), np.uint8)
    for _ in range(int(np.exp(rng.uniform(np.log(3), np.log(60))))):
        canvas[:] = 0
        place = rng.integers(0, size * _FINE, 2)
        radius = max(1, round(float(np.exp(rng.uniform(np.log(0.4), np.log(2.5)))) * _FINE))
        top, left = (max(0, int(p) // _FINE - 4) for p in place[::-1])
        rows, columns = slice(top, top + 9), slice(left, left + 9)
        near = canvas[top * _FINE : (top + 9) * _FINE, left * _FINE : (left + 9) * _FINE]
        cv2.circle(canvas, (int(place[0]), int(place[1])), radius, 255, -1)
        shape = (near.shape[1] // _FINE, near.shape[0] // _FINE)
        dot = cv2.resize(near, shape, interpolation=cv2.INTER_AREA).astype(np.float32) / 255
        colour = np.exp(rng.normal(0, 0.5, 3)) * np.array([1.2, 1.0, 0.7])
        power = np.exp(rng.uniform(np.log(20), np.log(3000)))
        light[rows, columns] += dot[..., None] * (power * colour / colour.max()).astype(np.float32)
    return light


def draw_lights_scene(
    rng: np.random.Generator, sources: Sources, size: int, draw_lens: DrawLens
) -> Scene:
    """A dark photograph with lights, out of focus, behind something sharper in half of the draws.

    The blur is the same for lights and what is around them: a disk of a radius from :data:`RADII`.
    """
    lens = draw_lens(rng).aperture
    sigma = sigma_of_disk(float(np.exp(rng.uniform(*np.log(RADII)))))
    patch = sources.draw(rng, size)
    dark = np.float32(np.exp(rng.uniform(np.log(0.03), np.log(0.6))))
    layers = [Layer(patch.linear * dark + draw_lights(rng, size), sigma)]
    trust = [patch.trust]
    if rng.random() < 0.5:
        front = sources.draw(rng, size)
        gain = np.float32(np.exp(rng.uniform(np.log(0.15), 0)))
        near = float(rng.uniform(0, 1.2))
        layers.append(Layer(front.linear * gain, near, draw_outline(rng, size)))
        trust.append(front.trust)
    seen = compose(layers, lens)
    sharp = np.take_along_axis(np.stack(trust), seen.layer[None].astype(np.intp), axis=0)[0]
    return Scene(seen.rgb, seen.sigma, seen.weight * sharp, oval=oval_of(lens, seen.sigma))
