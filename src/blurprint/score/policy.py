"""From what is known of the faces of a picture to a label, or to the reason why there is none.

Pure functions: the same facts and rules give the same score.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from blurprint.errors import InputError
from blurprint.evidence.wording import percent
from blurprint.score.calibration import LikelihoodRatio, checked_prior, posterior
from blurprint.score.cautions import Label
from blurprint.score.rules import REDELIVERIES, FaceFacts, Redelivery, Rules, Thresholds
from blurprint.score.score import FaceScore, Score
from blurprint.score.words import at_start, no_face, none_judged, not_judged, picture_words, rounded

REASONS: Final = (
    "no_face",
    "doubtful",
    "too_small",
    "too_little_measured",
    "compressed",
    "not_calibrated",
    "not_covered",
    "undecided",
    "not_stable",
)
"""Why a label is "unsure", in the order in which it is asked: the first that holds is given.

- no_face: no face with landmarks was found in the picture.
- doubtful: it may be no face, by the probability that its finder gives.
- too_small: the eyes are fewer pixels apart than the limit.
- too_little_measured: blur is measured in too little of the face.
- compressed: the file is compressed more strongly than the limit.
- not_calibrated: no calibration covers faces of this size and compression, or near it.
- not_covered: the features of the network are unlike those of training.
- undecided: the likelihood ratio lies between the thresholds. It alone is given with a ratio.
- not_stable: the label changes when the picture is passed on.
"""
DEFAULT_PRIOR: Final = 0.5
"""P(fake) before the evidence, unless another is stated: P(fake) then is LR / (1 + LR)."""


Reason = tuple[str, str]
"""One of :data:`REASONS`, and a sentence."""


def label_of(ratio: LikelihoodRatio, thresholds: Thresholds) -> Label:
    """The label that a likelihood ratio has by itself; it does not depend on a prior."""
    if ratio.log10 > thresholds.fake:
        return "fake"
    return "real" if ratio.log10 < thresholds.real else "unsure"


def reason_before_redelivery(face: FaceFacts, rules: Rules) -> Reason | None:
    """The first reason not to judge a face that is known without passing it on.

    Raises:
        InputError: naming the face, if the distance of its features is missing.
    """
    return next((found for check in _CHECKS if (found := check(face, rules))), None)


def _doubtful(face: FaceFacts, rules: Rules) -> Reason | None:
    if face.probability >= rules.limits.least_probability:
        return None
    return "doubtful", (
        f"It was found with a probability of only {face.probability:.2f} and may be no face."
    )


def _too_small(face: FaceFacts, rules: Rules) -> Reason | None:
    size, least = face.condition.face_px, rules.limits.smallest_face_px
    if size >= least:
        return None
    return "too_small", (
        f"The eyes are {size:.3g} px apart; faces with less than {least:.3g} px are not judged."
    )


def _too_little_measured(face: FaceFacts, rules: Rules) -> Reason | None:
    share, least = face.measured, rules.limits.least_measured
    if share >= least:
        return None
    return "too_little_measured", (
        f"Blur can be measured in {percent(100 * share)} of the face; with less than "
        f"{percent(100 * least)} it is not judged."
    )


def _compressed(face: FaceFacts, rules: Rules) -> Reason | None:
    quality, lowest = face.condition.jpeg_quality, rules.limits.lowest_quality
    if quality >= lowest:
        return None
    return "compressed", (
        f"The file is compressed with JPEG quality {quality:g}; faces in files below {lowest:g} "
        "are not judged."
    )


def _not_calibrated(face: FaceFacts, rules: Rules) -> Reason | None:
    if face.ratio is not None:
        return None
    return "not_calibrated", (
        "Too few faces of this size in files compressed like this one were measured to say what "
        "the detector's output means."
    )


def _not_covered(face: FaceFacts, rules: Rules) -> Reason | None:
    if rules.coverage is None:
        return None
    if face.distance is None:
        raise InputError(f"{face.name}: Expected the distance of its features, but got none")
    largest = rules.coverage.threshold
    if face.distance <= largest:
        return None
    return "not_covered", (
        "The face is unlike those on which the detector was trained (distance "
        f"{face.distance:.3g}, largest allowed {largest:.3g})."
    )


def _undecided(face: FaceFacts, rules: Rules) -> Reason | None:
    ratio, thresholds = face.ratio, rules.thresholds
    if ratio is None or label_of(ratio, thresholds) != "unsure":
        return None
    return "undecided", (
        f"The likelihood ratio, {rounded(ratio.value)}, lies between the thresholds: below "
        f"{rounded(10**thresholds.real)} there is no sign of a pasted face, above "
        f"{rounded(10**thresholds.fake)} there is one."
    )


_CHECKS: Final = (
    _doubtful,
    _too_small,
    _too_little_measured,
    _compressed,
    _not_calibrated,
    _not_covered,
    _undecided,
)
"""In the order of :data:`REASONS`; a redelivery is asked for only where none of these holds."""


def judge_face(face: FaceFacts, rules: Rules) -> FaceScore:
    """The label of one face, or why there is none.

    Args:
        face: what is known of it; with the likelihood ratios of :data:`REDELIVERIES`, unless
            :func:`reason_before_redelivery` gives a reason.
        rules: of the detector.

    Raises:
        InputError: naming the face, if the ratio of a redelivery is missing, or the distance of its
            features.
    """
    reason = reason_before_redelivery(face, rules)
    if reason is None:
        reason = _not_stable(face, rules.thresholds)
    ratio = face.ratio
    if reason is not None:
        code, sentence = reason
        if code != "undecided" or ratio is None:
            return FaceScore(face.name, "unsure", None, code, sentence)
        return FaceScore(face.name, "unsure", ratio.value, code, sentence, ratio.at_bound)
    assert ratio is not None  # else not_calibrated
    label = label_of(ratio, rules.thresholds)
    return FaceScore(face.name, label, ratio.value, at_bound=ratio.at_bound)


def _not_stable(face: FaceFacts, thresholds: Thresholds) -> Reason | None:
    """The reason where a redelivery changes the label of a face that has one."""
    return next(
        (found for how in REDELIVERIES if (found := _change_after(face, how, thresholds))), None
    )


def changes_label(face: FaceFacts, how: Redelivery, thresholds: Thresholds) -> bool:
    """Whether a redelivery, whose ratio is known, changes the label of a face that has one.

    The first that does is the reason to abstain, whatever later ones of :data:`REDELIVERIES` say.
    """
    return _change_after(face, how, thresholds) is not None


def _change_after(face: FaceFacts, how: Redelivery, thresholds: Thresholds) -> Reason | None:
    assert face.ratio is not None
    if how.name not in face.redelivered:
        raise InputError(f"{face.name}: Expected the ratio after {how.name}, which is missing")
    label, ratio = label_of(face.ratio, thresholds), face.redelivered[how.name]
    if ratio is None:
        return "not_stable", (
            f"The label could not be confirmed: after {how.name} no calibration covers the face."
        )
    after = label_of(ratio, thresholds)
    if after == label:
        return None
    return "not_stable", (
        f"The label changes when the picture is passed on: {_SAID[label]} as it is, "
        f"{_SAID[after]} after {how.name}."
    )


_SAID: Final[dict[Label, str]] = {
    "fake": "a sign of a pasted face",
    "real": "no sign of a pasted face",
    "unsure": "undecided",
}


def judge_picture(
    faces: Sequence[FaceFacts],
    rules: Rules,
    *,
    prior: float = DEFAULT_PRIOR,
    without_landmarks: int = 0,
) -> Score:
    """The score of a picture: that of the judged face with the highest likelihood ratio.

    Faces that abstain are counted and named. A picture is not called "real" while the label of one
    of its faces changes where it is passed on. Where none is judged the label is "unsure", and the
    reason is that of the face that came farthest in :data:`REASONS`.

    Args:
        faces: all faces that were found, with distinct names; none for a picture without.
        rules: of the detector.
        prior: P(fake) before the evidence, inside (0, 1).
        without_landmarks: places that were taken for a face, but where no landmarks were found.

    Raises:
        InputError: as :func:`judge_face`; if two faces have one name, or the prior is out of range.
    """
    checked_prior(prior)
    if len({face.name for face in faces}) != len(faces):
        raise InputError(f"Expected distinct names of faces, but got {[f.name for f in faces]}")
    if not faces:
        sentence = no_face(without_landmarks)
        return Score(None, "unsure", sentence, abstain_code="no_face", words=sentence)
    judged = tuple(judge_face(face, rules) for face in faces)
    known = {face.name: face.ratio for face in faces}
    ratios = [(one, known[one.name]) for one in judged if one.likelihood_ratio is not None]
    best, ratio = max(
        ((one, of) for one, of in ratios if of is not None),
        key=lambda pair: pair[1].log10,  # the first of equal ones
        default=(None, None),
    )
    if best is None or ratio is None:
        farthest = max(judged, key=lambda one: REASONS.index(one.abstain_code or "no_face"))
        words = none_judged(judged)
        return Score(
            None,
            "unsure",
            words if len(judged) > 1 else farthest.abstain_reason,
            abstain_code=farthest.abstain_code,
            words=words,
            faces=judged,
        )
    unstable = next((one for one in judged if one.abstain_code == "not_stable"), None)
    if best.label == "real" and unstable is not None:
        sentence = f"{at_start(unstable.name)}: {unstable.abstain_reason}"
        return Score(
            None,
            "unsure",
            sentence,
            abstain_code="not_stable",
            words=f"Undecided. {not_judged(judged)}",
            faces=judged,
        )
    strong = best.label == "fake" and ratio.log10 > rules.thresholds.strong
    value = posterior(ratio.value, prior)
    return Score(
        value,
        best.label,
        best.abstain_reason,
        prior=prior,
        likelihood_ratio=ratio.value,
        at_bound=ratio.at_bound,
        strong=strong,
        abstain_code=best.abstain_code,
        words=picture_words(best, ratio, strong, value, prior, judged, rules.thresholds),
        face=best.name,
        faces=judged,
    )
