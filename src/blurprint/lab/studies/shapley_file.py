"""Attributions of many pictures as one ``.npz``.

It holds float32 ``dmaps`` (N, S, S), ``defocus_shaps`` (N, S, S), ``rgb_shaps`` (N, 3, R, R) or
(0, 3, 0, 0), and ``paths`` (N,) as text, under the names of the paper's authors, but without the
pickled objects of their files: ``numpy.load(file, allow_pickle=False)`` reads it.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np

from blurprint.arrays import FloatMap
from blurprint.errors import InputError


@dataclass(frozen=True, slots=True, eq=False)
class Shaps:
    """Maps and attributions of N pictures.

    Attributes:
        dmaps: (N, S, S), a map each, as the detector saw it.
        defocus_shaps: (N, S, S), of the defocus detector, summed over the three equal channels.
        rgb_shaps: (N, 3, R, R), of the RGB detector, or (0, 3, 0, 0) without one.
        paths: of the pictures.
    """

    dmaps: FloatMap
    defocus_shaps: FloatMap
    rgb_shaps: FloatMap
    paths: tuple[str, ...]

    def __post_init__(self) -> None:
        count = len(self.paths)
        if self.dmaps.ndim != 3 or len(self.dmaps) != count:
            raise InputError(f"Expected `dmaps` to be ({count}, S, S), but got {self.dmaps.shape}")
        if self.defocus_shaps.shape != self.dmaps.shape:
            raise InputError(
                f"Expected `defocus_shaps` to be {self.dmaps.shape}, but got "
                f"{self.defocus_shaps.shape}"
            )
        if (
            self.rgb_shaps.ndim != 4
            or self.rgb_shaps.shape[1] != 3
            or len(self.rgb_shaps) not in (0, count)
        ):
            raise InputError(
                f"Expected `rgb_shaps` to be ({count}, 3, R, R) or empty, but got "
                f"{self.rgb_shaps.shape}"
            )


def shaps_bytes(shaps: Shaps) -> bytes:
    """The content of the ``.npz``."""
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer,
        dmaps=shaps.dmaps.astype(np.float32, copy=False),
        defocus_shaps=shaps.defocus_shaps.astype(np.float32, copy=False),
        rgb_shaps=shaps.rgb_shaps.astype(np.float32, copy=False),
        paths=np.array(
            [path.encode("utf-8", "backslashreplace").decode() for path in shaps.paths], np.str_
        ),
    )
    return buffer.getvalue()
