"""The score of a photo, from the faces that were found in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Final

import numpy as np

from blurprint.errors import InputError
from blurprint.evidence.face_inner_ring import NAME as INNER_RING
from blurprint.evidence.measure_faces import FaceEvidence
from blurprint.faces.face import Face
from blurprint.faces.faces import Faces, at_size
from blurprint.faces.find import RGB8
from blurprint.faces.find_faces_of import find_faces_of
from blurprint.frozen import frozen
from blurprint.optics.defocus_map import DefocusMap
from blurprint.photos.photo import Photo
from blurprint.score.blur_term import (
    blur_percentile,
    is_large_on,
    own_blur_percentile,
    percentile_of_row,
)
from blurprint.score.calibration import LOSSLESS, Condition, checked_prior
from blurprint.score.face_judge import FaceJudge, FaceReading
from blurprint.score.face_share import measured_share
from blurprint.score.policy import (
    DEFAULT_PRIOR,
    changes_label,
    judge_picture,
    reason_before_redelivery,
)
from blurprint.score.redeliver import redelivered, surroundings
from blurprint.score.rules import REDELIVERIES, FaceFacts, Redelivery, Rules, rules_of
from blurprint.score.score import Score
from blurprint.score.words import at_start, ratio_in_figures
from blurprint.weights.card import FaceCard, shipped, ships

_WITHOUT_LOSS: Final = (None, "BMP", "GIF", "PNG", "PPM", "TGA", "TIFF")
"""Formats that, as a rule, keep every pixel; None stands for arrays."""


@dataclass(frozen=True, slots=True)
class JudgedFace:
    """What was found out about one face.

    Attributes:
        name: "face 1" and so on, in the order in which the faces were given.
        face: in pixels of the photo as read.
        facts: its condition and likelihood ratios, which decide about its label.
        reading: of the network; None where a limit forbids to judge the face.
        blur: what its blur added to the logit of the network, before and after it is passed on.
        redelivered: logits after each of :data:`REDELIVERIES`, by name, without what blur adds;
            empty for a face that is not judged whatever these say.
    """

    name: str
    face: Face
    facts: FaceFacts
    reading: FaceReading | None = None
    blur: float = 0.0
    redelivered: Mapping[str, float] = field(default_factory=lambda: frozen({}))


@dataclass(frozen=True, slots=True)
class PhotoScore:
    """The score of a photo, with what it rests on.

    Attributes:
        score: the score.
        faces: all faces that were found, in the order in which they were given.
        jpeg_quality: that was taken for the file's, from 1 to 100; 100 for no loss.
        notes: what the user should know of how it was judged, a sentence each.
    """

    score: Score
    faces: tuple[JudgedFace, ...]
    jpeg_quality: float
    notes: tuple[str, ...] = ()


def score_photo(
    photo: Photo,
    faces: Sequence[Face] | Faces,
    measured: Callable[[Face], float],
    judge: FaceJudge,
    rules: Rules,
    *,
    percentile: Callable[[Face], float | None] | None = None,
    jpeg_quality: float | None = None,
    prior: float = DEFAULT_PRIOR,
    every_redelivery: bool = True,
) -> PhotoScore:
    """Judge all faces of a photo: the same photo and faces give the same numbers on every run.

    The network runs only for faces that the limits allow to judge, and on versions that are passed
    on only where the label depends on them. These are made of the photo as it was read, which for
    one that was reduced is JPEG at the reduced size.

    Args:
        photo: the photo.
        faces: in pixels of it as read; or what :func:`blurprint.faces.find_faces_of.find_faces_of`
            gives, of which all faces with landmarks are judged, and the places without are counted.
        measured: share in [0, 1] of a face in which blur is measured, such as by
            :func:`blurprint.score.face_share.measured_share`.
        judge: the face network.
        rules: of its card (:func:`blurprint.score.rules.rules_of`).
        percentile: of the blur of a face among ordinary portraits, such as by
            :func:`blurprint.score.blur_term.blur_percentile`; needed where the rules have a
            :attr:`~blurprint.score.rules.Rules.blur`.
        jpeg_quality: of the file, from 1 to 100; that of the photo if left out, and 100 where that
            is unknown, which the notes then say.
        prior: P(fake) before the evidence, inside (0, 1).
        every_redelivery: pass a face on in every way, also after one has changed its label. Off
            gives the same score in less time.

    Raises:
        InputError: naming the photo, and the face if it is about one: landmarks, a share or an
            output of the network that is NaN or infinite, a face outside the photo or without
            extent, a quality or prior out of range.
    """
    checked_prior(prior)
    if rules.blur is not None and percentile is None:
        raise InputError("Expected `percentile`: by its card, blur enters what this network says")
    quality, notes = _quality(photo, jpeg_quality)
    rgb = photo.rgb8
    judged = []
    found = faces.located if isinstance(faces, Faces) else faces
    places = len(faces.boxes) if isinstance(faces, Faces) else 0
    for place, face in enumerate(found, 1):
        name = f"face {place}"
        try:
            seen = _Seen.of(photo, face, judge)
            condition = Condition(seen.face_px, quality)
            share = float(measured(face))
            known = _Known(name, face, condition, share, seen.scale)
            one = _judged(rgb, known, percentile, judge, rules, every_redelivery)
        except InputError as error:
            reason = str(error).removeprefix(f"{name}: ")  # `rules` name the face themselves
            raise InputError(f"{photo.source}: {name}: {reason}") from error
        if seen.note:
            notes.append(f"{at_start(name)}: {seen.note}")
        if one.blur and (counted := _counted(one, rules)):
            notes.append(f"{at_start(name)}: {counted}")
        judged.append(one)
    facts = [one.facts for one in judged]
    score = judge_picture(facts, rules, prior=prior, without_landmarks=places)
    return PhotoScore(score, tuple(judged), quality, tuple(notes))


def _quality(photo: Photo, stated: float | None) -> tuple[float, list[str]]:
    known = photo.jpeg_quality if stated is None else stated
    if known is not None or photo.format in _WITHOUT_LOSS:
        return LOSSLESS if known is None else known, []
    return LOSSLESS, [
        f"How strongly the file ({photo.format}) is compressed is unknown; its faces were judged "
        "as those of a file without loss."
    ]


@dataclass(frozen=True, slots=True)
class _Seen:
    """A face as the network sees it.

    Attributes:
        face_px: size of the face that its calibration is chosen by.
        scale: of the photo as read, which a reduction of the file makes up for; 1 where the photo
            as read stands for the file.
        note: why `face_px` is not that of the file; "" where it is.
    """

    face_px: float
    scale: float
    note: str = ""

    @classmethod
    def of(cls, photo: Photo, face: Face, judge: FaceJudge) -> _Seen:
        """A face that was reduced to less than the network takes is one of the smaller size."""
        if not np.isfinite(face.landmarks).all():
            raise InputError("Expected finite landmarks, but got NaN or infinity")
        here, takes = face.eye_distance, judge.card.input.size / judge.card.input.width
        if photo.scale == 1 or here >= takes:
            return cls(here / photo.scale, photo.scale)
        return cls(
            here,
            1.0,
            f"The eyes are {here / photo.scale:.0f} px apart in the file, but only {here:.0f} px "
            "after the photo was reduced; it counts as a face of that size. A larger max_side "
            "(--max-side) shows more of it.",
        )


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of a face before the network sees it; fields as in the classes above."""

    name: str
    face: Face
    condition: Condition
    share: float
    scale: float


