"""Weights of other trainings give their own scores, and what was assumed is said."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from skimage import data

from blurprint.errors import InputError
from blurprint.lab.loading.pictures import ViewMaker, ViewOptions
from blurprint.lab.models.backbone import create_backbone
from blurprint.lab.models.detector_weights import load_detector, save_detector, start_weights
from blurprint.lab.models.detectors import DetectorConfig, create_detector

pytestmark = pytest.mark.slow

State = dict[str, torch.Tensor]
SMALL = "mobilenetv3_small_050"
RGB = ViewOptions(views=("rgb",))


@cache
def maps() -> torch.Tensor:
    """Min-max maps of "paper", (12, 3, 299, 299), of crops of photographs."""
    maker = ViewMaker(ViewOptions())
    made = []
    for photo in (data.astronaut(), data.coffee(), data.chelsea()[:, :, :3]):
        rgb = np.float32(photo) / 255
        for top, left in ((0, 0), (1, 151)):
            square = np.ascontiguousarray(rgb[top : top + 299, left : left + 299])
            made += [maker.from_square(square)["defocus"], maker.from_square(1 - square)["defocus"]]
    return torch.from_numpy(np.stack(made))


@cache
def xception(classes: int) -> torch.nn.Module:
    """timm's network with statistics of these maps, and a last layer that sets them apart."""
    torch.manual_seed(5)
    net = create_backbone("legacy_xception", classes)
    with torch.no_grad():
        for layer in net.modules():
            if isinstance(layer, torch.nn.BatchNorm2d):
                layer.momentum = 1.0
        net.train()(maps()[::2])
        net.eval()
        features = net.forward_head(net.forward_features(maps()), pre_logits=True)
        centred = features - features.mean(0)
        axis = torch.linalg.svd(centred, full_matrices=False).Vh[0]
        axis /= (centred @ axis).std() / 3
        net.fc.weight.copy_(torch.outer(torch.tensor([-0.5, 0.5][-classes:]), axis))
        net.fc.bias.copy_(-net.fc.weight @ features.mean(0))
    return net


@cache
def expected_on_maps(classes: int) -> torch.Tensor:
    return fakeness(xception(classes), maps())


@torch.no_grad()
def fakeness(net: torch.nn.Module, fed: torch.Tensor) -> torch.Tensor:
    """P(fake) of a plain forward of timm's network."""
    logits = net(fed)
    return logits[:, 0].sigmoid() if logits.shape[1] == 1 else logits.softmax(1)[:, 1]


def as_theirs(state: Mapping[str, torch.Tensor], prefix: str = "", head: str = "fc") -> State:
    return {prefix + k.replace("fc.", f"{head}."): v for k, v in state.items()}


FORMS = {
    "the paper's names": (2, None, "classifier.", "fc"),
    "of several devices": (1, None, "module.classifier.", "fc"),
    "beside an optimiser": (2, "model_state_dict", "classifier.", "fc"),
    "bare": (1, None, "", "fc"),
    "nested": (1, "state_dict", "module.", "fc"),
    "FaceForensics++": (2, None, "model.", "last_linear.1"),
    "DeepfakeBench": (2, None, "backbone.", "last_linear"),
}


CASES = [(form, "legacy_xception") for form in FORMS] + [("the paper's names", "xception")]


