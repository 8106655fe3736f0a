"""The trained face network as ONNX, in float and in 8 bits."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from io import BytesIO
from typing import Final

import torch
from torch import Tensor, nn

from blurprint.arrays import FloatMap
from blurprint.lab.fakes.pairs import SEEN
from blurprint.lab.models.face import FaceNetwork
from blurprint.lab.training.face.fixed_padding import fold_padding, with_fixed_padding
from blurprint.lab.training.quantize import quantize_scores

INPUT = "face"
IN_8_BITS: Final = (
    "8 bits, by the ranges of crops of the training side; float in the first two convolutions; "
    "ReLU6 merged into the convolution before it"
)
"""What :func:`face_onnx_int8` makes of the trained network, for its card."""


class _Exported(nn.Module):
    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net

    def forward(self, faces: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        judged = self.net(faces)
        return judged.logit, judged.where.sigmoid(), judged.features


def face_onnx(net: FaceNetwork) -> bytes:
    """The network in float: ``face`` (N, 3, S, S) to ``logit``, ``where`` and ``features``."""
    file = BytesIO()
    with warnings.catch_warnings():  # of the older exporter, which needs no package more
        warnings.simplefilter("ignore")
        torch.onnx.export(
            _Exported(with_fixed_padding(net, SEEN)).eval(),
            (torch.zeros(1, 3, SEEN, SEEN),),
            file,  # type: ignore[arg-type]  # a file object is taken as well
            input_names=[INPUT],
            output_names=["logit", "where", "features"],
            dynamic_axes={name: {0: "N"} for name in (INPUT, "logit", "where", "features")},
            opset_version=17,
            dynamo=False,
        )
    return fold_padding(file.getvalue())


def face_onnx_int8(model: bytes, crops: Sequence[FloatMap]) -> bytes:
    """The same in 8 bits, by the ranges seen on crops, float32 (3, S, S) in [0, 1]."""
    return quantize_scores(model, [{INPUT: crop} for crop in crops])
