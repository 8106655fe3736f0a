"""Detectors: shapes, gradients to every branch, and weights of ours and of others."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
import torch

from blurprint.errors import BlurprintError, InputError
from blurprint.lab.datasets.pictures import ViewOptions
from blurprint.lab.models.detector_weights import load_detector, read_card, save_detector
from blurprint.lab.models.detectors import (
    FUSIONS,
    DetectorConfig,
    create_detector,
    list_detectors,
)
from blurprint.lab.torchvision_import import ensure_torchvision

SMALL = "mobilenetv3_small_050"
ALL = ("rgb", "defocus", "frequency")


def config(model: str = "defocus", size: int = 64, **more: object) -> DetectorConfig:
    views = ALL if model == "fusion" else (model,)
    return DetectorConfig(model, SMALL, views=ViewOptions(views=views, size=size), **more)  # type: ignore[arg-type]


def batch(views: tuple[str, ...], size: int = 64, count: int = 2) -> dict[str, torch.Tensor]:
    torch.manual_seed(0)
    return {view: torch.rand(count, 3, size, size) for view in views}


@pytest.mark.parametrize("model", list_detectors())
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


def test_one_step_of_the_papers_network_lowers_its_loss():
    detector = create_detector(DetectorConfig()).train()
    assert detector.config.backbone == "legacy_xception" and detector.config.views.size == 299
    optimizer = torch.optim.Adam(detector.parameters(), lr=1e-4)
    views, label = batch(("defocus",), 299, 8), torch.tensor([0.0, 1.0] * 4)
    losses = []
    for _ in range(2):
        loss = torch.nn.functional.binary_cross_entropy_with_logits(detector(views), label)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    assert losses[1] < losses[0]


@pytest.mark.parametrize("model", list_detectors())
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
    assert read_card(file) == {}
    detector = create_detector(config())
    save_detector(detector, file, {"data": {"split": "identity"}})
    card = read_card(file)
    assert card["data"] == {"split": "identity"}
    assert card["config"]["backbone"] == SMALL
    with torch.no_grad():
        detector.head.weight += 1
    save_detector(detector, file)  # without a card: the old one stays, and is no longer true
    with pytest.raises(InputError, match=r"d\.json: belongs to other weights"):
        read_card(file)


@pytest.mark.parametrize(("text", "words"), [("{", "card in JSON"), ("[1]", "an object")])
def test_a_broken_card_is_named(text, words, tmp_path):
    (tmp_path / "d.json").write_text(text)
    with pytest.raises(InputError, match=rf"d\.json.*{words}"):
        read_card(tmp_path / "d.safetensors")


def test_anothers_json_beside_the_weights_is_no_card(tmp_path):
    (tmp_path / "d.json").write_text('{"epochs": 3}')
    assert read_card(tmp_path / "d.pth") == {}


def xception(classes: int) -> torch.nn.Module:
    ensure_torchvision()
    import timm

    torch.manual_seed(5)
    return timm.create_model("legacy_xception", num_classes=classes).eval()


@pytest.mark.parametrize(
    ("classes", "nest", "prefix", "head"),
    [
        (1, None, "", "fc"),
        (1, "state_dict", "module.", "fc"),
        (2, "model", "", "fc"),
        (2, None, "module.model.", "last_linear"),  # Cadene's name of the classifier
    ],
)
def test_weights_of_other_trainings_give_their_own_scores(classes, nest, prefix, head, tmp_path):
    theirs = xception(classes)
    state = {prefix + k.replace("fc.", f"{head}."): v for k, v in theirs.state_dict().items()}
    torch.save({nest: state, "epoch": 3} if nest else state, tmp_path / "w.pth")
    ours = load_detector(tmp_path / "w.pth", DetectorConfig())
    view = torch.rand(2, 3, 299, 299)
    with torch.no_grad():
        logits = theirs((view - 0.5) / 0.5)
        expected = logits[:, 0] if classes == 1 else logits[:, 1] - logits[:, 0]
        assert torch.allclose(ours({"defocus": view}), expected, atol=1e-5)


class Evil:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (Path.touch, (Path("executed"),))  # type: ignore[return-value]


def test_files_that_would_run_code_are_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    torch.save({"state_dict": {}, "x": Evil()}, "evil.pth")
    Path("plain.pth").write_bytes(pickle.dumps(Evil(), protocol=2))
    for name in ("evil.pth", "plain.pth"):
        with pytest.raises(InputError, match=name):
            load_detector(Path(name), DetectorConfig())
    assert not Path("executed").exists()


def test_weights_that_do_not_fit_say_what_is_wrong(tmp_path):
    small = create_detector(config("rgb"))
    file = tmp_path / "s.safetensors"
    save_detector(small, file)
    with pytest.raises(InputError, match="no such file"):
        load_detector(tmp_path / "none.safetensors")
    torch.save(small.state_dict(), tmp_path / "s.pth")
    with pytest.raises(InputError, match="name it"):
        load_detector(tmp_path / "s.pth")
    with pytest.raises(InputError, match="missing"):
        load_detector(tmp_path / "s.pth", DetectorConfig())
    torch.save({"note": "nothing"}, tmp_path / "empty.pth")
    with pytest.raises(InputError, match="holds no weights"):
        load_detector(tmp_path / "empty.pth", DetectorConfig())
    (tmp_path / "junk.safetensors").write_bytes(b"junk")
    with pytest.raises(InputError, match="no safetensors"):
        load_detector(tmp_path / "junk.safetensors")


def test_unknown_names_are_answered_with_known_ones():
    with pytest.raises(InputError, match="defocus, rgb, frequency, fusion"):
        DetectorConfig(model="magic")
    with pytest.raises(InputError, match="concatenate, multiply, gated"):
        config("fusion", fusion="add")
    with pytest.raises(InputError, match="two views"):
        DetectorConfig(model="fusion")
    with pytest.raises(InputError, match="one view"):
        DetectorConfig(model="rgb")
    with pytest.raises(InputError, match="legacy_xception"):
        create_detector(DetectorConfig(backbone="my_xception"))
    with pytest.raises(InputError, match="colour"):
        DetectorConfig.from_dict({"colour": 1})


def test_pretrained_weights_fail_with_advice_when_there_is_no_hub(monkeypatch):
    ensure_torchvision()
    import timm

    def offline(*_: object, **__: object) -> None:
        raise OSError("no route to host")

    monkeypatch.setattr(timm, "create_model", offline)
    with pytest.raises(BlurprintError, match=r"no route to host.*leave --pretrained out"):
        create_detector(config(), pretrained=True)
