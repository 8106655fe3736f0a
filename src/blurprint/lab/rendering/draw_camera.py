"""Cameras at random, as pictures on the web have them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from blurprint.lens.camera import Camera, Resample


def draw_camera(rng: np.random.Generator) -> Camera:
    """A camera at random, as pictures on the web have them: mostly mild, sometimes rough.

    Exposure within a stop in 60 % (the others clip nothing) and noise at mid-gray (none in 30 %,
    else log-uniform 0.1 to 2 %). In 65 %, processing: tone curve, colour, demosaicing in 45 %
    (edge-aware twice as often as bilinear), a low-pass of 0.2 to 0.6 px in 40 %, denoising in 15 %,
    chroma smoothing in 35 %, and sharpening up to 1.0 in 45 %. Resampling by 0.7 to 1.35 in 30 %,
    more often down; JPEG in 52 % and WebP in 8 % (quality 70-98 in 78 % of them, 45-70 in 15 %,
    30-45 in 7 %), the rest without loss.
    """
    camera = Camera(
        gain=float(np.exp(rng.normal(0, 0.25))),
        balance=tuple(np.exp(rng.normal(0, 0.05, 3)).tolist()),
    )
    if rng.random() < 0.4:
        camera = camera.without_exposure()
    noise = 0.0
    if rng.random() > 0.3:
        noise = float(np.exp(rng.uniform(np.log(0.001), np.log(0.02))))
        camera = camera.with_noise(noise, float(rng.uniform(0.02, 0.12)))
    if rng.random() < 0.65:
        camera = _draw_processing(camera, rng, noise)
    return _draw_file(camera, rng)


def _draw_processing(camera: Camera, rng: np.random.Generator, noise: float) -> Camera:
    """From the raw sensor to a finished picture."""
    camera = replace(
        camera,
        gamma=float(np.exp(rng.normal(0, 0.12))),
        contrast=float(rng.uniform(-0.25, 0.6)) if rng.random() < 0.7 else 0.0,
        saturation=0.0 if rng.random() < 0.04 else float(np.exp(rng.normal(0, 0.2))),
    )
    if rng.random() < 0.4:
        camera = replace(camera, low_pass=float(rng.uniform(0.2, 0.6)))
    if rng.random() < 0.45:
        edge_aware = rng.random() < 2 / 3
        camera = replace(camera, mosaic="edge-aware" if edge_aware else "bilinear")
    if rng.random() < 0.15:
        camera = replace(camera, denoise=float(rng.uniform(1, 3)) * max(noise, 0.004))
    if rng.random() < (0.6 if camera.mosaic != "none" else 0.15):
        camera = replace(camera, chroma_blur=float(rng.uniform(0.5, 1.8)))
    if rng.random() < 0.45:
        amount, radius = float(rng.uniform(0.1, 1.0)), float(rng.uniform(0.5, 1.3))
        camera = replace(camera, sharpen=amount, sharpen_radius=radius)
    return camera


def _draw_file(camera: Camera, rng: np.random.Generator) -> Camera:
    """Resampling and codec."""
    if rng.random() < 0.3:
        down = rng.random() < 0.65
        factor = float(rng.uniform(0.7, 1.0) if down else rng.uniform(1.0, 1.35))
        ways: list[Resample]
        ways = ["area", "cubic", "lanczos"] if down else ["linear", "cubic", "lanczos"]
        camera = replace(camera, factor=factor, resample=ways[int(rng.integers(len(ways)))])
    kind = rng.random()
    if kind >= 0.6:
        return camera
    rough = rng.random()
    low, high = (70, 98) if rough < 0.78 else (45, 70) if rough < 0.93 else (30, 45)
    return replace(
        camera,
        codec="jpeg" if kind < 0.52 else "webp",
        quality=int(rng.integers(low, high + 1)),
        subsampling="4:2:0" if rng.random() < 0.6 else "4:4:4",
    )
