"""From the light behind the lens to a file: what a camera and its software do to a picture.

The true `sigma` of this module is of all that spreads light before the pixel: the lens, and the
low-pass before the sensor (:func:`before_pixel`). Demosaicing, denoising, sharpening and
compression change how sharp a picture looks, but not sigma: an estimator trained on it learns to
ignore them. Resampling changes it, because its unit is the pixel (:func:`rescaled`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal

import cv2
import numpy as np
import numpy.typing as npt

from blurprint.arrays import FloatMap
from blurprint.errors import InputError
from blurprint.lens.lens import to_srgb
from blurprint.lens.pixel import PIXEL_VARIANCE

Picture = npt.NDArray[np.uint8]
Resample = Literal["area", "linear", "cubic", "lanczos"]

MID_GRAY: Final = 0.2140
"""Linear light of the sRGB value 0.5, where noise is quoted."""
MID_GRAY_SLOPE: Final = 1.075
"""Slope of the sRGB curve at mid-gray: noise in sRGB values over noise in linear light."""

_DEMOSAIC: Final = {
    "bilinear": cv2.COLOR_BayerRGGB2RGB,
    "edge-aware": cv2.COLOR_BayerRGGB2RGB_EA,
}
_INTERPOLATION: Final = {
    "area": cv2.INTER_AREA,
    "linear": cv2.INTER_LINEAR,
    "cubic": cv2.INTER_CUBIC,
    "lanczos": cv2.INTER_LANCZOS4,
}
_SUBSAMPLING: Final = {
    "4:2:0": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420,
    "4:4:4": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444,
}


@dataclass(frozen=True, slots=True)
class Camera:
    """Settings from light to file, in the order in which they act. The defaults do nothing.

    Attributes:
        gain: exposure, a factor on linear light; what exceeds 1 is clipped.
        balance: factors on red, green and blue.
        low_pass: Gaussian softening before the sensor (optical low-pass, micro-lenses), in pixels.
        mosaic: demosaicing of a Bayer sensor: "none" (three full channels), "bilinear" or
            "edge-aware".
        shot: variance of the shot noise per unit of linear light.
        read: standard deviation of the read noise, in linear light.
        denoise: range of a bilateral filter, in sRGB values; 0 for none.
        chroma_blur: Gaussian blur of the chroma, in pixels.
        gamma: exponent on sRGB values.
        contrast: share of the S-curve ``3 x^2 - 2 x^3`` mixed in; negative flattens.
        saturation: factor on the chroma; 0 is gray.
        sharpen: amount of the unsharp mask.
        sharpen_radius: sigma of its Gaussian, in pixels.
        factor: size of the file over the size on the sensor; it multiplies the whole sigma.
        resample: "area", "linear", "cubic" or "lanczos".
        codec: "png" (no loss: rounding to 8 bits alone), "jpeg" or "webp".
        quality: of JPEG and WebP, 1 to 100.
        subsampling: of the chroma in JPEG, "4:2:0" or "4:4:4".
    """

    gain: float = 1.0
    balance: tuple[float, float, float] = (1.0, 1.0, 1.0)
    low_pass: float = 0.0
    mosaic: Literal["none", "bilinear", "edge-aware"] = "none"
    shot: float = 0.0
    read: float = 0.0
    denoise: float = 0.0
    chroma_blur: float = 0.0
    gamma: float = 1.0
    contrast: float = 0.0
    saturation: float = 1.0
    sharpen: float = 0.0
    sharpen_radius: float = 0.8
    factor: float = 1.0
    resample: Resample = "area"
    codec: Literal["png", "jpeg", "webp"] = "png"
    quality: int = 95
    subsampling: Literal["4:2:0", "4:4:4"] = "4:2:0"

    def with_noise(self, mid_gray: float, read_share: float = 0.05) -> Camera:
        """This camera with a noise of `mid_gray` sRGB units (1 = full scale) at mid-gray.

        Args:
            mid_gray: standard deviation; 0.02 is a high ISO.
            read_share: share of the variance that is read noise, the rest is shot noise.
        """
        variance = (mid_gray / MID_GRAY_SLOPE) ** 2
        shot = (1 - read_share) * variance / MID_GRAY
        return replace(self, shot=shot, read=(read_share * variance) ** 0.5)

    def without_exposure(self) -> Camera:
        """What is left of this camera for a finished picture: no exposure, no tone or colour."""
        return replace(
            self, gain=1.0, balance=(1.0, 1.0, 1.0), gamma=1.0, contrast=0.0, saturation=1.0
        )


def develop(
    linear: FloatMap, sigma: FloatMap, camera: Camera, rng: np.random.Generator
) -> tuple[Picture, FloatMap]:
    """The file that `camera` makes of a picture behind the lens, decoded again, and its true blur.

    Shot noise is drawn from the Gaussian with the variance of the Poisson distribution, which it
    approaches at the photon counts of a photograph (Foi et al., *Practical Poissonian-Gaussian
    noise modeling and fitting for single-image raw-data*, TIP 2008, eq. 2).

    Args:
        linear: float32 (H, W, 3), linear light; 1 is white, more is clipped by the sensor.
        sigma: float32 (H, W), blur of the lens in pixels of `linear`.
        camera: what the camera does.
        rng: source of the noise.

    Returns:
        uint8 (H', W', 3), and float32 (H', W') blur before the pixel, in pixels of that picture
        (:mod:`blurprint.lens.pixel`), with ``H' = round(factor H)``.

    Raises:
        InputError: if the shapes do not fit together.

    >>> gray, sigma = np.full((64, 64, 3), 0.2, np.float32), np.ones((64, 64), np.float32)
    >>> camera = Camera(factor=0.5, codec="jpeg", quality=80)
    >>> rgb, sigma = develop(gray, sigma, camera, np.random.default_rng(0))
    >>> rgb.shape, float(sigma[0, 0])
    ((32, 32, 3), 0.5)
    """
    if linear.ndim != 3 or linear.shape[2] != 3 or sigma.shape != linear.shape[:2]:
        raise InputError(f"Expected (H, W, 3) and (H, W), but got {linear.shape} and {sigma.shape}")
    light = linear * (np.float32(camera.gain) * np.asarray(camera.balance, np.float32))
    encoded = to_srgb(_expose(light, camera, rng))
    encoded = _grade(_clean(encoded, camera), camera)
    if camera.sharpen:
        soft = cv2.GaussianBlur(encoded, (0, 0), camera.sharpen_radius)
        encoded = cv2.addWeighted(encoded, 1 + camera.sharpen, soft, -camera.sharpen, 0)
    encoded = resize(encoded, camera)
    eight = np.clip(encoded * 255 + 0.5, 0, 255).astype(np.uint8)
    sigma = resize(before_pixel(sigma, camera), camera)
    return encode(eight, camera), rescaled(sigma, camera.factor, camera.resample)


def before_pixel(sigma: FloatMap, camera: Camera) -> FloatMap:
    """Blur before the pixel, of any shape, px: of the lens and of the camera's low-pass."""
    if not camera.low_pass:
        return sigma
    return np.sqrt(np.square(sigma) + np.float32(camera.low_pass**2))


