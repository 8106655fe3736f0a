"""Detectors as ONNX give torch's scores."""

from __future__ import annotations

import json

import numpy as np
import onnxruntime
import pytest
import torch
from skimage import data

from blurprint.errors import BlurprintError
from blurprint.lab.loading.pictures import ViewMaker, ViewOptions
from blurprint.lab.models.detectors import Detector, DetectorConfig, create_detector
from blurprint.lab.training.detector import export as detector_export
from blurprint.lab.training.detector.export import export_detector, int8_words

pytestmark = pytest.mark.slow

SMALL = "mobilenetv3_small_050"
ONE = ("rgb", SMALL, ("rgb",), 64, "concatenate")
CASES = [
    ("defocus", "legacy_xception", ("defocus",), 299, "concatenate"),
    ("fusion", "mobilenetv3_small_050", ("rgb", "defocus", "frequency"), 64, "gated"),
    ("fusion", "mobilenetv3_small_050", ("rgb", "frequency"), 64, "multiply"),
]


def detector(model: str, backbone: str, views: tuple[str, ...], size: int, fusion: str):
    torch.manual_seed(0)
    config = DetectorConfig(model, backbone, fusion, views=ViewOptions(views=views, size=size))
    return create_detector(config).eval()


@torch.no_grad()
def spread(made: Detector, views: list[dict[str, np.ndarray]]) -> None:
    """Give the last layer weights that set these pictures apart: new ones say a half to all."""
    stacked = {n: torch.from_numpy(np.stack([v[n] for v in views])) for n in views[0]}
    features = made.embed(stacked)
    made.head.weight.normal_()
    logits = features @ made.head.weight[0]
    made.head.weight /= logits.std()
    made.head.bias.fill_(-logits.mean() / logits.std())


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c[0]}-{c[1]}-{c[4]}")
def test_onnx_gives_torchs_scores_on_real_pictures(case, tmp_path):
    made = detector(*case)
    maker = ViewMaker(made.config.views)
    squares = [data.astronaut(), data.coffee(), data.chelsea()]
    size = made.config.views.size
    pictures = [maker.from_square(np.float32(picture[:size, :size]) / 255) for picture in squares]
    spread(made, pictures)
    small = case[3] == 64
    card = export_detector(
        made, tmp_path / "d.onnx", pictures=pictures, int8=small, force=small
    )  # the 8-bit one has tests of its own
    assert card["kind"] == "detector"
    assert set(card["differs_from_torch_by"]) == {"random", "pictures"}
    assert max(card["differs_from_torch_by"].values()) < 1e-3
    assert json.loads((tmp_path / "d.json").read_text("utf-8"))["config"] == json.loads(
        json.dumps(made.config.to_dict())
    )
    # And by our own hand, one picture at a time: the number of pictures is free.
    session = onnxruntime.InferenceSession(tmp_path / "d.onnx")
    scores = []
    for views in pictures:
        (given,) = session.run(None, {name: view[None] for name, view in views.items()})
        with torch.no_grad():
            expected = made({n: torch.from_numpy(v)[None] for n, v in views.items()}).sigmoid()
        assert np.allclose(given, expected.numpy(), atol=1e-3)
        scores.append(float(given[0]))
    assert np.ptp(scores) > 0.1  # scores that are all alike would prove nothing


def crops(made: Detector, count: int) -> list[dict[str, np.ndarray]]:
    maker, size = ViewMaker(made.config.views), made.config.views.size
    photos = [np.float32(p[:, :, :3]) / 255 for p in (data.astronaut(), data.coffee())]
    rng = np.random.default_rng(0)
    out = []
    for place in range(count):
        photo = photos[place % 2]
        top, left = (int(rng.integers(0, n - size)) for n in photo.shape[:2])
        square = np.ascontiguousarray(photo[top : top + size, left : left + size])
        out.append(maker.from_square(square))
    return out


def test_int8_is_smaller_and_measured_on_pictures_that_did_not_calibrate_it(tmp_path):
    made = detector(*ONE)
    pictures = crops(made, 12)
    card = export_detector(made, tmp_path / "d.onnx", pictures=pictures, int8=True)
    whole, small = ((tmp_path / n).stat().st_size for n in ("d.onnx", "d.int8.onnx"))
    assert small < 0.5 * whole
    said = card["int8"]
    assert said["measured_on_pictures"] == 6
    session = onnxruntime.InferenceSession(tmp_path / "d.int8.onnx")
    off = []
    for views in pictures[1::2]:
        (given,) = session.run(None, {name: view[None] for name, view in views.items()})
        with torch.no_grad():
            expected = made({n: torch.from_numpy(v)[None] for n, v in views.items()}).sigmoid()
        off.append(float(np.abs(given - expected.numpy()).max()))
    assert said["differs_from_torch_by"]["pictures"] == pytest.approx(max(off), abs=1e-5)
    assert max(off) <= 0.05


def test_int8_without_pictures_says_that_its_error_on_them_is_unknown(tmp_path):
    made = detector(*ONE)
    card = export_detector(made, tmp_path / "d.onnx", int8=True)
    assert card["int8"]["measured_on_pictures"] == 0
    assert set(card["int8"]["differs_from_torch_by"]) == {"random"}
    assert "on pictures its error is unknown" in int8_words(card["int8"])


def test_int8_that_is_too_far_off_is_refused_unless_forced(tmp_path, monkeypatch):
    made = detector(*ONE)
    pictures = crops(made, 8)
    spread(made, pictures)
    monkeypatch.setattr(detector_export, "INT8_TOLERANCE", 1e-6)
    with pytest.raises(BlurprintError, match=r"d\.int8\.onnx: not written.* off, .*--force"):
        export_detector(made, tmp_path / "d.onnx", pictures=pictures, int8=True)
    assert list(tmp_path.iterdir()) == []
    card = export_detector(made, tmp_path / "d.onnx", pictures=pictures, int8=True, force=True)
    assert card["int8"]["forced"] and (tmp_path / "d.int8.onnx").exists()
    assert json.loads((tmp_path / "d.json").read_text("utf-8"))["int8"]["forced"]


@pytest.mark.parametrize("kind", ["none", "half", "timm"])
def test_the_normalisation_is_inside_the_export_and_on_its_card(kind, tmp_path):
    torch.manual_seed(0)
    views = ViewOptions(views=("rgb",), size=64)
    made = create_detector(DetectorConfig("rgb", SMALL, views=views, normalisation=kind)).eval()
    pictures = crops(made, 4)
    spread(made, pictures)
    card = export_detector(made, tmp_path / "d.onnx", pictures=pictures)
    assert card["normalisation"] == {"rgb": kind}
    assert max(card["differs_from_torch_by"].values()) < 1e-3


def test_an_export_that_differs_is_not_written(tmp_path, monkeypatch):
    made = detector(*CASES[2])
    monkeypatch.setattr(detector_export, "TOLERANCE", -1.0)
    with pytest.raises(BlurprintError, match="differ from torch"):
        export_detector(made, tmp_path / "d.onnx")
    assert list(tmp_path.iterdir()) == []
