"""Detectors as ONNX give torch's scores."""

from __future__ import annotations

import json

import numpy as np
import onnxruntime
import pytest
import torch
from skimage import data

from blurprint.errors import BlurprintError
from blurprint.lab.datasets.pictures import ViewMaker, ViewOptions
from blurprint.lab.models.detectors import Detector, DetectorConfig, create_detector
from blurprint.lab.training import detector_export
from blurprint.lab.training.detector_export import export_detector

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
    card = export_detector(made, tmp_path / "d.onnx", pictures=pictures, int8=case[3] == 64)
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


def test_int8_is_smaller_and_says_how_far_it_is(tmp_path):
    made = detector(*CASES[1])
    card = export_detector(made, tmp_path / "d.onnx", int8=True)
    whole, small = ((tmp_path / n).stat().st_size for n in ("d.onnx", "d.int8.onnx"))
    assert small < 0.5 * whole
    assert 0 <= card["int8"]["differs_from_torch_by"]["random"] < 0.5
    onnxruntime.InferenceSession(tmp_path / "d.int8.onnx")


def test_an_export_that_differs_is_not_written(tmp_path, monkeypatch):
    made = detector(*CASES[2])
    monkeypatch.setattr(detector_export, "TOLERANCE", -1.0)
    with pytest.raises(BlurprintError, match="differ from torch"):
        export_detector(made, tmp_path / "d.onnx")
    assert list(tmp_path.iterdir()) == []