def _judged(
    rgb: RGB8,
    known: _Known,
    percentile: Callable[[Face], float | None] | None,
    judge: FaceJudge,
    rules: Rules,
    every_redelivery: bool,
) -> JudgedFace:
    name, face, condition, share = known.name, known.face, known.condition, known.share
    sure = min(max(face.probability, 0.0), 1.0)
    if not rules.within_limits(condition, share, sure):
        return JudgedFace(name, face, rules.face(name, condition, share, probability=sure))
    given = judge.card.input
    part, place = surroundings(rgb, face, size=given.size, width=given.width)
    reading = judge.read(part, place)
    blur = 0.0
    term = rules.blur
    if term is not None and percentile is not None and term.counts(condition.face_px):
        blur = term.at(percentile(face), condition.face_px)
    read = (name, condition, share, reading.logit + blur, reading.features)
    facts = rules.face(*read, probability=sure)
    if reason_before_redelivery(facts, rules) is not None:
        return JudgedFace(name, face, facts, reading, blur)
    after: dict[str, float] = {}
    for how in REDELIVERIES:
        seen = redelivered(part, place, _as_read(how, known.scale))
        after[how.name] = judge.read_again(reading, *seen)
        passed_on = {name: logit + blur for name, logit in after.items()}
        facts = rules.face(*read, passed_on, probability=sure)
        if not every_redelivery and changes_label(facts, how, rules.thresholds):
            break
    return JudgedFace(name, face, facts, reading, blur, frozen(after))