def rescaled(sigma: FloatMap, factor: float, resample: Resample) -> FloatMap:
    """Lens sigma, px of the new size, where it was `sigma` px before resizing by `factor`.

    What scales is the whole spread with the old pixel in it, and the interpolation adds its own
    variance v in old px^2: ``new^2 + 1/12 = factor^2 (old^2 + 1/12 + v)``. Linear interpolation is
    a triangle, v = 1/6. Areas (boxes of ``1 / factor``) make that ``factor * old`` when they
    shrink. Cubic and Lanczos count as v = 0: their negative lobes sharpen, which changes no sigma.
    What is left under a pixel counts as 0.
    """
    if factor == 1:
        return sigma
    square = factor**2
    added = {"area": abs(1 / square - 1) / 12, "linear": 1 / 6, "cubic": 0.0, "lanczos": 0.0}
    fixed = PIXEL_VARIANCE * (square - 1) + square * added[resample]
    if abs(fixed) < 1e-9:  # areas that shrink, but for rounding
        return sigma * np.float32(factor)
    return np.sqrt(np.maximum(np.float32(square) * np.square(sigma) + np.float32(fixed), 0))


def resize(image: FloatMap, camera: Camera) -> FloatMap:
    """`image`, float32 (H, W) or (H, W, C), at the size of the file.

    Maps (H, W) are always interpolated linearly: they must not ring.
    """
    if camera.factor == 1:
        return image
    height, width = image.shape[:2]
    shape = (max(1, round(width * camera.factor)), max(1, round(height * camera.factor)))
    how = cv2.INTER_LINEAR if image.ndim == 2 else _INTERPOLATION[camera.resample]
    return cv2.resize(image, shape, interpolation=how)


