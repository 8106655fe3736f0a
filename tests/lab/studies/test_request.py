"""What is asked of the studies, held to what is possible before anything is read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from blurprint.errors import InputError
from blurprint.lab.loading.pictures import ViewOptions
from blurprint.lab.models.detector_weights import save_detector
from blurprint.lab.models.detectors import DetectorConfig, create_detector
from blurprint.lab.studies.request import Request, make_request


def request(described: dict[str, Any] | None = None, **more: Any) -> Request:
    plain: dict[str, Any] = {"weights": None, "rgb_weights": None, "asked": {}, "part": "test"}
    return make_request(described or {}, **(plain | {"border": "inside", "out": Path("o")} | more))


def test_what_is_said_of_maps_counts_without_a_detector() -> None:
    made = request({"estimator": "edge", "size": 64, "fit": None, "model": "rgb"}, seed=3)
    assert made.maps == ViewOptions(estimator="edge", size=64)
    assert made.seed == 3 and made.files() == []


def test_detectors_are_described_and_the_second_sees_colours() -> None:
    made = request({"size": 64}, weights=Path("a.pth"), rgb_weights=Path("b.pth"))
    first, second = made.files()
    assert first.config().views.views == ("defocus",) and first.config().views.size == 64
    assert second.config().views.views == ("rgb",)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"border": "none"}, 'Expected --border among inside, mirror, zero, but got "none"'),
        ({"part": "tests"}, 'Expected --part among train, val, test, all, but got "tests"'),
        ({"asked": {"data": ("nowhere:d",)}}, "nowhere"),
        ({"asked": {"split": "mine", "data": None}}, "mine"),
        ({"described": {"model": "eye"}, "weights": Path("a.pth")}, "eye"),
        ({"described": {"size": -1}}, "-1"),
    ],
)
def test_what_is_not_possible_is_said(options, words) -> None:
    with pytest.raises(InputError, match=words):
        request(**options)


def test_options_on_maps_may_be_about_studies_without_the_detector(tmp_path) -> None:
    torch.manual_seed(0)
    file = tmp_path / "a.safetensors"
    views = ViewOptions(views=("defocus",), size=64, estimator="edge")
    config = DetectorConfig(model="defocus", backbone="test_efficientnet", views=views)
    save_detector(create_detector(config), file)
    size = request({"size": 32}, weights=file)
    size.require_agreement("all", [file])
    size.require_agreement("embedding", [])  # nobody looks into it
    with pytest.raises(InputError, match="its size is 64"):
        size.require_agreement("embedding", [file])
    with pytest.raises(InputError, match="its model is defocus"):
        request({"model": "rgb"}, weights=file).require_agreement("all", [file])
