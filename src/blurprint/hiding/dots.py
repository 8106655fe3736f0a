"""Whether a picture is made of dots: ordered dither, error diffusion, or the screen of a print.

Such dots are as sharp as a pixel wherever the lens was. Seen in the power spectra of blocks spread
over the picture, each divided by its own power beyond a low frequency, and of which the median over
the blocks is taken: what stands out is all over the picture. Dots in a regular pattern are peaks in
two directions, high over what is around them; dots of error diffusion, which keeps what is coarse
free of them (Ulichney, *Dithering with Blue Noise*, Proc. IEEE 1988), make a spectrum rise towards
the highest frequencies, where that of a photograph falls.
"""

from __future__ import annotations

from itertools import product
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
_WINDOW32: Final = _WINDOW.astype(np.float32)
_ROWS: Final = np.fft.fftshift(np.fft.fftfreq(_SIDE))[:, None]
_COLUMNS: Final = np.fft.fftshift(np.fft.fftfreq(_SIDE))[None, :]
_RADIUS: Final = np.hypot(_ROWS, _COLUMNS)
_ANGLE: Final = np.arctan2(_ROWS, _COLUMNS)
_FINE: Final = _RADIUS > 0.09
"""Cycles a pixel: screens of up to 11 px; below, the scene itself has most of its power."""
_MIDDLE: Final = (_RADIUS > 0.15) & (_RADIUS < 0.25)
_FINEST: Final = (_RADIUS > 0.4) & (np.minimum(np.abs(_ROWS), np.abs(_COLUMNS)) > 0.05)
"""But for upright and level lines of single pixels, which are no dots."""
_HALF: Final = _SIDE // 2 + 1
_TIMES: Final = np.array([1, *[2] * (_HALF - 2), 1])
"""How often the spectrum of a real block has each column of its half: once more mirrored."""
_EACH: Final = np.arange(_SIDE * _HALF).reshape(_SIDE, _HALF)
_WHOLE: Final = np.pad(
    np.fft.fftshift(np.concatenate([_EACH, np.roll(_EACH[::-1, -2:0:-1], 1, axis=0)], axis=1)),
    8,
    mode="wrap",
)
"""Where the half of a spectrum has each place of the whole, frequency 0 in the middle.

The other half mirrors it through frequency 0; frequencies beyond the highest, 8 places around all,
come back below it.
"""
_SUMS: Final = np.stack(
    [
        (np.fft.ifftshift(of)[:, :_HALF] * _TIMES / mean).ravel()
        for of, mean in ((_FINE, 1), (_MIDDLE, _MIDDLE.sum()), (_FINEST, _FINEST.sum()))
    ],
    axis=1,
).astype(np.float32)
"""What the halves are multiplied by for the sum of the first kind and the means of the others."""


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
    if len(power) < _FEWEST:
        return None
    sums = power @ _SUMS
    detailed = sums[:, 0] > 1e-6 * np.count_nonzero(_FINE)
    if not detailed.all():
        power, sums = power[detailed], sums[detailed]
    if len(power) < _FEWEST:
        return None
    total, middle, finest = np.ascontiguousarray(sums.T)
    rise = float(_median(finest / np.maximum(middle, np.float32(1e-12))))

    power /= total[:, None]
    wrapped = _median(np.ascontiguousarray(power.T))[_WHOLE]
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
        amplitude=float(np.sqrt(inner[row, column] * _median(total)) / _SIDE),
        rise=rise,
        finest=float(_median(finest)),
    )


def _median(values: FloatMap) -> FloatMap:
    """Median over the last axis: by sorting short rows, a third of the time np.median takes."""
    rows, count = np.sort(values), values.shape[-1]
    return np.asarray((rows[..., (count - 1) // 2] + rows[..., count // 2]) / 2, np.float32)


def _power(rgb: FloatMap) -> FloatMap:
    """Power spectra of blocks spread over the picture, (blocks, 64 * 33), half of each.

    Of white noise each is the noise's variance everywhere.
    """
    height, width = rgb.shape[:2]
    if min(height, width) < 2 * _SIDE:
        return np.zeros((0, _SIDE * _HALF), np.float32)
    tops, lefts = (
        np.linspace(0, side - _SIDE, min(_ALONG, side // _SIDE)).astype(int)
        for side in (height, width)
    )
    packed = np.empty((len(tops) * len(lefts), _SIDE, _SIDE), np.float32)
    for place, (top, left) in enumerate(product(tops, lefts)):
        block = cv2.transform(rgb[top : top + _SIDE, left : left + _SIDE], _PIXEL)
        block -= np.float32(cv2.mean(block)[0])
        block *= _WINDOW32
        seen = cv2.dft(block)  # a tenth of the time that np.fft takes
        cv2.mulSpectrums(seen, seen, 0, packed[place], conjB=True)
    packed /= np.float32(np.square(_WINDOW).sum())
    return _unpacked(packed).reshape(len(packed), -1)


def _unpacked(packed: FloatMap) -> FloatMap:
    """Halves of spectra, (N, 64, 33), of what :func:`cv2.dft` gives in place of them, (N, 64, 64).

    It has each number once: between the first column and the last the real and the imaginary part
    in turns, and these two columns, which mirror themselves, in the same way downwards.
    """
    half = np.empty((len(packed), _SIDE, _HALF), np.float32)
    half[..., 1:-1] = packed[..., 1:-1:2]
    for column in (0, -1):
        half[:, 0, column] = packed[:, 0, column]
        half[:, 1 : _HALF - 1, column] = packed[:, 1:-1:2, column]
        half[:, _HALF - 1, column] = packed[:, -1, column]
        half[:, _HALF:, column] = half[:, _HALF - 2 : 0 : -1, column]
    return half