def _counted(one: JudgedFace, rules: Rules) -> str:
    """What its blur did to the ratio of a face, as a sentence; "" where it has none."""
    ratio, reading = one.facts.ratio, one.reading
    if ratio is None or reading is None:
        return ""
    without = rules.calibrations.likelihood_ratio(reading.logit, one.facts.condition)
    if without is None:
        return ""
    before, after = (ratio_in_figures(one.value, one.at_bound) for one in (without, ratio))
    if before == after:
        return ""
    side = "for" if one.blur > 0 else "against"
    return (
        f"How its blur differs from that of its surround counted {side} a pasted face: without it "
        f"the likelihood ratio would be {before} instead of {after}."
    )


def _as_read(how: Redelivery, scale: float) -> Redelivery:
    """What passing on the file does to the photo that was read from it at `scale`.

    A file at three quarters of its size is reduced less when it is read: to the same size, if the
    photo as read has no more than these three quarters.
    """
    return replace(how, scale=min(1.0, how.scale / scale))


def score_of(
    photo: Photo,
    defocus: DefocusMap,
    faces: Sequence[Face] | Faces | None = None,
    *,
    measured: Sequence[FaceEvidence] = (),
    of_map: Photo | None = None,
    prior: float = DEFAULT_PRIOR,
    every_redelivery: bool = True,
) -> PhotoScore:
    """The score of a photo by the face network that ships.

    Args:
        photo: the photo.
        defocus: its map.
        faces: in pixels of `photo`, as for :func:`score_photo`; searched for if left out.
        measured: what was measured of some of the faces in this map, which is then not done again.
        of_map: the same picture at the size at which `defocus` was estimated; `photo` if left out.
            The faces are judged by the pixels and the size that they have in `photo`, and the share
            of them that is measured by the map. Where it is smaller than `photo`, what blur adds is
            measured anew around each face that is small on it
            (:func:`blurprint.score.blur_term.is_large_on`): its blur is lost by reduction.
        prior: P(fake) before the evidence, inside (0, 1).
        every_redelivery: as for :func:`score_photo`.

    Raises:
        InputError: as :func:`score_photo`; if no face network ships; if the map is not of the
            photo's size, or `of_map` is another picture.
    """
    return score_with(
        *_shipped(),
        photo,
        defocus,
        faces,
        measured=measured,
        of_map=of_map,
        prior=prior,
        every_redelivery=every_redelivery,
    )


def score_with(
    judge: FaceJudge,
    rules: Rules,
    photo: Photo,
    defocus: DefocusMap,
    faces: Sequence[Face] | Faces | None = None,
    *,
    measured: Sequence[FaceEvidence] = (),
    of_map: Photo | None = None,
    prior: float = DEFAULT_PRIOR,
    every_redelivery: bool = True,
) -> PhotoScore:
    """The same by any face network, with the rules of its card."""
    on = photo if of_map is None else of_map
    if defocus.shape != on.rgb.shape[:2]:
        raise InputError(
            f"{photo.source}: Expected the map of the photo, {on.rgb.shape[:2]}, but got one "
            f"of {defocus.shape}"
        )
    if on.native_size != photo.native_size:
        raise InputError(
            f"{photo.source}: Expected the map of the same picture, of {photo.native_size} px, but "
            f"got that of one of {on.native_size} px"
        )
    if faces is None:
        faces = find_faces_of(photo)
    given = faces.located if isinstance(faces, Faces) else tuple(faces)
    on_map = at_size(given, max(on.size) / max(photo.size))
    there = {id(face): other for face, other in zip(given, on_map, strict=True)}
    others = on_map[: len(faces.found)] if isinstance(faces, Faces) else on_map
    rows = {id(one.face): one[INNER_RING] for one in measured}

    def percentile(face: Face) -> float | None:
        if on.size != photo.size and not is_large_on(there[id(face)]):
            return own_blur_percentile(photo, face, given, defocus.method)
        if id(face) in rows:
            return percentile_of_row(rows[id(face)])
        return blur_percentile(on, defocus, there[id(face)], others)

    return score_photo(
        photo,
        faces,
        lambda face: measured_share(defocus, there[id(face)]),
        judge,
        rules,
        percentile=percentile,
        prior=prior,
        every_redelivery=every_redelivery,
    )


def face_weights() -> str | None:
    """SHA-256 of the face network that ships; None if none does."""
    return shipped("face", FaceCard).sha256 if ships("face") else None


@lru_cache(maxsize=1)
def _shipped() -> tuple[FaceJudge, Rules]:
    judge = FaceJudge.shipped()
    return judge, rules_of(judge.card)
