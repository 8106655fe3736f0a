from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from blurprint.lab.models.estimator import (
    UNKNOWN_ERROR_PX,
    BlurEstimate,
    EstimatorConfig,
    EstimatorNet,
    attitude_loss,
    laplace_loss,
    oval_error,
)
from blurprint.optics.net import MARGIN
from blurprint.weights.card import shipped

SMALL = EstimatorConfig(
    channels=(4, 6, 8),
    encoder_blocks=(0, 1, 1),
    decoder_blocks=(1,),
    encoder_depthwise=(0, 0, 1),
    decoder_depthwise=(1,),
)
CONFIGS = {
    "default": EstimatorConfig(),
    "small": SMALL,
    "dense": EstimatorConfig(encoder_depthwise=(0, 0, 0, 0, 0), decoder_depthwise=(0, 0, 0)),
    "depthwise": EstimatorConfig(
        encoder_blocks=(0, 0, 0, 0, 0),
        encoder_depthwise=(1, 1, 1, 2, 2),
        decoder_blocks=(0, 0, 0),
        decoder_depthwise=(1, 1, 1),
    ),
    "narrow": EstimatorConfig((8, 8, 8, 8, 8), (1, 0, 1, 1, 1), decoder_blocks=(0, 1, 1), stem=2),
    "wide head": replace(SMALL, head=3),
}


@pytest.mark.parametrize("name", CONFIGS)
def test_maps_of_the_pictures_size_for_any_multiple_of_the_stride(name):
    net = EstimatorNet(CONFIGS[name]).eval()
    stride = net.config.stride
    rgb = torch.rand(2, 3, 3 * stride, 5 * stride)
    sigma, scale, anisotropy = net(rgb)
    assert anisotropy.shape == sigma.shape == scale.shape == (2, 1, 3 * stride, 5 * stride)
    assert (sigma > 0).all()
    assert (scale > 0).all()
    assert ((anisotropy > 0) & (anisotropy < 1)).all()


@pytest.mark.parametrize("name", CONFIGS)
def test_every_weight_learns(name):
    torch.manual_seed(0)
    net = EstimatorNet(CONFIGS[name]).train()
    for _ in range(2):  # blocks start as the identity, so their inner weights learn from step two
        net.zero_grad()
        stride = net.config.stride
        estimate = net(torch.rand(2, 3, 2 * stride, 2 * stride))
        one = torch.ones_like(estimate.sigma)
        laplace_loss(estimate, one, one, anisotropy=0.5 * one).backward()
        torch.optim.SGD(net.parameters(), lr=0.1).step()
    silent = [n for n, p in net.named_parameters() if p.grad is None or not p.grad.abs().sum() > 0]
    # A constant behind a depth-wise convolution is taken away by the next normalisation.
    assert not [n for n in silent if not n.endswith("branch.0.1.bias")]


def test_config_survives_json():
    import json

    config = CONFIGS["narrow"]
    assert EstimatorConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config


def test_laplace_loss_by_hand():
    # |2 - 1| / 0.5 + log(2 * 0.5) = 2; the second pixel has weight 0
    estimate = BlurEstimate(torch.tensor([2.0, 9.0]), torch.tensor([0.5, 1.0]))
    loss = laplace_loss(estimate, torch.tensor([1.0, 1.0]), torch.tensor([1.0, 0.0]))
    assert loss.item() == pytest.approx(2.0)


def test_laplace_loss_is_least_at_the_mean_absolute_error():
    errors = torch.tensor([0.1, 0.3, 0.8])
    scales = torch.linspace(0.1, 1.5, 141)
    losses = [
        laplace_loss(
            BlurEstimate(errors, torch.full((3,), float(b))), torch.zeros(3), torch.ones(3)
        )
        for b in scales
    ]
    assert float(scales[int(torch.stack(losses).argmin())]) == pytest.approx(0.4, abs=0.011)


def test_where_no_blur_is_known_the_scale_grows_and_sigma_is_left_alone():
    sigma = torch.tensor([1.0, 5.0, 0.2], requires_grad=True)
    log_scale = torch.tensor([-2.0, 0.0, -4.0], requires_grad=True)
    known, anything = torch.zeros(3), torch.tensor([0.0, 9.0, 3.0])
    for beta in (0.0, 0.5):
        sigma.grad = log_scale.grad = None
        estimate = BlurEstimate(sigma, log_scale.exp())
        laplace_loss(estimate, anything, torch.zeros(3), beta, known=known).backward()
        assert torch.equal(sigma.grad, torch.zeros(3))
        assert (log_scale.grad < 0).all(), "a step down the gradient raises the scale"


