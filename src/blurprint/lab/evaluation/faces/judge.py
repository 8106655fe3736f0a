"""A detector under test: of one face its logit, likelihood ratio and label."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from blurprint.faces.crop import WIDTH
from blurprint.faces.face import Face
from blurprint.faces.find import RGB8
from blurprint.lab.fakes.codecs import jpeg
from blurprint.optics.estimate import estimate_defocus
from blurprint.photos.photo import Photo
from blurprint.score.blur_term import blur_percentile
from blurprint.score.calibration import Condition
from blurprint.score.detector import ExportedDetector
from blurprint.score.face_judge import FaceJudge
from blurprint.score.policy import judge_face, label_of, reason_before_redelivery
from blurprint.score.rules import REDELIVERIES, FaceFacts, Redelivery, Rules, rules_of
from blurprint.weights.card import Card, DetectorCard, FaceCard, read_card, shipped
from blurprint.weights.session import session_of

MEASURED: Final = 1.0
"""Share of the face in which blur counts as measured: the limit on it is not applied here."""
_NEVER_CERTAIN: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a detector says of one face.

    Attributes:
        logit: its raw output, with what blur adds by its card; larger where a fake is more
            probable.
        log10_lr: log10 of the likelihood ratio; None without a calibration.
        label: "fake", "real" or "unsure", by the rules of the card; None without rules.
        reason: why the label is "unsure", by its code; "" otherwise.
        added: what blur added to the logit.
    """

    logit: float
    log10_lr: float | None = None
    label: str | None = None
    reason: str = ""
    added: float = 0.0


Verdicts = Callable[[RGB8, Face, float], Verdict]
"""From a picture, uint8 (H, W, 3), a face in pixels of it and the file's JPEG quality."""


@dataclass(frozen=True, slots=True)
class Judge:
    """A detector with what its card says.

    Attributes:
        name: of the card's file.
        sha256: of the network.
        judge: the detector.
        card: its content.
        fake_above: log10 of the ratio above which the card calls a face fake; None without rules.
    """

    name: str
    sha256: str
    judge: Verdicts
    card: dict[str, object]
    fake_above: float | None


def judge_of(path: Path | None) -> Judge:
    """The detector of a card: of the face network, or of one that `blurprint export` wrote.

    Args:
        path: of the card; None for the face network that ships.

    Raises:
        InputError: naming the file, if it is missing or no card of these, or the network is not
            the one that it describes.
    """
    card = shipped("face", FaceCard) if path is None else read_card(path)
    if isinstance(card, FaceCard):
        rules = rules_of(card)
        network = FaceJudge(session_of(card), card)
        return _judge(card, _by_rules(network, rules), rules)
    detector = ExportedDetector.read(card.path)  # refuses other kinds
    return _judge(card, _by_score(detector), None)


def _judge(card: FaceCard | DetectorCard | Card, judge: Verdicts, rules: Rules | None) -> Judge:
    above = None if rules is None else rules.thresholds.fake
    return Judge(card.path.name, card.sha256 or "", judge, card.content, above)


def _by_rules(network: FaceJudge, rules: Rules) -> Verdicts:
    def judge(rgb: RGB8, face: Face, jpeg_quality: float) -> Verdict:
        condition = Condition(face.eye_distance, jpeg_quality)
        read = network.read(rgb, face)
        blur = _blur(rgb, face, rules)
        known = ("face", condition, MEASURED, read.logit + blur, read.features)
        facts = rules.face(*known)
        if reason_before_redelivery(facts, rules) is None:
            again: dict[str, float] = {}
            for one in REDELIVERIES:
                passed_on = redelivered(rgb, one)
                scale = passed_on.shape[1] / rgb.shape[1]
                again[one.name] = network.read_again(read, passed_on, face.scaled(scale)) + blur
                facts = rules.face(*known, again)
                if _flipped(facts, one, rules):
                    break  # the label is settled
        found = judge_face(facts, rules)
        ratio = None if facts.ratio is None else facts.ratio.log10
        return Verdict(read.logit + blur, ratio, found.label, found.abstain_code or "", blur)

    return judge


def _blur(rgb: RGB8, face: Face, rules: Rules) -> float:
    """What the blur of a face adds to the network's logit, by the card."""
    if rules.blur is None or not rules.blur.counts(face.eye_distance):
        return 0.0
    photo = Photo.from_array(rgb)
    percentile = blur_percentile(photo, estimate_defocus(photo), face)
    return rules.blur.at(percentile, face.eye_distance)


def _flipped(facts: FaceFacts, how: Redelivery, rules: Rules) -> bool:
    before, after = facts.ratio, facts.redelivered[how.name]
    if before is None or after is None:
        return True
    return label_of(before, rules.thresholds) != label_of(after, rules.thresholds)


def redelivered(rgb: RGB8, how: Redelivery) -> RGB8:
    """A picture as it is passed on: reduced by the mean over areas, then compressed."""
    if how.scale != 1:
        size = (max(1, round(rgb.shape[1] * how.scale)), max(1, round(rgb.shape[0] * how.scale)))
        rgb = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)
    return rgb if how.jpeg_quality is None else jpeg(rgb, int(how.jpeg_quality))


def _by_score(detector: ExportedDetector) -> Verdicts:
    def judge(rgb: RGB8, face: Face, _: float) -> Verdict:
        chance = np.clip(detector.score(square(rgb, face)), _NEVER_CERTAIN, 1 - _NEVER_CERTAIN)
        return Verdict(float(np.log(chance / (1 - chance))))

    return judge


def square(rgb: RGB8, face: Face) -> RGB8:
    """The part of a picture around a face that the face network sees, neither turned nor resized.

    Beyond the picture's border it is continued by reflection.
    """
    half = WIDTH * face.eye_distance / 2
    left, top = (round(float(one)) for one in face.centre - half)
    side = max(1, round(2 * half))
    height, width = rgb.shape[:2]
    beyond = (
        max(0, -top),
        max(0, top + side - height),
        max(0, -left),
        max(0, left + side - width),
    )
    if any(beyond):
        rgb = np.asarray(cv2.copyMakeBorder(rgb, *beyond, cv2.BORDER_REFLECT_101), np.uint8)
    top, left = top + beyond[0], left + beyond[2]
    return np.ascontiguousarray(rgb[top : top + side, left : left + side])
