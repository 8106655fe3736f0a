"""Photo to report: the whole way of the data, in one call."""

from __future__ import annotations

from typing import Any

import numpy.typing as npt

from blurprint.evidence.measure import measure_evidence
from blurprint.optics.estimate import DEFAULT_METHOD, estimate_defocus
from blurprint.photo import Photo
from blurprint.report.report import Report
from blurprint.score.score import NO_SCORE


def analyze(photo: Photo | npt.NDArray[Any], method: str = DEFAULT_METHOD) -> Report:
    """Measure the blur of a photograph and say what it shows.

    Args:
        photo: what :func:`blurprint.read_photo` returns, or an array: uint8 (H, W, 3), or floats
            (H, W, 3) in [0, 1].
        method: how blur is estimated; see :func:`blurprint.estimate_defocus`.

    Returns:
        A :class:`Report` with ``.defocus``, ``.evidence`` and ``.score``.

    Raises:
        InputError: if `method` is unknown, or the array has the wrong type, shape or range.

    >>> import numpy as np
    >>> report = analyze(np.full((64, 64, 3), 128, np.uint8))
    >>> report.score.label, report.score.value
    ('unsure', None)
    """
    if not isinstance(photo, Photo):
        photo = Photo.from_array(photo)
    defocus = estimate_defocus(photo, method=method)
    return Report(
        photo=photo,
        defocus=defocus,
        evidence=measure_evidence(defocus),
        score=NO_SCORE,
    )