@pytest.mark.parametrize(("form", "backbone"), CASES, ids=lambda word: word.replace(" ", "_"))
@torch.no_grad()
def test_their_defocus_files_give_their_own_scores_on_the_map_itself(form, backbone, tmp_path):
    classes, nest, prefix, head = FORMS[form]
    theirs = xception(classes)
    state = as_theirs(theirs.state_dict(), prefix, head)
    if form in ("FaceForensics++", "DeepfakeBench"):
        state |= {k: v[..., 0, 0] for k, v in state.items() if k.endswith("pointwise.weight")}
    if form == "DeepfakeBench":
        state |= {
            "backbone.adjust_channel.0.weight": torch.zeros(512, 2048, 1, 1),
            "backbone.adjust_channel.0.bias": torch.zeros(512),
        }
    optimizer = torch.optim.Adam(theirs.parameters()).state_dict()
    content = {"epoch": 3, nest: state, "optimizer_state_dict": optimizer} if nest else state
    file = tmp_path / "theirs.pth"
    torch.save(content, file)
    ours = load_detector(file, DetectorConfig(backbone=backbone))
    expected = expected_on_maps(classes)
    assert 3 <= (expected > 0.5).sum() <= 9  # scores of one kind would prove little
    some = slice(None) if form == "the paper's names" else slice(0, None, 4)
    given = ours({"defocus": maps()[some]}).sigmoid()
    assert (given - expected[some]).abs().max() < 1e-4
    said = " ".join(ours.notes)
    assert "defocus: none" in said
    assert ("(real, fake)" if classes == 2 else "logit of fake") in said
    assert ("optimizer_state_dict" in said) == bool(nest)
    assert ("adjust_channel" in said) == (form == "DeepfakeBench")


@torch.no_grad()
def test_timms_mean_and_deviation_on_the_map_would_flip_verdicts(tmp_path):
    theirs = xception(2)
    torch.save(as_theirs(theirs.state_dict(), "classifier."), tmp_path / "w.pth")
    wrong = load_detector(tmp_path / "w.pth", DetectorConfig(normalisation="timm"))
    flipped = (wrong({"defocus": maps()}) > 0) != (expected_on_maps(2) > 0.5)
    assert flipped.sum() >= 3


@pytest.mark.parametrize("backbone", ["legacy_xception", SMALL])
@torch.no_grad()
def test_their_rgb_networks_are_fed_half_whatever_the_backbone(backbone, tmp_path):
    torch.manual_seed(6)
    theirs = create_backbone(backbone, 2).eval()
    torch.save({f"classifier.{k}": v for k, v in theirs.state_dict().items()}, tmp_path / "w.pth")
    ours = load_detector(tmp_path / "w.pth", DetectorConfig("rgb", backbone, views=RGB))
    view = torch.rand(2, 3, 299, 299)
    expected = fakeness(theirs, (view - 0.5) / 0.5)
    assert torch.allclose(ours({"rgb": view}).sigmoid(), expected, atol=1e-4)


def small(classes: int = 1) -> torch.nn.Module:
    torch.manual_seed(7)
    return create_backbone(SMALL, classes)


DEFOCUS = DetectorConfig(backbone=SMALL, views=ViewOptions(size=64))


def test_a_head_of_another_size_is_an_error_in_a_test_and_a_note_at_a_start(tmp_path):
    file = tmp_path / "imagenet.pth"
    theirs = small(1000)
    torch.save(theirs.state_dict(), file)
    with pytest.raises(InputError, match=r"imagenet\.pth: Expected one last layer.*1000"):
        load_detector(file, DEFOCUS)
    detector = create_detector(DEFOCUS)
    before = detector.head.weight.detach().clone()
    state, notes = start_weights(file, detector)
    detector.load_state_dict(state)
    assert torch.equal(detector.head.weight, before)
    ours = detector.branches["defocus"].net.state_dict()
    assert all(torch.equal(v, theirs.state_dict()[k]) for k, v in ours.items())
    assert any("classifier (1000, 1024)" in note and "starts anew" in note for note in notes)


def test_a_start_takes_a_head_that_fits_and_names_what_it_leaves(tmp_path):
    file = tmp_path / "w.pth"
    state = {f"backbone.{k}": v for k, v in small(2).state_dict().items()}
    torch.save(state | {"landmarks.weight": torch.zeros(4)}, file)
    detector = create_detector(DEFOCUS)
    fitted, notes = start_weights(file, detector)
    weight = state["backbone.classifier.weight"]
    assert torch.equal(fitted["head.weight"], weight[1:] - weight[:1])
    assert any("left out 1 tensors" in note and "landmarks.weight" in note for note in notes)
    with pytest.raises(InputError, match=r"landmarks\.weight"):
        load_detector(file, DEFOCUS)


