"""One picture from its file to its score, in whatever process; it never raises."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from blurprint.errors import InputError
from blurprint.faces.find_faces_of import find_faces_of
from blurprint.files import reason
from blurprint.limits import DEFAULT_MAX_PIXELS, DEFAULT_MAX_SIDE
from blurprint.optics.estimate import estimate_defocus
from blurprint.pages.text import printable
from blurprint.photos.photo import Photo, read_photo
from blurprint.scan.one_picture import guarded
from blurprint.scan.settings import SCORED, Job, Outcome
from blurprint.score.blur_term import blur_percentile
from blurprint.score.calibration import checked_prior
from blurprint.score.detector import ExportedDetector
from blurprint.score.face_judge import FaceJudge
from blurprint.score.face_share import measured_share
from blurprint.score.photo_score import PhotoScore, score_photo
from blurprint.score.policy import DEFAULT_PRIOR
from blurprint.score.rules import Rules, rules_of
from blurprint.version import __version__
from blurprint.weights.card import DetectorCard, FaceCard, read_card

Values = Mapping[str, str | int | float | None]


@dataclass(frozen=True, slots=True)
class ScoreSettings:
    """How every picture of a run is scored; made by :func:`score_settings`.

    Attributes:
        card: of the network, a JSON file.
        digest: SHA-256 of that file, so that every process reads the same.
        calibrated: whether it gives likelihood ratios and labels (a face network), or a bare number
            (any other detector).
        prior: P(fake) before the evidence.
        max_side: longer side to which larger pictures are reduced, in pixels; 0 for none.
        max_pixels: pictures that declare more pixels than this are refused.
    """

    card: Path
    digest: str
    calibrated: bool
    prior: float
    max_side: int
    max_pixels: int


def score_settings(
    weights: Path | None = None,
    *,
    prior: float = DEFAULT_PRIOR,
    max_side: int | None = None,
    max_pixels: int = DEFAULT_MAX_PIXELS,
) -> ScoreSettings:
    """Settings whose network is there and can be opened.

    Args:
        weights: card of a face network or of an exported detector; None for the face network that
            ships.
        prior: P(fake) before the evidence, inside (0, 1).
        max_side: as :class:`ScoreSettings`; None for 2,048 px, and 0 for a detector, which sees
            pictures at their own size.
        max_pixels: as :class:`ScoreSettings`.

    Raises:
        InputError: naming the file, if the card or network is missing, broken or of another kind,
            or no face network ships; if the prior is out of range, or a detector is to see reduced
            pictures.
    """
    checked_prior(prior)
    path = FaceJudge.shipped().card.path if weights is None else weights
    kind = read_card(path).kind
    if kind == "estimator":
        raise InputError(
            f"{path}: Expected the card of a face network or of a detector, but it is that of an "
            "estimator of blur"
        )
    calibrated = kind == "face"
    if not calibrated and max_side:
        raise InputError(
            f"{path}: Expected `max_side` to be left out, or 0: this detector sees pictures at "
            "their own size, as in training"
        )
    if max_side is None:
        max_side = DEFAULT_MAX_SIDE if calibrated else 0
    settings = ScoreSettings(path, _digest(path), calibrated, prior, max_side, max_pixels)
    _opened(path, settings.digest)
    return settings


def score_one(settings: ScoreSettings, job: Job) -> Outcome:
    """Score a picture; whatever goes wrong is a failure that says so."""
    return guarded(_score, settings, job)


def _score(settings: ScoreSettings, job: Job) -> Outcome:
    network = _opened(settings.card, settings.digest)
    photo = read_photo(job.path, max_side=settings.max_side, max_pixels=settings.max_pixels)
    found: Values
    if isinstance(network, _Detector):
        found = {"uncalibrated_p_fake": network.detector.score(photo)}
    else:
        found = _of_score(_judged(network, photo, settings.prior))
    notes = str(found.get("notes") or "")
    row = {
        **found,
        "notes": printable(" ".join(filter(None, (*photo.notes, notes)))) or None,
        **_of_photo(photo),
        "detector": printable(str(settings.card)),
        "detector_sha256": network.sha256,
        "blurprint_version": __version__,
    }
    return Outcome(job, SCORED, row)


def _judged(network: _Face, photo: Photo, prior: float) -> PhotoScore:
    defocus = cache(lambda: estimate_defocus(photo))  # without a face nothing asks for it
    faces = find_faces_of(photo)
    return score_photo(
        photo,
        faces,
        lambda face: measured_share(defocus(), face),
        network.judge,
        network.rules,
        percentile=lambda face: blur_percentile(photo, defocus(), face, faces.found),
        prior=prior,
    )


def _of_photo(photo: Photo) -> Values:
    width, height = photo.native_size
    return {
        "sha256": photo.sha256,
        "format": photo.format,
        "native_width_px": width,
        "native_height_px": height,
        "scale": float(photo.scale),
    }


def _of_score(judged: PhotoScore) -> Values:
    score = judged.score
    best = next((one for one in judged.faces if one.name == score.face), None)
    facts = None if best is None else best.facts
    return {
        "label": score.label,
        "likelihood_ratio": score.likelihood_ratio,
        "at_bound": score.at_bound,
        "strong": ("yes" if score.strong else "no") if score.label == "fake" else None,
        "p_fake": score.value,
        "prior": score.prior,
        "reason_code": score.abstain_code,
        "reason": score.abstain_reason,
        "faces": len(score.faces),
        "faces_judged": sum(one.likelihood_ratio is not None for one in score.faces),
        "face": score.face,
        "face_px": None if facts is None else facts.condition.face_px,
        "face_measured_percent": None if facts is None else 100 * facts.measured,
        "jpeg_quality": judged.jpeg_quality,
        "words": score.words,
        "notes": " ".join(judged.notes),
    }


@dataclass(frozen=True, slots=True)
class _Face:
    judge: FaceJudge
    rules: Rules
    sha256: str | None


@dataclass(frozen=True, slots=True)
class _Detector:
    detector: ExportedDetector
    sha256: str | None


@lru_cache(maxsize=1)
def _opened(path: Path, digest: str) -> _Face | _Detector:
    """The network of a card whose file has this SHA-256."""
    if _digest(path) != digest:
        raise InputError(f"{path}: was changed during the run")
    card = read_card(path)
    if isinstance(card, FaceCard):
        judge = FaceJudge.of(path)
        return _Face(judge, rules_of(judge.card), card.sha256)
    if isinstance(card, DetectorCard):
        return _Detector(ExportedDetector.read(path), card.sha256)
    raise InputError(f"{path}: Expected the card of a face network or of a detector")


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise InputError(f"{path}: cannot be read as a card ({reason(error)})") from error
