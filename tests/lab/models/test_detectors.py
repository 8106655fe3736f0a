"""Detectors: shapes, gradients to every branch, and weights of ours and of others."""

from __future__ import annotations

import json

import pytest
import torch
from safetensors.torch import save_file

from blurprint.errors import InputError
from blurprint.lab.models.detector_weights import FORMAT, card_beside, load_detector, save_detector
from blurprint.lab.models.detectors import (
    DETECTORS,
    FUSIONS,
    DetectorConfig,
    create_detector,
)
from blurprint.score.make_views import ViewOptions

SMALL = "mobilenetv3_small_050"
ALL = ("rgb", "defocus", "frequency")


def config(model: str = "defocus", size: int = 64, **more: object) -> DetectorConfig:
    views = ALL if model == "fusion" else (model,)
    return DetectorConfig(model, SMALL, views=ViewOptions(views=views, size=size), **more)


def batch(views: tuple[str, ...], size: int = 64, count: int = 2) -> dict[str, torch.Tensor]:
    torch.manual_seed(0)
    return {view: torch.rand(count, 3, size, size) for view in views}


@pytest.mark.parametrize("model", DETECTORS)
@pytest.mark.parametrize("size", [64, 75])
def test_views_go_in_and_one_logit_a_picture_comes_out(model, size):
    detector = create_detector(config(model, size)).eval()
    views = batch(detector.config.views.views, size)
    logits, features = detector(views), detector.embed(views)
    assert logits.shape == (2,) and features.shape[0] == 2 and features.ndim == 2
    assert torch.equal(detector.classify(features), logits)


@pytest.mark.parametrize("fusion", FUSIONS)
def test_gradients_reach_every_branch_of_a_fusion(fusion):
    detector = create_detector(config("fusion", fusion=fusion)).train()
    views = {k: v.requires_grad_() for k, v in batch(ALL).items()}
    detector(views).square().sum().backward()
    for name in ALL:
        first = next(detector.branches[name].parameters())
        assert first.grad is not None and first.grad.abs().max() > 0, name
        assert views[name].grad.abs().max() > 0, name


def test_fusions_are_what_they_say():
    views = batch(ALL)
    parts = {}
    for fusion in FUSIONS:
        torch.manual_seed(1)
        detector = create_detector(config("fusion", fusion=fusion)).eval()
        each = [detector.project[n](detector.branches[n](views[n])) for n in ALL]
        parts[fusion] = (detector.embed(views), each)
    embedded, each = parts["concatenate"]
    assert torch.allclose(embedded, torch.cat(each, dim=1))
    embedded, each = parts["multiply"]
    assert torch.allclose(embedded, each[0] * each[1] * each[2])
    embedded, each = parts["gated"]  # equal weights to begin with
    assert torch.allclose(embedded, sum(each) / 3, atol=1e-6)


@pytest.mark.slow
def test_one_step_of_the_papers_network_lowers_its_loss():
    detector = create_detector(DetectorConfig()).train()
    assert detector.config.backbone == "legacy_xception" and detector.config.views.size == 299
    optimizer = torch.optim.Adam(detector.parameters(), lr=1e-4)
    views, label = batch(("defocus",), 299, 4), torch.tensor([0.0, 1.0] * 2)
    losses = []
    for _ in range(2):
        loss = torch.nn.functional.binary_cross_entropy_with_logits(detector(views), label)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    assert losses[1] < losses[0]


@pytest.mark.parametrize("model", DETECTORS)
def test_weights_come_back_as_they_were_saved(model, tmp_path):
    torch.manual_seed(3)
    detector = create_detector(config(model)).eval()
    file = tmp_path / "d.safetensors"
    save_detector(detector, file, {"data": "none"})
    again = load_detector(file)
    assert again.config == detector.config
    views = batch(detector.config.views.views)
    assert torch.allclose(again(views), detector(views), atol=1e-6)
    assert '"data": "none"' in file.with_suffix(".json").read_text("utf-8")


def test_a_card_is_read_back_and_refused_beside_other_weights(tmp_path):
    file = tmp_path / "d.safetensors"
    assert card_beside(file) is None
    detector = create_detector(config())
    save_detector(detector, file, {"data": {"split": "identity"}})
    card = card_beside(file).content
    assert card["kind"] == "detector"
    assert card["data"] == {"split": "identity"}
    assert card["config"]["backbone"] == SMALL
    with torch.no_grad():
        detector.head.weight += 1
    save_detector(detector, file)  # without a card: the old one stays, and is no longer true
    with pytest.raises(InputError, match=r"d\.json: belongs to other weights"):
        card_beside(file)