def test_a_start_from_ours_says_which_settings_differ(tmp_path):
    file = tmp_path / "rgb.safetensors"
    views = ViewOptions(views=("rgb",), size=64)
    rgb = create_detector(DetectorConfig("rgb", SMALL, views=views))
    save_detector(rgb, file)
    detector = create_detector(DEFOCUS)
    state, notes = start_weights(file, detector)
    said = " ".join(notes)
    assert "model rgb, not defocus" in said and "normalisation half, not none" in said
    assert '"rgb" and starts on "defocus"' in said
    first = "branches.{}.net.conv_stem.weight"
    assert torch.equal(state[first.format("defocus")], rgb.state_dict()[first.format("rgb")])
    # A test of it under another name is a contradiction, in either kind of file.
    with pytest.raises(InputError, match="model rgb, not defocus"):
        load_detector(file, DEFOCUS)
    torch.save(rgb.state_dict(), tmp_path / "rgb.pth")
    with pytest.raises(InputError, match='sees "defocus", but got one of "rgb"'):
        load_detector(tmp_path / "rgb.pth", DEFOCUS)


def test_two_networks_in_one_file_are_refused(tmp_path):
    state = small().state_dict()
    both = {f"{name}.{k}": v for name in ("student", "teacher") for k, v in state.items()}
    torch.save(both, tmp_path / "w.pth")
    with pytest.raises(InputError, match=r'several that fit, under "student\.", "teacher\."'):
        load_detector(tmp_path / "w.pth", DEFOCUS)


def test_our_own_names_are_found_whatever_stands_before_them(tmp_path):
    views = ViewOptions(views=("rgb", "defocus"), size=64)
    fusion = create_detector(DetectorConfig("fusion", SMALL, views=views)).eval()
    file = tmp_path / "lightning.ckpt"
    torch.save({"state_dict": {f"detector.{k}": v for k, v in fusion.state_dict().items()}}, file)
    again = load_detector(file, fusion.config)
    batch = {view: torch.rand(2, 3, 64, 64) for view in views.views}
    assert torch.allclose(again(batch), fusion(batch), atol=1e-6)


@pytest.mark.parametrize("name", ["w.pth", "w.safetensors", "w.onnx"])
def test_a_git_lfs_pointer_is_named_as_one(name, tmp_path):
    text = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 83370000\n"
    (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match=rf"{name}.*Git LFS pointer.*`git lfs pull`"):
        load_detector(tmp_path / name, DEFOCUS)


def test_weights_of_a_training_that_diverged_are_refused(tmp_path):
    state = small().state_dict()
    state["conv_stem.weight"][0, 0, 0, 0] = torch.nan
    torch.save(state, tmp_path / "w.pth")
    save_file(state, tmp_path / "w.safetensors")
    for name in ("w.pth", "w.safetensors"):
        with pytest.raises(InputError, match=r"not finite \(conv_stem\.weight"):
            load_detector(tmp_path / name, DEFOCUS)


class Evil:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (Path.touch, (Path("executed"),))


def test_files_that_would_run_code_are_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    torch.save({"state_dict": {}, "x": Evil()}, "evil.pth")
    Path("plain.pth").write_bytes(pickle.dumps(Evil(), protocol=2))
    for name in ("evil.pth", "plain.pth"):
        with pytest.raises(InputError, match=name):
            load_detector(Path(name), DetectorConfig())
    assert not Path("executed").exists()


def test_weights_that_do_not_fit_say_what_is_wrong(tmp_path):
    rgb = DetectorConfig("rgb", SMALL, views=ViewOptions(views=("rgb",), size=64))
    small = create_detector(rgb)
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
