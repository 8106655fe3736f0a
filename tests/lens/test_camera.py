"""From light to file: what each step of the camera must and must not do."""

from __future__ import annotations

import numpy as np
import pytest
from skimage import data

from blurprint.errors import InputError
from blurprint.lab.rendering.draw_camera import draw_camera
from blurprint.lens.camera import MID_GRAY, Camera, develop, rescaled, resize
from blurprint.lens.lens import blur, to_linear
from blurprint.lens.pixel import PIXEL_VARIANCE, with_pixel

SIZE = 120


def scene() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """8-bit values, their linear light, and a sigma map."""
    eight = np.ascontiguousarray(data.astronaut()[:SIZE, 100 : 100 + SIZE])
    sigma = np.tile(np.linspace(0, 3, SIZE, dtype=np.float32), (SIZE, 1))
    return eight, to_linear(eight.astype(np.float32) / 255), sigma


def shoot(camera: Camera, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    _, linear, sigma = scene()
    return develop(linear, sigma, camera, np.random.default_rng(seed))


def test_the_default_camera_gives_the_picture_back():
    eight, _, sigma = scene()
    rgb, same = shoot(Camera())
    assert rgb.dtype == np.uint8
    assert np.array_equal(rgb, eight)
    assert np.array_equal(same, sigma)


NOT_DEFOCUS = [
    Camera(gain=0.7, balance=(1.1, 1.0, 0.9)),
    Camera(mosaic="bilinear"),
    Camera(mosaic="edge-aware"),
    Camera().with_noise(0.02),
    Camera(denoise=0.03),
    Camera(chroma_blur=1.0),
    Camera(gamma=1.2, contrast=0.5, saturation=1.3),
    Camera(sharpen=0.8),
    Camera(codec="jpeg", quality=60),
    Camera(codec="webp", quality=60),
]


@pytest.mark.parametrize("camera", NOT_DEFOCUS, ids=str)
def test_what_is_not_defocus_changes_the_picture_and_not_the_truth(camera):
    eight, _, sigma = scene()
    rgb, same = shoot(camera)
    assert rgb.shape == eight.shape
    assert 0.1 < np.abs(rgb.astype(float) - eight).mean() < 50
    assert np.array_equal(same, sigma)


def test_the_low_pass_spreads_light_before_the_pixel_as_the_lens_does():
    rgb, sigma = shoot(Camera(low_pass=0.5))
    eight, _, before = scene()
    assert np.allclose(np.square(sigma), np.square(before) + 0.25, atol=1e-5)
    assert np.abs(rgb.astype(float) - eight).mean() > 0.1


@pytest.mark.parametrize("resample", ["linear", "cubic", "lanczos"])
def test_twice_the_size_is_twice_the_whole_spread(resample):
    """The old pixel becomes two wide, so that even a perfect lens leaves 0.5 px."""
    rgb, sigma = shoot(Camera(factor=2.0, resample=resample))
    _, _, before = scene()
    assert rgb.shape == (2 * SIZE, 2 * SIZE, 3)
    assert sigma.shape == (2 * SIZE, 2 * SIZE)
    spread = np.square(with_pixel(before[:, 1:-1])) + (1 / 6 if resample == "linear" else 0)
    assert np.abs(with_pixel(sigma[::2, 2:-2:2]) - 2 * np.sqrt(spread)).max() < 0.03


@pytest.mark.parametrize(("resample", "factor"), [("linear", 3.0), ("lanczos", 2.0), ("area", 0.5)])
def test_points_spread_on_resizing_as_is_told(resample, factor):
    """Mean over phases of the second moment that a point gains, in new pixels."""
    camera, added = Camera(factor=factor, resample=resample), []
    for place in range(20, 26):
        point = np.zeros((4, 48, 3), np.float32)
        point[:, place] = 1
        row = resize(point, camera)[0, :, 0].astype(float)
        at = (np.arange(len(row)) + 0.5) - (place + 0.5) * factor
        added.append((row @ at**2) / row.sum())
    told = float(rescaled(np.float32([5.0]), factor, resample)[0])
    # The old box scales to factor^2 / 12, and the new one is no part of sigma.
    gained = np.mean(added) + PIXEL_VARIANCE * (factor**2 - 1)
    assert told**2 - (5 * factor) ** 2 == pytest.approx(gained, abs=0.2 * factor**2 / 6)


def test_half_the_size_is_half_the_blur_of_a_real_step():
    step = np.full((SIZE, SIZE, 3), 0.1, np.float32)
    step[:, SIZE // 2 :] = 0.6
    field = np.full((SIZE, SIZE), 4.0, np.float32)
    camera = Camera(factor=0.5, resample="area")
    rgb, sigma = develop(blur(step, 4.0), field, camera, np.random.default_rng(0))
    assert np.allclose(sigma, 2.0)
    row = to_linear(rgb.astype(np.float32) / 255)[SIZE // 4, :, 1].astype(float)
    line = np.diff(row) / (row[-1] - row[0])
    at = np.arange(len(line))
    assert np.sqrt(line @ (at - line @ at) ** 2) == pytest.approx(2.0, rel=0.05)


@pytest.mark.parametrize("noise", [0.005, 0.01, 0.02])
def test_noise_at_mid_gray_is_what_was_asked_for(noise):
    gray = np.full((200, 200, 3), MID_GRAY, np.float32)
    camera = Camera().with_noise(noise)
    rgb, _ = develop(gray, gray[..., 0], camera, np.random.default_rng(0))
    assert rgb.std() / 255 == pytest.approx(noise, rel=0.05)
    assert rgb.mean() / 255 == pytest.approx(0.5, abs=0.002)


def test_shot_noise_grows_with_the_root_of_the_light():
    camera = Camera(shot=1e-3)
    spread = []
    for light in (0.1, 0.4):
        flat = np.full((200, 200, 3), light, np.float32)
        rgb, _ = develop(flat, flat[..., 0], camera, np.random.default_rng(0))
        spread.append(to_linear(rgb.astype(np.float32) / 255).std())
    assert spread[1] / spread[0] == pytest.approx(2, rel=0.05)


@pytest.mark.parametrize("mosaic", ["bilinear", "edge-aware"])
def test_demosaicing_keeps_colours_where_they_do_not_change(mosaic):
    flat = np.empty((40, 40, 3), np.float32)
    flat[:] = to_linear(np.float32([0.8, 0.4, 0.2]))
    camera = Camera(mosaic=mosaic)
    rgb, _ = develop(flat, flat[..., 0], camera, np.random.default_rng(0))
    assert np.abs(rgb.astype(int) - [204, 102, 51]).max() <= 1


def gradient_energy(rgb: np.ndarray) -> float:
    return float(np.square(np.diff(rgb.astype(float), axis=1)).mean())


def test_softening_softens_and_sharpening_sharpens():
    plain, _ = shoot(Camera())
    for softer in (Camera(low_pass=0.5), Camera(mosaic="bilinear")):
        assert gradient_energy(shoot(softer)[0]) < 0.95 * gradient_energy(plain)
    assert gradient_energy(shoot(Camera(sharpen=0.8))[0]) > 1.2 * gradient_energy(plain)


def test_lower_quality_and_less_chroma_lose_more():
    eight, _, _ = scene()

    def loss(**settings: object) -> float:
        rgb, _ = shoot(Camera(codec="jpeg", **settings))
        return float(np.abs(rgb.astype(float) - eight).mean())

    assert loss(quality=95) < loss(quality=75) < loss(quality=30)
    assert loss(quality=95, subsampling="4:4:4") < loss(quality=95, subsampling="4:2:0")


def test_the_sensor_clips_before_the_tone_curve():
    white = np.full((16, 16, 3), 5.0, np.float32)
    rgb, _ = develop(white, white[..., 0], Camera(gamma=1.2), np.random.default_rng(0))
    assert rgb.min() == 255


def test_gray_cameras_give_gray():
    rgb, _ = shoot(Camera(saturation=0.0))
    assert np.ptp(rgb.astype(int), axis=2).max() <= 1


def test_one_seed_gives_one_file():
    for seed in range(20):
        camera = draw_camera(np.random.default_rng(seed))
        assert camera == draw_camera(np.random.default_rng(seed))
        one, other = shoot(camera, seed), shoot(camera, seed)
        assert np.array_equal(one[0], other[0]) and np.array_equal(one[1], other[1])
    noisy = Camera().with_noise(0.01)
    assert not np.array_equal(shoot(noisy, 0)[0], shoot(noisy, 1)[0])


def test_drawn_cameras_have_the_shares_that_are_documented():
    rng = np.random.default_rng(0)
    cameras = [draw_camera(rng) for _ in range(4000)]

    def share(wanted: object) -> float:
        return float(np.mean([wanted(camera) for camera in cameras]))

    assert share(lambda c: c.codec == "jpeg") == pytest.approx(0.52, abs=0.03)
    assert share(lambda c: c.codec == "png") == pytest.approx(0.40, abs=0.03)
    # Processing in 65 %: of these, demosaicing in 45 %, a low-pass in 40 %, sharpening in 45 %.
    assert share(lambda c: c.saturation != 1) == pytest.approx(0.65, abs=0.03)
    assert share(lambda c: c.mosaic != "none") == pytest.approx(0.65 * 0.45, abs=0.03)
    assert share(lambda c: c.low_pass > 0) == pytest.approx(0.65 * 0.40, abs=0.03)
    assert share(lambda c: c.sharpen > 0) == pytest.approx(0.65 * 0.45, abs=0.03)
    assert share(lambda c: c.gain == 1) == pytest.approx(0.40, abs=0.03)
    assert share(lambda c: c.shot == 0) == pytest.approx(0.30, abs=0.03)
    assert share(lambda c: c.factor != 1) == pytest.approx(0.30, abs=0.03)
    assert all(30 <= c.quality <= 98 for c in cameras if c.codec != "png")
    assert all(0.7 <= c.factor <= 1.35 for c in cameras)


def test_mistakes_are_told():
    _, linear, sigma = scene()
    with pytest.raises(InputError, match="Expected"):
        develop(linear, sigma[:-1], Camera(), np.random.default_rng(0))
