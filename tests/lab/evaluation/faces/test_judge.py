"""A detector under test gives the label that its card's rules give, and sees what it should."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from blurprint.errors import InputError
from blurprint.faces.face import Face
from blurprint.faces.find import FaceBox
from blurprint.lab.evaluation.faces import judge as judges
from blurprint.lab.evaluation.faces.judge import judge_of, redelivered, square
from blurprint.lab.models.detectors import DetectorConfig, create_detector
from blurprint.lab.training.detector.export import export_detector
from blurprint.score.detector import ExportedDetector
from blurprint.score.face_judge import FaceReading
from blurprint.score.make_views import ViewOptions
from blurprint.score.rules import REDELIVERIES
from blurprint.weights.card import shipped
from face_rules import rules

POINTS = np.array([[40, 40], [60, 40], [50, 52], [43, 62], [57, 62]], np.float32)
FACE = Face(FaceBox(30, 30, 40, 45), POINTS, 1.0)


class Network:
    """Its logit is `high` on pictures as large as the first, `small` on reduced ones."""

    def __init__(self, high: float, jpeg: float, small: float) -> None:
        self.high, self.jpeg, self.small, self.reads = high, jpeg, small, 0

    def read(self, rgb: np.ndarray, face: Face) -> FaceReading:
        self.reads += 1
        logit = self.high if self.reads == 1 else self.jpeg
        if rgb.shape[1] < 100:
            logit = self.small
            assert face.eye_distance == pytest.approx(0.75 * FACE.eye_distance, rel=0.02)
        return FaceReading(logit, np.zeros(1, np.float32), np.zeros(1, np.float32), logit)

    def read_again(self, before: FaceReading, rgb: np.ndarray, face: Face) -> float:
        assert before.logit == self.high
        return self.read(rgb, face).logit


@pytest.mark.parametrize(
    ("logits", "label", "reason", "reads"),
    [
        ((1.5, 1.5, 1.5), "fake", "", 3),
        ((-1.0, -1.0, -1.0), "real", "", 3),
        ((0.3, 0.3, 0.3), "unsure", "undecided", 1),  # no redelivery can settle it
        ((1.5, 0.2, 1.5), "unsure", "not_stable", 2),
        ((1.5, 1.5, 0.2), "unsure", "not_stable", 3),
    ],
)
def test_labels_stand_or_fall_with_redeliveries(
    logits: tuple[float, float, float], label: str, reason: str, reads: int
) -> None:
    network = Network(*logits)
    judge = judges._by_rules(network, rules())
    found = judge(np.zeros((100, 100, 3), np.uint8), FACE, 100.0)
    assert (found.label, found.reason, network.reads) == (label, reason, reads)
    assert found.logit == logits[0]
    assert found.log10_lr == pytest.approx(min(max(logits[0], -2), 2))


def test_strong_compression_is_not_judged() -> None:
    judge = judges._by_rules(Network(1.9, 1.9, 1.9), rules())
    found = judge(np.zeros((100, 100, 3), np.uint8), FACE, 25.0)
    assert (found.label, found.reason) == ("unsure", "compressed")
    assert found.log10_lr == pytest.approx(1.9)


def test_redeliveries_are_what_they_say() -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (100, 80, 3), np.uint8)
    by_jpeg, by_scale = (redelivered(rgb, one) for one in REDELIVERIES)
    assert by_jpeg.shape == rgb.shape
    assert np.abs(by_jpeg.astype(float) - rgb).mean() > 5
    assert by_scale.shape == (75, 60, 3)


def test_a_square_is_cut_without_resampling_and_reflected_beyond_the_border() -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (120, 140, 3), np.uint8)
    cut = square(rgb, FACE)
    side = round(3.8 * FACE.eye_distance)
    assert cut.shape == (side, side, 3)
    left, top = (round(float(one) - 1.9 * FACE.eye_distance) for one in FACE.centre)
    inside = cut[max(0, -top) :, max(0, -left) :]
    shown = rgb[max(0, top) : top + side, max(0, left) : left + side]
    assert (inside[: len(shown), : shown.shape[1]] == shown).all()
    edge = square(rgb, FACE.moved(-45, 0))
    assert edge.shape == (side, side, 3)
    out = round(45 + 1.9 * FACE.eye_distance - float(FACE.centre[0]))
    assert (edge[:, out - 1] == edge[:, out + 1]).all()


def test_cards_of_other_networks_are_refused() -> None:
    with pytest.raises(InputError, match=r"estimator\.json: Expected the card of a detector"):
        judge_of(shipped("estimator").path)


def test_an_exported_detector_sees_the_square_and_has_no_labels(tmp_path: Path) -> None:
    torch.manual_seed(0)
    views = ViewOptions(views=("rgb",), size=64, fit="crop")
    made = create_detector(DetectorConfig("rgb", "mobilenetv3_small_050", views=views)).eval()
    export_detector(made, tmp_path / "d.onnx", force=True)
    judge = judge_of(tmp_path / "d.json")
    rgb = np.random.default_rng(0).integers(0, 256, (120, 140, 3), np.uint8)
    found = judge.judge(rgb, FACE, 50.0)
    chance = ExportedDetector.read(tmp_path / "d.json").score(square(rgb, FACE))
    assert found.logit == pytest.approx(np.log(chance / (1 - chance)), abs=1e-6)
    assert (found.log10_lr, found.label, found.reason) == (None, None, "")
    assert judge.fake_above is None
    assert judge.name == "d.json"
    assert len(judge.sha256) == 64
