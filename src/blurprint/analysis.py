"""Photo to report: the whole way of the data, in one call."""

from __future__ import annotations

from blurprint.evidence.file_check import facts_in
from blurprint.evidence.measure import measure_evidence
from blurprint.evidence.measure_faces import measure_faces
from blurprint.faces.find_faces_of import find_faces_of
from blurprint.optics.defocus_map import DefocusMap
from blurprint.optics.estimate import estimate_defocus
from blurprint.optics.methods import DEFAULT_METHOD
from blurprint.photos.photo import Photo, PhotoLike, as_photo
from blurprint.provenance.read import provenance_of
from blurprint.report.report import Report
from blurprint.score.calibration import checked_prior
from blurprint.score.photo_score import score_of
from blurprint.score.policy import DEFAULT_PRIOR
from blurprint.score.score import NO_SCORE
from blurprint.weights.card import ships


def analyze(
    photo: PhotoLike, method: str = DEFAULT_METHOD, *, prior: float = DEFAULT_PRIOR
) -> Report:
    """Measure the blur of a photograph, judge its faces, and say what that shows.

    Args:
        photo: what :func:`blurprint.read_photo` returns; or a path or the bytes of a file, which
            are read by it; or an array or a picture of Pillow's, as :meth:`Photo.from_array` takes
            them, at its own size.
        method: how blur is estimated; see :func:`blurprint.estimate_defocus`.
        prior: probability that a picture of this kind has a pasted or regenerated face, before it
            is looked at; inside (0, 1). ``.score.value`` depends on it, the label does not.

    Returns:
        A :class:`Report` with ``.defocus``, ``.evidence``, ``.faces`` and ``.score``; beside these,
        in ``.provenance``, where the file comes from (:func:`blurprint.read_provenance`), as far as
        it is still where it was read.

    Raises:
        InputError: if `method` is unknown, the array has the wrong type, shape or range, or `prior`
            is not inside (0, 1).
        PhotoError: if a file cannot be read.

    >>> import numpy as np
    >>> report = analyze(np.full((64, 64, 3), 128, np.uint8))
    >>> report.score.label, report.score.abstain_code
    ('unsure', 'no_face')
    """
    file = bytes(photo) if isinstance(photo, (bytes, bytearray, memoryview)) else None
    photo = as_photo(photo)
    checked_prior(prior)
    return report_of(photo, estimate_defocus(photo, method=method), file=file, prior=prior)


def report_of(
    photo: Photo,
    defocus: DefocusMap,
    *,
    file: bytes | None = None,
    prior: float = DEFAULT_PRIOR,
) -> Report:
    """Everything after the map: evidence, faces, their score, and where the file comes from.

    Args:
        photo: the photograph.
        defocus: its map.
        file: the bytes that it was read from, if they are at hand.
        prior: as for :func:`analyze`.

    Raises:
        InputError: if the map is not of the photo's size, or `prior` is not inside (0, 1).
    """
    faces = find_faces_of(photo)
    facts = None if file is None else facts_in(file)
    found = measure_faces(photo, defocus, faces, facts)
    judged = None
    if ships("face"):
        judged = score_of(photo, defocus, faces, measured=found.measured, prior=prior)
    return Report(
        photo=photo,
        defocus=defocus,
        evidence=measure_evidence(defocus),
        score=NO_SCORE if judged is None else judged.score,
        judged=judged,
        faces=found,
        provenance=provenance_of(photo, file),
        facts=facts,
    )
