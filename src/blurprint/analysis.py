"""Photo to report: the whole way of the data, in one call."""

from __future__ import annotations

from blurprint.evidence.measure import measure_evidence
from blurprint.evidence.measure_faces import measure_faces
from blurprint.faces.find_faces_of import find_faces_of
from blurprint.optics.estimate import estimate_defocus
from blurprint.optics.methods import DEFAULT_METHOD
from blurprint.photos.photo import PhotoLike, as_photo
from blurprint.provenance.read import provenance_of
from blurprint.report.report import Report
from blurprint.score.score import NO_SCORE


def analyze(photo: PhotoLike, method: str = DEFAULT_METHOD) -> Report:
    """Measure the blur of a photograph and say what it shows.

    Args:
        photo: what :func:`blurprint.read_photo` returns; or a path or the bytes of a file, which
            are read by it; or an array or a picture of Pillow's, as :meth:`Photo.from_array` takes
            them, at its own size.
        method: how blur is estimated; see :func:`blurprint.estimate_defocus`.

    Returns:
        A :class:`Report` with ``.defocus``, ``.evidence``, ``.faces`` and ``.score``; beside these,
        in ``.provenance``, where the file comes from (:func:`blurprint.read_provenance`), as far as
        it is still where it was read.

    Raises:
        InputError: if `method` is unknown, or the array has the wrong type, shape or range.
        PhotoError: if a file cannot be read.

    >>> import numpy as np
    >>> report = analyze(np.full((64, 64, 3), 128, np.uint8))
    >>> report.score.label, report.score.value
    ('unsure', None)
    """
    file = bytes(photo) if isinstance(photo, (bytes, bytearray, memoryview)) else None
    photo = as_photo(photo)
    defocus = estimate_defocus(photo, method=method)
    return Report(
        photo=photo,
        defocus=defocus,
        evidence=measure_evidence(defocus),
        score=NO_SCORE,
        provenance=provenance_of(photo, file),
        faces=measure_faces(photo, defocus, find_faces_of(photo)),
    )
