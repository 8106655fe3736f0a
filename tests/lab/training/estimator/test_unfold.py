"""Exported weights become a network that reads the same and can be trained on."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from blurprint import InputError
from blurprint.lab.models.estimator import EstimatorConfig, EstimatorNet
from blurprint.lab.training.estimator.export import write_weights
from blurprint.lab.training.estimator.network_weights import begin_with
from blurprint.lab.training.estimator.unfold import settle
from blurprint.weights.card import shipped

OLD = EstimatorConfig(
    channels=(8, 12, 16),
    encoder_blocks=(0, 1, 1),
    decoder_blocks=(1,),
    encoder_depthwise=(0, 0, 1),
    decoder_depthwise=(1,),
    down=3,
    anisotropy=False,
)
NEW = replace(OLD, down=4, anisotropy=True)


@pytest.fixture
def old(tmp_path: Path) -> tuple[EstimatorNet, Path]:
    """A network whose normalisations are as a training leaves them, and its card."""
    torch.manual_seed(3)
    net = EstimatorNet(OLD).eval()
    for module in net.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.5, 2)
            module.weight.data.uniform_(0.5, 1.5)
            module.bias.data.normal_(0, 0.1)
    torch.nn.init.normal_(net.head.weight, std=0.3)
    content = {
        "confidence": {"log_scale": [-1.0, 1.0], "probability": [1.0, 0.0], "tolerance_px": 0.25}
    }
    return net, write_weights(net, tmp_path, "estimator", content)


def test_it_reads_what_was_exported_before_and_after_settling(old):
    net, card = old
    pictures = torch.rand(12, 3, 48, 48, generator=torch.Generator().manual_seed(0))
    again = EstimatorNet(NEW)
    begin_with(again, card)
    with torch.no_grad():
        expected, read = net(pictures), again.eval()(pictures)
        assert torch.allclose(read.sigma, expected.sigma, atol=5e-3)  # float16 in the file
        settle(again, [pictures[:6], pictures[6:]])
        settled = again(pictures)
        assert torch.allclose(settled.sigma, read.sigma, atol=1e-4)
        assert torch.allclose(settled.scale, read.scale, atol=1e-4)
        trained = again.train()(pictures)  # by the statistics of the batch, which are those
        assert torch.allclose(trained.sigma, read.sigma, atol=0.02)
    assert expected.anisotropy is None
    assert trained.anisotropy.shape == trained.sigma.shape


def test_the_card_says_of_what_kind_the_network_is(old):
    _, card = old
    assert json.loads(card.read_text("utf-8"))["kind"] == "estimator"


def test_before_settling_training_would_read_something_else(old):
    net, card = old
    pictures = torch.rand(12, 3, 48, 48, generator=torch.Generator().manual_seed(0))
    again = EstimatorNet(NEW)
    begin_with(again, card)
    with torch.no_grad():
        off = (again.train()(pictures).sigma - net(pictures).sigma).abs()
    assert off.max() > 0.05


def test_another_network_and_eight_bits_are_refused(old):
    _, card = old
    with pytest.raises(InputError, match="another shape"):
        begin_with(EstimatorNet(replace(NEW, channels=(8, 12, 24))), card)
    with pytest.raises(InputError, match="8 bits"):
        begin_with(EstimatorNet(EstimatorConfig()), shipped("estimator-int8").path)


def test_the_shipped_network_can_be_trained_on():
    net = EstimatorNet(EstimatorConfig())
    begin_with(net, shipped("estimator").path)
    rgb = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        assert np.isfinite(net.eval()(rgb).sigma.numpy()).all()


def test_a_card_without_a_network_is_named(old):
    _, card = old
    text = card.read_text("utf-8").replace('"stem": ', '"steam": ')
    card.write_text(text, "utf-8")
    with pytest.raises(InputError, match=r"estimator\.json: describes no estimator"):
        begin_with(EstimatorNet(NEW), card)