def encode(picture: Picture, camera: Camera) -> Picture:
    """`picture`, uint8 (H, W, 3) RGB, after the loss of the camera's codec."""
    if camera.codec == "png":
        return picture
    if camera.codec == "jpeg":
        suffix = ".jpg"
        options = [cv2.IMWRITE_JPEG_QUALITY, camera.quality]
        options += [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, _SUBSAMPLING[camera.subsampling]]
    else:
        suffix = ".webp"
        options = [cv2.IMWRITE_WEBP_QUALITY, camera.quality]
    _, code = cv2.imencode(suffix, cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), options)
    decoded = cv2.imdecode(code, cv2.IMREAD_COLOR)
    return cv2.cvtColor(decoded, cv2.COLOR_BGR2RGB)


def _expose(light: FloatMap, camera: Camera, rng: np.random.Generator) -> FloatMap:
    """What the sensor reads of `light`: softened, mosaicked, noisy, clipped, demosaicked."""
    if camera.low_pass:
        light = cv2.GaussianBlur(light, (0, 0), camera.low_pass)
    if camera.mosaic == "none":
        return _noisy(light, camera, rng)
    raw = light[..., 1].copy()
    raw[::2, ::2] = light[::2, ::2, 0]
    raw[1::2, 1::2] = light[1::2, 1::2, 2]
    raw = _noisy(raw, camera, rng)
    counts = np.clip(raw * 65535 + 0.5, 0, 65535).astype(np.uint16)
    full = cv2.demosaicing(counts, _DEMOSAIC[camera.mosaic])
    return np.asarray(full, np.float32) * np.float32(1 / 65535)


def _noisy(light: FloatMap, camera: Camera, rng: np.random.Generator) -> FloatMap:
    if camera.shot or camera.read:
        spread = np.sqrt(np.maximum(light, 0) * np.float32(camera.shot) + camera.read**2)
        light = light + spread * rng.standard_normal(light.shape, np.float32)
    return np.clip(light, 0, 1)


def _clean(encoded: FloatMap, camera: Camera) -> FloatMap:
    if camera.denoise:
        encoded = cv2.bilateralFilter(encoded, 5, camera.denoise, 1.5)
    if camera.chroma_blur:
        luma, red, blue = cv2.split(cv2.cvtColor(encoded, cv2.COLOR_RGB2YCrCb))
        red = cv2.GaussianBlur(red, (0, 0), camera.chroma_blur)
        blue = cv2.GaussianBlur(blue, (0, 0), camera.chroma_blur)
        encoded = cv2.cvtColor(cv2.merge([luma, red, blue]), cv2.COLOR_YCrCb2RGB)
    return encoded


def _grade(encoded: FloatMap, camera: Camera) -> FloatMap:
    if camera.gamma != 1:
        encoded = cv2.pow(np.clip(encoded, 0, 1), camera.gamma)
    if camera.contrast:
        curve = encoded * encoded * (3 - 2 * encoded)
        encoded = cv2.addWeighted(encoded, 1 - camera.contrast, curve, camera.contrast, 0)
    if camera.saturation != 1:
        gray = cv2.cvtColor(cv2.cvtColor(encoded, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
        share = camera.saturation
        encoded = cv2.addWeighted(encoded, share, gray, 1 - share, 0)
    return encoded
