"""Colours of other spaces to sRGB's: by the profile in the file, its gamma, or CIELAB."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from blurprint.arrays import FloatMap

if TYPE_CHECKING:
    from PIL.ImageCms import ImageCmsProfile

RGB8 = npt.NDArray[np.uint8]

# About 1 %, far below the contrast of an edge: docs/thresholds.md.
SAME: Final = 3
"""Levels of 255 by which the colours of a profile may differ from sRGB's and count as sRGB."""
SRGB_GAMMA: Final = 1 / 2.2
_STEPS: Final = np.linspace(0, 255, 9).astype(np.uint8)
_NOT_USED: Final = "The colour profile in the file is damaged or of another kind; it was not used."


def by_profile(
    pixels: npt.NDArray[np.uint8], profile: bytes, mode: str
) -> tuple[RGB8 | None, str | None]:
    """Pixels in sRGB by an ICC profile.

    Args:
        pixels: uint8 (H, W) for mode "L", (H, W, 3) for "RGB", (H, W, 4) for "CMYK".
        profile: as it stands in the file.
        mode: one of these three.

    Returns:
        uint8 (H, W, 3), or None where the profile is sRGB's but for :data:`SAME` levels, or cannot
        be used; and what must be known of that.
    """
    from PIL import Image, ImageCms

    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        transform = ImageCms.buildTransform(
            source,
            ImageCms.createProfile("sRGB"),
            mode,
            "RGB",
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        )
        if mode != "CMYK":
            probe = _probe(mode)
            seen = np.asarray(ImageCms.applyTransform(Image.fromarray(probe), transform))
            plain = probe if mode == "RGB" else probe[..., None]
            if np.abs(seen.astype(int) - plain.astype(int)).max() <= SAME:
                return None, None
        picture = Image.frombytes(mode, pixels.shape[1::-1], np.ascontiguousarray(pixels).tobytes())
        converted = ImageCms.applyTransform(picture, transform)
        if converted is None:
            return None, _NOT_USED
        name = _name(source)
        return np.asarray(converted), (
            f"Colours were converted to sRGB by the profile in the file{name}."
        )
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None, _NOT_USED


def lab_to_rgb(image: Any) -> Any:
    """A picture of Pillow's in CIELAB as sRGB."""
    from PIL import ImageCms

    return ImageCms.profileToProfile(
        image, ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"), outputMode="RGB"
    )


def by_gamma(rgb: FloatMap, gamma: float) -> tuple[FloatMap, str]:
    """Values of a PNG file's gamma chunk (gAMA) in those of sRGB: light is their power 1 / gamma.

    Args:
        rgb: float32 (H, W, 3) in [0, 1].
        gamma: above 0; sRGB's is about 1 / 2.2.
    """
    light = np.power(rgb, np.float32(1 / gamma))
    encoded = np.where(
        light <= 0.0031308, 12.92 * light, 1.055 * np.power(light, np.float32(1 / 2.4)) - 0.055
    )  # IEC 61966-2-1
    return encoded.clip(0, 1).astype(np.float32), (
        f"Values were converted to sRGB by the gamma that the file states (1/{1 / gamma:.2f})."
    )


def _probe(mode: str) -> npt.NDArray[np.uint8]:
    """Colours all over the space, or all grays."""
    if mode == "L":
        return np.arange(256, dtype=np.uint8)[None]
    grid = np.meshgrid(_STEPS, _STEPS, _STEPS, indexing="ij")
    return np.stack(grid, axis=-1).reshape(27, 27, 3)


def _name(profile: ImageCmsProfile) -> str:
    """In brackets, as one printable line; empty where the profile has no name."""
    from PIL import ImageCms

    try:
        text = ImageCms.getProfileDescription(profile)
    except (ImageCms.PyCMSError, ValueError):
        return ""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())[:60]
    return f" ({line})" if line else ""
