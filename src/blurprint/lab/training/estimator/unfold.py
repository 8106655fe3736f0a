"""From weights that ship back to a network that can be trained on.

Export folds batch normalisation into the convolutions before it. Here it is taken out again: each
convolution keeps its weights, and its normalisation gets the mean and variance that the features
have on pictures, with the scale and shift that undo them, so that the network reads what it read
and trains as one that was never folded.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from blurprint.errors import BlurprintError, InputError, install_extra
from blurprint.lab.models.estimator import EstimatorConfig, EstimatorNet
from blurprint.weights.card import EstimatorCard, read_card


def unfolded(card: Path) -> dict[str, Tensor]:
    """Weights of the network that a card describes, by the names that :class:`EstimatorNet` uses.

    Normalisations do nothing but add what the folded convolution added; :func:`settle` gives them
    the statistics of pictures.

    Raises:
        InputError: if the card describes no estimator, or its file holds another network or one in
            8 bits.
        BlurprintError: if `onnx` is missing.
    """
    described = read_card(card, EstimatorCard)
    shape = {k: v for k, v in described.network.items() if k != "class"}
    try:
        net = EstimatorNet(EstimatorConfig.from_dict(shape))
    except (TypeError, ValueError, IndexError, RuntimeError) as error:
        raise InputError(f"{card}: describes no estimator of blur ({error})") from error
    folded = _convolutions(described.read_model(), card)
    modules = _in_order(net)
    if [tuple(w.shape) for w, _ in folded] != [tuple(m.weight.shape) for m, _ in modules]:
        raise InputError(f"{card}: its file holds another network than the card describes")
    with torch.no_grad():
        for (weight, bias), (conv, norm) in zip(folded, modules, strict=True):
            conv.weight.copy_(torch.from_numpy(weight))
            if norm is None:
                conv.bias.copy_(torch.from_numpy(bias))  # type: ignore[union-attr]  # these layers have it
                continue
            norm.bias.copy_(torch.from_numpy(bias))
            norm.weight.fill_(1)
            norm.running_var.fill_(1 - norm.eps)  # type: ignore[union-attr]  # these layers have it
    return net.state_dict()


@torch.no_grad()
def settle(net: EstimatorNet, pictures: Iterable[Tensor]) -> None:
    """Give normalisations the mean and variance of what reaches them; the network reads the same.

    Args:
        net: its normalisations still have a running mean of 0 and variance of 1, or any other: what
            they do together stays as it is.
        pictures: float (N, 3, H, W) in [0, 1], batches to take the statistics of.
    """
    sums: dict[nn.BatchNorm2d, list[Tensor]] = {}

    def note(norm: nn.BatchNorm2d, _: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        values = inputs[0].double().transpose(0, 1).flatten(1)
        found = torch.stack([values.mean(1), values.square().mean(1), torch.ones(len(values))])
        sums[norm] = [*sums.get(norm, []), found]

    norms = [module for module in net.modules() if isinstance(module, nn.BatchNorm2d)]
    hooks = [norm.register_forward_pre_hook(partial(note, norm)) for norm in norms]
    training = net.training
    net.eval()
    try:
        for batch in pictures:
            net(batch)
    finally:
        net.train(training)
        for hook in hooks:
            hook.remove()
    for norm, parts in sums.items():
        mean, square, _ = torch.stack(parts).mean(0)
        variance = (square - mean.square()).clamp(min=1e-8)
        held_mean, held_var = norm.running_mean, norm.running_var
        assert held_mean is not None
        assert held_var is not None
        slope = norm.weight / (held_var + norm.eps).sqrt()
        norm.bias.add_((mean - held_mean) * slope)
        norm.weight.copy_(slope * (variance + norm.eps).sqrt())
        held_mean.copy_(mean)
        held_var.copy_(variance)


def _convolutions(model: bytes, card: Path) -> list[tuple[np.ndarray, np.ndarray]]:
    """Weights and biases of the convolutions in the order in which they run, float32."""
    try:
        import onnx
    except ImportError as error:
        raise BlurprintError(
            "Training on from shipped weights needs onnx, which is missing: " + install_extra("lab")
        ) from error
    graph = onnx.load_from_string(model).graph
    stored = {tensor.name: tensor for tensor in graph.initializer}
    passed_on = {  # of equal constants the exporter stores one
        node.output[0]: node.input[0] for node in graph.node if node.op_type in ("Cast", "Identity")
    }

    def origin(name: str) -> str:
        while name in passed_on:
            name = passed_on[name]
        return name

    found = []
    for node in graph.node:
        if node.op_type != "Conv":
            continue
        names = [origin(name) for name in node.input[1:]]
        if any(name not in stored for name in names):
            raise InputError(
                f"{card}: is of a network in 8 bits; name the card of the one in float"
            )
        weight, bias = (onnx.numpy_helper.to_array(stored[name]) for name in names)
        found.append((weight.astype(np.float32), bias.astype(np.float32)))
    return found


def _in_order(net: EstimatorNet) -> list[tuple[nn.Conv2d, nn.BatchNorm2d | None]]:
    """Convolutions as they run, each with the normalisation that follows it."""
    order: list[nn.Conv2d] = []
    following = {
        block[0]: block[1]
        for block in net.modules()
        if isinstance(block, nn.Sequential) and len(block) > 1
    }
    convs = [module for module in net.modules() if isinstance(module, nn.Conv2d)]
    hooks = [conv.register_forward_hook(lambda conv, *_: order.append(conv)) for conv in convs]
    side = 2 * net.config.stride
    with torch.no_grad():
        net.eval()(torch.zeros(1, 3, side, side))
    for hook in hooks:
        hook.remove()
    norms = [following.get(conv) for conv in order]
    return [
        (conv, norm if isinstance(norm, nn.BatchNorm2d) else None)
        for conv, norm in zip(order, norms, strict=True)
    ]
