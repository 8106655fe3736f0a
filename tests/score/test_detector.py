"""Exported detectors score without torch what torch scores."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from skimage import data

from blurprint.errors import InputError
from blurprint.lab.loading.pictures import ViewMaker
from blurprint.lab.models.detectors import Detector, DetectorConfig, create_detector
from blurprint.lab.training.detector.export import export_detector
from blurprint.optics.defocus_map import DefocusMap
from blurprint.optics.methods import METHODS
from blurprint.photos.photo import Photo, read_photo
from blurprint.score.detector import ExportedDetector
from blurprint.score.make_views import ViewOptions
from blurprint.score.views import fit_square

SIZE = 64
OPTIONS = ViewOptions(views=("rgb", "defocus", "frequency"), size=SIZE, fit="crop")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("pictures")
    out = []
    for name, picture in (("a", data.astronaut()), ("b", data.coffee()), ("c", data.chelsea())):
        out.append(folder / f"{name}.png")
        cv2.imwrite(str(out[-1]), picture[:240, :300, ::-1])
    return out


@pytest.fixture(scope="module")
def made(files: list[Path]) -> Detector:
    """A detector whose scores of the pictures differ: new weights give a half to all."""
    torch.manual_seed(0)
    config = DetectorConfig("fusion", "mobilenetv3_small_050", views=OPTIONS, normalisation="half")
    detector = create_detector(config).eval()
    with torch.no_grad():
        features = detector.embed(stacked(files))
        detector.head.weight.normal_()
        logits = features @ detector.head.weight[0]
        detector.head.weight /= logits.std()
        detector.head.bias.fill_(-logits.mean() / logits.std())
    return detector


def stacked(files: list[Path]) -> dict[str, torch.Tensor]:
    views = [ViewMaker(OPTIONS).from_file(file) for file in files]
    return {name: torch.from_numpy(np.stack([v[name] for v in views])) for name in views[0]}


@pytest.fixture(scope="module")
def card(made: Detector, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("export")
    export_detector(made, folder / "d.onnx", int8=True, force=True)
    return folder / "d.json"


def photo(file: Path) -> Photo:
    return read_photo(file, max_side=0)


def test_views_are_those_of_the_training(card, files):
    detector = ExportedDetector.read(card)
    for file in files:
        views, expected = detector.views(photo(file)), ViewMaker(OPTIONS).from_file(file)
        assert list(views) == list(expected) == list(OPTIONS.views)
        for name, view in views.items():
            assert view.dtype == np.float32 and view.shape == (3, SIZE, SIZE)
            assert np.abs(view - expected[name]).max() <= 1e-6
            assert np.ptp(view) > 0.1


def test_scores_are_torchs(card, made, files):
    with torch.no_grad():
        expected = made(stacked(files)).sigmoid().numpy()
    assert np.ptp(expected) > 0.2  # scores that are all alike would prove nothing
    detector = ExportedDetector.read(card)
    scores = np.array([detector.score(photo(file)) for file in files])
    assert np.abs(scores - expected).max() < 1e-4


@pytest.mark.parametrize("int8", [False, True])
def test_a_score_does_not_depend_on_the_other_pictures(int8, card, files):
    detector = ExportedDetector.read(card, int8=int8)
    alone = [detector.score(photo(file)) for file in files]
    together = detector.score_views({n: v.numpy() for n, v in stacked(files).items()})
    assert alone == together.tolist()


def test_8_bits_are_another_network_with_scores_of_its_own(card, files):
    whole, small = (
        np.array([detector.score(photo(file)) for file in files])
        for detector in (ExportedDetector.read(card, int8=int8) for int8 in (False, True))
    )
    assert (whole != small).any() and ((small >= 0) & (small <= 1)).all()


def test_an_array_is_scored_as_its_file_is(card, files):
    detector = ExportedDetector.read(card)
    pixels = cv2.imread(str(files[0]))[..., ::-1]
    assert detector.score(pixels) == detector.score(photo(files[0]))


def test_a_map_that_is_at_hand_gives_the_same(card, files, monkeypatch):
    detector = ExportedDetector.read(card)
    expected = detector.views(photo(files[1]))
    square = fit_square(photo(files[1]).rgb, SIZE, "crop")
    found = METHODS["paper"](square)
    monkeypatch.setattr("blurprint.score.make_views.square_map", None)
    views = detector.views(photo(files[1]), found)
    assert all((views[name] == expected[name]).all() for name in expected)


@pytest.mark.parametrize(("method", "side"), [("net", SIZE), ("paper", SIZE + 1)])
def test_a_map_of_something_else_is_refused(method, side, card, files):
    plane = np.ones((side, side), np.float32)
    with pytest.raises(InputError, match=r'map of the square picture, .* by method "paper"'):
        ExportedDetector.read(card).views(photo(files[0]), DefocusMap(plane, plane, method))


def test_a_photo_that_was_reduced_is_refused(card, files):
    with pytest.raises(InputError, match=r"a\.png: Expected the photo at its own size"):
        ExportedDetector.read(card).score(read_photo(files[0], max_side=100))


@pytest.mark.parametrize(
    ("name", "view", "said"),
    [
        ("rgb", np.zeros((1, 3, 32, 32), np.float32), "float32 .N, 3, 64, 64.*but got"),
        ("rgb", np.zeros((1, 3, SIZE, SIZE)), "but got float64"),
        ("rgb", np.zeros((2, 3, SIZE, SIZE), np.float32), "as many of each view"),
        ("rgb", np.full((1, 3, SIZE, SIZE), np.nan, np.float32), r"the view rgb in \[0, 1\]"),
        ("rgb", np.full((1, 3, SIZE, SIZE), 255, np.float32), r"the view rgb in \[0, 1\]"),
        ("colour", np.zeros((1, 3, SIZE, SIZE), np.float32), "the view rgb, but got"),
    ],
)
def test_views_of_something_else_are_refused(name, view, said, card):
    right = np.zeros((1, 3, SIZE, SIZE), np.float32)
    views = {"defocus": right, "frequency": right, name: view}
    with pytest.raises(InputError, match=said):
        ExportedDetector.read(card).score_views(views)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"size": "64"}, '`size` to be a whole number, but got "64"'),
        ({"fit": "pad"}, "`fit`.*squash.*crop"),
        ({"colour": 1}, "colour"),
        ({"views": ["rgb", "defocus"]}, "its inputs are rgb, defocus, frequency"),
        ({"size": None}, "`size`"),
    ],
)
def test_a_card_that_says_otherwise_is_named(change, said, card, tmp_path):
    content = json.loads(card.read_text("utf-8"))
    content["config"]["views"] |= change
    (tmp_path / "d.json").write_text(json.dumps(content), "utf-8")
    (tmp_path / "d.onnx").write_bytes(card.with_name("d.onnx").read_bytes())
    with pytest.raises(InputError, match=rf"d\.json: .*{said}"):
        ExportedDetector.read(tmp_path / "d.json")


def test_a_setting_that_is_missing_is_not_guessed(card, tmp_path):
    content = json.loads(card.read_text("utf-8"))
    del content["config"]["views"]["variant"]
    (tmp_path / "d.json").write_text(json.dumps(content), "utf-8")
    (tmp_path / "d.onnx").write_bytes(card.with_name("d.onnx").read_bytes())
    with pytest.raises(InputError, match=r"d\.json: .*`config.views.variant`, which is missing"):
        ExportedDetector.read(tmp_path / "d.json")


def test_nothing_of_the_laboratory_is_needed(card, files):
    code = (
        "import sys\n"
        "for name in ('torch', 'scipy', 'pandas', 'timm'): sys.modules[name] = None\n"
        "from blurprint.photos.photo import read_photo\n"
        "from blurprint.score.detector import ExportedDetector\n"
        f"detector = ExportedDetector.read({str(card)!r})\n"
        f"print(detector.score(read_photo({str(files[0])!r}, max_side=0)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert float(run.stdout) == ExportedDetector.read(card).score(photo(files[0]))