@pytest.mark.parametrize(("text", "words"), [("{", "card in JSON"), ("[1]", "an object")])
def test_a_broken_card_is_named(text, words, tmp_path):
    (tmp_path / "d.json").write_text(text)
    with pytest.raises(InputError, match=rf"d\.json.*{words}"):
        card_beside(tmp_path / "d.safetensors")


def test_anothers_json_beside_the_weights_is_no_card(tmp_path):
    (tmp_path / "d.json").write_text('{"epochs": 3}')
    assert card_beside(tmp_path / "d.pth") is None


def test_unknown_names_are_answered_with_known_ones():
    with pytest.raises(InputError, match="defocus, rgb, frequency, fusion"):
        DetectorConfig(model="magic")
    with pytest.raises(InputError, match="concatenate, multiply, gated"):
        config("fusion", fusion="add")
    with pytest.raises(InputError, match="two views"):
        DetectorConfig(model="fusion")
    with pytest.raises(InputError, match="one view"):
        DetectorConfig(model="rgb")
    with pytest.raises(InputError, match="colour"):
        DetectorConfig.from_dict({"colour": 1})


def test_normalisation_is_the_papers_unless_asked_for_otherwise():
    both = ViewOptions(views=("rgb", "defocus"))
    assert DetectorConfig().normalisation == "none"
    assert DetectorConfig("rgb", views=ViewOptions(views=("rgb",))).normalisation == "half"
    fusion = DetectorConfig("fusion", views=both)
    assert fusion.normalisation == "rgb=half,defocus=none"
    assert fusion.normalisations == {"rgb": "half", "defocus": "none"}
    assert DetectorConfig("fusion", views=both, normalisation="timm").normalisation == "timm"
    one = DetectorConfig("fusion", views=both, normalisation="defocus = timm")
    assert one.normalisation == "rgb=half,defocus=timm"
    assert DetectorConfig.from_dict(one.to_dict()) == one


@pytest.mark.parametrize(
    "text", ["imagenet", "", "rgb=half", "defocus=", "defocus=none,defocus=half"]
)
def test_unknown_normalisations_are_refused(text):
    with pytest.raises(InputError, match="normalisation"):
        DetectorConfig(normalisation=text)


@pytest.mark.parametrize(
    ("kind", "mean", "std"),
    [
        ("none", (0.0,) * 3, (1.0,) * 3),
        ("half", (0.5,) * 3, (0.5,) * 3),
        ("timm", (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
    ],
)
def test_a_backbone_is_fed_what_its_normalisation_says(kind, mean, std):
    branch = create_detector(config("rgb", normalisation=kind)).eval().branches["rgb"]
    view = batch(("rgb",))["rgb"]
    fed = (view - torch.tensor(mean)[:, None, None]) / torch.tensor(std)[:, None, None]
    assert torch.allclose(branch(view), branch.net(fed), atol=1e-6)


def test_settings_written_before_normalisation_was_one_keep_timms():
    stored = config("rgb").to_dict()
    del stored["normalisation"]
    assert DetectorConfig.from_dict(stored).normalisation == "timm"
    # Some settings only are a user's: the rest are today's defaults.
    assert DetectorConfig.from_dict({"backbone": SMALL}).normalisation == "none"


def test_weights_saved_before_normalisation_was_a_setting_score_as_they_did(tmp_path):
    torch.manual_seed(4)
    old = create_detector(config("rgb", normalisation="timm")).eval()
    settings = old.config.to_dict()
    del settings["normalisation"]
    meta = {"format": FORMAT, "config": json.dumps(settings)}
    save_file(old.state_dict(), tmp_path / "old.safetensors", meta)
    again = load_detector(tmp_path / "old.safetensors")
    views = batch(("rgb",))
    assert again.config.normalisation == "timm"
    assert torch.allclose(again(views), old(views), atol=1e-6)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("legacy xception", "legacy_xception"),
        ("Xception", "legacy_xception"),
        ("efficientnet b4", "efficientnet_b4"),
        ("EfficientNet-B4", "efficientnet_b4"),
        ("mobilenetv3small_100", "mobilenetv3_small_100"),
    ],
)
def test_a_backbone_by_another_spelling_is_answered_with_what_to_type(typed, meant):
    with pytest.raises(InputError, match=rf'"{typed}"; did you mean {meant}\?$'):
        create_detector(DetectorConfig(backbone=typed))


def test_a_backbone_that_is_near_several_is_answered_with_some():
    with pytest.raises(InputError, match=r"did you mean .*xception"):
        create_detector(DetectorConfig(backbone="my_xception"))
    with pytest.raises(InputError, match="list_models"):
        create_detector(DetectorConfig(backbone="qqqqq"))
