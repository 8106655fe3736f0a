"""Padding that a network computes anew for every picture, folded into its convolutions.

TensorFlow's padding "SAME" depends on the size of the picture, and is exported as a dozen small
operations before each convolution with a stride. At the one size that the face network takes, it is
a constant, which a convolution of ONNX holds itself: a fifth of the time of a run.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import onnx
import torch
from torch import Tensor, nn

from blurprint.weights.session import open_session


class _Padded(nn.Sequential):
    """Zeros around the picture, then the convolution without any of its own."""


def with_fixed_padding(net: nn.Module, size: int) -> nn.Module:
    """A copy of a network whose convolutions pad as they do for pictures of `size` pixels.

    Args:
        net: takes float (N, 3, S, S).
        size: S.
    """
    from timm.layers import Conv2dSame

    fixed = copy.deepcopy(net).eval()
    shapes: dict[str, tuple[int, int]] = {}

    def remember(name: str) -> Callable[[nn.Module, tuple[Tensor, ...]], None]:
        def hook(_: nn.Module, given: tuple[Tensor, ...]) -> None:
            shapes[name] = (int(given[0].shape[-2]), int(given[0].shape[-1]))

        return hook

    found = {name: one for name, one in fixed.named_modules() if isinstance(one, Conv2dSame)}
    hooks = [one.register_forward_pre_hook(remember(name)) for name, one in found.items()]
    with torch.no_grad():
        fixed(torch.zeros(1, 3, size, size))
    for one in hooks:
        one.remove()
    for name, one in found.items():
        parent, _, own = name.rpartition(".")
        setattr(fixed.get_submodule(parent), own, _padded(one, shapes[name]))
    return fixed


def _padded(conv: nn.Conv2d, shape: tuple[int, int]) -> _Padded:
    sides: list[int] = []
    for axis in (1, 0):  # ZeroPad2d takes left, right, top, bottom
        length, stride = shape[axis], int(conv.stride[axis])
        reach = (int(conv.kernel_size[axis]) - 1) * int(conv.dilation[axis]) + 1
        lacking = max((-(-length // stride) - 1) * stride + reach - length, 0)
        sides += [lacking // 2, lacking - lacking // 2]
    plain = nn.Conv2d(
        conv.in_channels,
        conv.out_channels,
        (int(conv.kernel_size[0]), int(conv.kernel_size[1])),
        (int(conv.stride[0]), int(conv.stride[1])),
        0,
        (int(conv.dilation[0]), int(conv.dilation[1])),
        conv.groups,
        conv.bias is not None,
    )
    plain.load_state_dict(conv.state_dict())
    return _Padded(nn.ZeroPad2d((sides[0], sides[1], sides[2], sides[3])), plain)


def fold_padding(model: bytes) -> bytes:
    """The same network as ONNX, in which constants are computed and padding is in convolutions.

    By the basic optimisations of ONNX Runtime, which change no value and need no operation of its
    own.
    """
    with TemporaryDirectory() as folder:
        path = Path(folder) / "folded.onnx"
        open_session(model, simplified=path)
        graph = onnx.load(path)
    for other in [one for one in graph.opset_import if one.domain]:
        graph.opset_import.remove(other)  # named by the runtime, used by no node
    onnx.checker.check_model(graph)
    return bytes(graph.SerializeToString())