def test_the_scale_of_the_unknown_ends_where_a_reading_is_of_no_use():
    scales = torch.linspace(0.5, 7, 651)
    losses = [
        laplace_loss(
            BlurEstimate(torch.zeros(1), b[None]),
            torch.zeros(1),
            torch.ones(1),
            known=torch.zeros(1),
        )
        for b in scales
    ]
    best = float(scales[int(torch.stack(losses).argmin())])
    assert best == pytest.approx(UNKNOWN_ERROR_PX, abs=0.02)


def test_known_pixels_beside_unknown_ones_learn_as_ever():
    sigma = torch.tensor([2.0, 9.0], requires_grad=True)
    estimate = BlurEstimate(sigma, torch.tensor([0.5, 0.5]))
    target = torch.tensor([1.0, 1.0])
    laplace_loss(estimate, target, torch.ones(2), known=torch.tensor([1.0, 0.0])).backward()
    assert sigma.grad.tolist() == pytest.approx([1 / 0.5 / 2, 0])


def test_a_line_leaves_two_thirds_of_its_sigma_unsaid_and_a_real_lens_nothing():
    sigma = torch.full((3,), 3.0)
    unsaid = oval_error(sigma, torch.tensor([0.0, 0.1, 1.0]))
    # A line has all of its variance along one axis: sqrt(2) sigma there, 0 across.
    assert unsaid.tolist() == pytest.approx([0, 0, 0.9 * 3 * 2**0.5 / 2])
    right = BlurEstimate(sigma, torch.full((3,), 0.5))
    plain = laplace_loss(right, sigma, torch.ones(3))
    oval = laplace_loss(right, sigma, torch.ones(3), anisotropy=torch.tensor([0.0, 0.05, 0.8]))
    assert oval > plain


def test_what_is_far_from_round_is_learnt_where_blur_is_known_and_nowhere_else():
    one = torch.ones(1, 1, 2, 4)
    known = torch.tensor([1.0, 1, 0, 0]).expand(1, 1, 2, 4)
    said = torch.full((1, 1, 2, 4), 0.5, requires_grad=True)
    estimate = BlurEstimate(one, one, said)
    laplace_loss(estimate, one, one, known=known, anisotropy=0.9 * one).backward()
    assert (said.grad[..., :2] < 0).all(), "a step down the gradient raises what is said"
    assert (said.grad[..., 2:] == 0).all()


def test_two_readings_of_a_picture_are_drawn_together_by_what_they_claim():
    one = torch.ones(1, 1, 2, 2)
    sure, unsure = BlurEstimate(one, 0.1 * one), BlurEstimate(one, one)
    assert attitude_loss(sure, sure) == 0
    off = BlurEstimate(1.2 * one, 0.1 * one)
    assert attitude_loss(sure, off).item() == pytest.approx(2)
    assert attitude_loss(unsure, off._replace(scale=one)).item() == pytest.approx(0.2)


def test_a_mirrored_picture_is_sampled_at_mirrored_places():
    torch.manual_seed(0)
    rgb = torch.rand(1, 3, 64, 64)
    for config, same in ((EstimatorConfig(), True), (EstimatorConfig(down=3), False)):
        net = EstimatorNet(config).eval()
        for module in net.modules():
            if isinstance(module, torch.nn.Conv2d):  # as weights that know no attitude would
                module.weight.data += module.weight.data.flip(-1)
        with torch.no_grad():
            off = (net(rgb.flip(-1)).sigma.flip(-1) - net(rgb).sigma).abs().max()
        assert (off < 1e-5) == same


def shipped_config() -> EstimatorConfig:
    network = dict(shipped("estimator").content["network"])
    del network["class"]
    return EstimatorConfig.from_dict(network)


@pytest.mark.parametrize("config", [EstimatorConfig(), shipped_config()], ids=["default", "ships"])
def test_windows_overlap_by_more_than_the_network_sees(config):
    torch.manual_seed(0)
    net = EstimatorNet(config).eval()
    for module in net.modules():
        if isinstance(module, torch.nn.BatchNorm2d):  # new blocks would see nothing
            module.weight.data.normal_(1, 0.3)
    for row in (512, 519, 527):
        rgb = torch.rand(1, 3, 1024, 64, requires_grad=True)
        net(rgb).sigma[0, 0, row, 32].backward()
        seen = rgb.grad.abs().sum((0, 1, 3)).nonzero()
        assert 200 < max(row - int(seen.min()), int(seen.max()) - row) <= MARGIN
