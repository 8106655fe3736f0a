"""Whether a picture is made of dots: ordered dither, error diffusion, or the screen of a print.

Such dots are as sharp as a pixel wherever the lens was. Seen in the power spectra of blocks spread
over the picture, each divided by its own power beyond a low frequency, and of which the median over
the blocks is taken: what stands out is all over the picture. Dots in a regular pattern are peaks in
two directions, high over what is around them; dots of error diffusion, which keeps what is coarse
free of them (Ulichney, *Dithering with Blue Noise*, Proc. IEEE 1988), make a spectrum rise towards
the highest frequencies, where that of a photograph falls.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import cv2
import numpy as np

from blurprint.arrays import FloatMap

DITHERED: Final = (
    "The picture is made of dots, as dither or the screen of a print makes them, or a fine pattern"
    " repeats all over it, which looks the same: the dots hide the blur, and nothing counts as"
    " measured."
)
_SIDE: Final = 64
_ALONG: Final = 7
"""Blocks along each side of the picture, at most: 49 take some 5 ms in all."""
_FEWEST: Final = 4
_PIXEL: Final = np.full((1, 3), 1 / 3)
_WINDOW: Final = np.outer(np.hanning(_SIDE + 2)[1:-1], np.hanning(_SIDE + 2)[1:-1])
_ROWS: Final = np.fft.fftshift(np.fft.fftfreq(_SIDE))[:, None]
_COLUMNS: Final = np.fft.fftshift(np.fft.fftfreq(_SIDE))[None, :]
_RADIUS: Final = np.hypot(_ROWS, _COLUMNS)
_ANGLE: Final = np.arctan2(_ROWS, _COLUMNS)
_FINE: Final = _RADIUS > 0.09
"""Cycles a pixel: screens of up to 11 px; below, the scene itself has most of its power."""
_FINEST: Final = (_RADIUS > 0.4) & (np.minimum(np.abs(_ROWS), np.abs(_COLUMNS)) > 0.05)
"""But for upright and level lines of single pixels, which are no dots."""


class Spectrum(NamedTuple):
    """What the spectra of a picture's blocks have in common.

    Attributes:
        peak: power of the highest peak over the power around it.
        across: the same of the highest peak in another direction, at least 20 degrees from it; for
            a peak at the corner of the spectrum, a chequered pattern of single pixels, its own.
        amplitude: root of the power in the highest peak, 1 = full scale.
        rise: power beyond 0.4 cycles a pixel over that between 0.15 and 0.25.
        finest: power a frequency beyond 0.4 cycles a pixel; of white noise, its variance.
    """

    peak: float
    across: float
    amplitude: float
    rise: float
    finest: float


def is_dithered(rgb: FloatMap) -> bool:
    """Whether `rgb`, float32 (H, W, 3) in [0, 1], is made of dots; never below 128 px squared.

    The bounds call three of 1,108 photographs dotted, of which one is and two show a fence and a
    grille all over, and none of 1,549 portraits. Of 10 of them in Bayer's dither of 2 to 8 px and
    tones, blurred by 1 and 3 px, they find all, also after JPEG 75 and 95, and half after shrinking
    by 0.85; of those in one bit all; of halftones after JPEG 75 all.

    >>> import numpy as np
    >>> ramp = np.repeat(np.tile(np.linspace(0.2, 0.8, 256), (256, 1))[..., None], 3, axis=2)
    >>> threshold = np.tile([[1 / 8, 5 / 8], [7 / 8, 3 / 8]], (128, 128))[..., None]
    >>> is_dithered(ramp.astype(np.float32)), is_dithered((ramp > threshold).astype(np.float32))
    (False, True)
    """
    seen = spectrum(rgb)
    if seen is None:
        return False
    return (seen.peak > 10 and seen.across > 5 and seen.amplitude > 0.008) or (
        (seen.rise > 0.7 and seen.finest > 0.025) or (seen.rise > 1.6 and seen.finest > 0.0015)
    )


def spectrum(rgb: FloatMap) -> Spectrum | None:
    """The :class:`Spectrum` of `rgb`, float32 (H, W, 3); None where too few blocks hold detail."""
    power = _power(rgb)
    fine = power[:, _FINE].mean(axis=1) if len(power) else np.zeros(0)
    power = power[fine > 1e-6]
    if len(power) < _FEWEST:
        return None
    middle = (_RADIUS > 0.15) & (_RADIUS < 0.25)
    finest = power[:, _FINEST].mean(axis=1)
    rise = float(np.median(finest / np.maximum(power[:, middle].mean(axis=1), 1e-12)))

    total = power[:, _FINE].sum(axis=1)
    shares = _median_of_blocks(power / total[:, None, None])
    wrapped = np.pad(shares, 8, mode="wrap")  # frequencies beyond the highest come back below it
    inner, outer = (
        cv2.boxFilter(wrapped, cv2.CV_32F, (n, n), normalize=False)[8:-8, 8:-8] for n in (3, 13)
    )
    near = cv2.boxFilter(wrapped, cv2.CV_32F, (5, 5), normalize=False)[8:-8, 8:-8]
    around = np.maximum((outer - near) * (9 / (13**2 - 5**2)), 1e-9)
    ratio = np.where(_FINE, inner / around, 0)
    row, column = np.unravel_index(int(ratio.argmax()), ratio.shape)
    turned = np.abs(np.sin(_ANGLE - _ANGLE[row, column])) > np.sin(np.radians(20))
    peak = float(ratio[row, column])
    corner = _RADIUS[row, column] > 0.65
    return Spectrum(
        peak=peak,
        across=peak if corner else float(ratio[turned].max()),
        amplitude=float(np.sqrt(inner[row, column] * np.median(total)) / _SIDE),
        rise=rise,
        finest=float(np.median(finest)),
    )


def _median_of_blocks(planes: FloatMap) -> FloatMap:
    """Median over the first axis: by sorting short rows, a third of the time np.median takes."""
    rows = np.sort(planes.transpose(1, 2, 0).copy(), axis=2)
    count = len(planes)
    return np.asarray((rows[..., (count - 1) // 2] + rows[..., count // 2]) / 2, np.float32)


def _power(rgb: FloatMap) -> FloatMap:
    """Power spectra of blocks spread over the picture, (blocks, 64, 64), frequency 0 in the middle.

    Of white noise each is the noise's variance everywhere.
    """
    height, width = rgb.shape[:2]
    if min(height, width) < 2 * _SIDE:
        return np.zeros((0, _SIDE, _SIDE), np.float32)
    tops, lefts = (
        np.linspace(0, side - _SIDE, min(_ALONG, side // _SIDE)).astype(int)
        for side in (height, width)
    )
    blocks = np.stack(
        [
            cv2.transform(rgb[top : top + _SIDE, left : left + _SIDE], _PIXEL)
            for top in tops
            for left in lefts
        ]
    )
    blocks = (blocks - blocks.mean(axis=(1, 2), keepdims=True)) * _WINDOW.astype(np.float32)
    half = np.fft.rfft2(blocks)
    power = (half.real**2 + half.imag**2) / np.float32(np.square(_WINDOW).sum())
    # The other half mirrors this one through frequency 0, as that of any real picture does.
    mirrored = np.roll(power[:, ::-1, -2:0:-1], 1, axis=1)
    spectra = np.concatenate([power, mirrored], axis=2)
    return np.asarray(np.fft.fftshift(spectra, axes=(1, 2)), np.float32)
