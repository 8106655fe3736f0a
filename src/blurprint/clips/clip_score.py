"""The score of a clip, from the faces that were followed through it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from blurprint.clips.tracks import Pooled, Track
from blurprint.evidence.wording import percent
from blurprint.score.calibration import posterior
from blurprint.score.policy import REASONS
from blurprint.score.rules import Thresholds
from blurprint.score.score import FaceScore, Score
from blurprint.score.words import at_start, no_face, probability, ratio_in_words, rounded

CODES: Final = (*REASONS, "too_few_frames", "mixed_frames")
"""Why a clip is "unsure": the reasons of pictures, and those of clips.

- too_few_frames: the face is seen in too few of the frames that were looked at.
- mixed_frames: the median frame shows no sign of a pasted face, the worst tenth does.
"""
_FARTHEST: Final = (
    "no_face",
    "too_few_frames",
    *REASONS[1:-2],
    "not_stable",
    "undecided",
    "mixed_frames",
)
"""From the reason that says least to that which came farthest."""
_NAMED: Final = 5
"""Faces whose reasons are named; more are counted."""


def score_clip(
    tracks: Sequence[Track], thresholds: Thresholds, *, prior: float, without_landmarks: int = 0
) -> Score:
    """The score of a clip: that of the judged face with the highest median ratio.

    A clip is not called "real" while the frames of one of its faces disagree (mixed_frames).

    Args:
        tracks: all faces of the clip.
        thresholds: of the labels.
        prior: P(fake) before the evidence, inside (0, 1).
        without_landmarks: places that were taken for a face in the frame with the most of them.
    """
    if not tracks:
        sentence = no_face(without_landmarks)
        return Score(None, "unsure", sentence, abstain_code="no_face", words=sentence)
    faces = tuple(_face(track) for track in tracks)
    judged = [track for track in tracks if track.pooled is not None]
    if not judged:
        farthest = max(tracks, key=lambda track: _FARTHEST.index(track.code or "no_face"))
        words = f"{_not_judged(tracks)}"
        return Score(
            None,
            "unsure",
            farthest.reason if len(tracks) == 1 else words,
            abstain_code=farthest.code,
            words=words,
            faces=faces,
        )
    best = max(judged, key=_log10)
    mixed = next((track for track in judged if track.code == "mixed_frames"), None)
    if best.label == "real" and mixed is not None:
        best = mixed
    assert best.pooled is not None
    ratio = best.pooled.median
    strong = best.label == "fake" and ratio.log10 > thresholds.strong
    value = posterior(ratio.value, prior)
    return Score(
        value,
        best.label,
        best.reason,
        prior=prior,
        likelihood_ratio=ratio.value,
        at_bound=ratio.at_bound,
        strong=strong,
        abstain_code=best.code,
        words=_words(best, strong, value, prior, tracks, thresholds),
        face=best.name,
        faces=faces,
    )


def _log10(track: Track) -> float:
    return float("-inf") if track.pooled is None else track.pooled.median.log10


def _face(track: Track) -> FaceScore:
    if track.pooled is None:
        return FaceScore(track.name, track.label, None, track.code, track.reason)
    ratio = track.pooled.median
    return FaceScore(track.name, track.label, ratio.value, track.code, track.reason, ratio.at_bound)


def _words(
    best: Track,
    strong: bool,
    value: float,
    prior: float,
    tracks: Sequence[Track],
    thresholds: Thresholds,
) -> str:
    pooled = best.pooled
    assert pooled is not None
    of = f" ({best.name})" if len(tracks) > 1 else ""
    if best.label == "fake":
        signs = "Strong signs" if strong else "Signs"
        words = [f"{signs} of a face that was pasted in or regenerated{of}."]
    elif best.label == "real":
        words = [f"No sign of a pasted face{of}. That is less than proof of a real clip."]
    else:
        words = [f"Undecided{of}."]
        if best.code == "mixed_frames":
            words.append(str(best.reason))
    ratio = pooled.median
    words.append(ratio_in_words(ratio.value, ratio.at_bound, ratio.without_sign))
    words.append(
        f"This is the median of {pooled.frames} frames; {_scatter(pooled)}. Frames of one clip are "
        "alike, so that their ratios are not multiplied: many of them say little more than one."
    )
    words.append(
        f"If the probability of such a face was {probability(prior)} before the measurement, it is "
        f"{probability(value)} after it."
    )
    if ratio.borrowed:
        words.append(
            "Too few faces of this size and compression were measured: the number is that of the "
            "most similar ones."
        )
    if best.label == "fake":
        share = thresholds.strong_false_alarms if strong else thresholds.false_alarms
        words.append(
            f"Of single pictures with an untouched face at most {percent(100 * share)} were called "
            "so in the test; of clips this was not measured."
        )
    elif best.label == "real":
        words.append(
            f"Of single pictures with a pasted or regenerated face at most "
            f"{percent(100 * thresholds.missed)} were called so in the test; of clips this was not "
            "measured."
        )
    if any(track.pooled is None for track in tracks):
        words.append(_not_judged(tracks))
    return " ".join(words)


def _scatter(pooled: Pooled) -> str:
    low, high = rounded(pooled.low.value), rounded(pooled.high.value)
    if low == high:
        return f"at least eight tenths of them have {low}"
    return f"a tenth of them have {low} or less, and the worst tenth {high} or more"


def _not_judged(tracks: Sequence[Track]) -> str:
    """How many faces were not judged, and why each of the first is not."""
    left_out = [track for track in tracks if track.pooled is None]
    if len(tracks) == 1:
        return f"The face was not judged. {left_out[0].reason}"
    count = "1 face was" if len(left_out) == 1 else f"{len(left_out)} faces were"
    named = " ".join(f"{at_start(one.name)}: {one.reason}" for one in left_out[:_NAMED])
    more = f" So were {len(left_out) - _NAMED} more." if len(left_out) > _NAMED else ""
    return f"{count} not judged. {named}{more}"
