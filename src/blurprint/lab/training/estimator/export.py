"""From a trained network to the ONNX file and the card that ship."""

from __future__ import annotations

import hashlib
import io
import json
import warnings
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor, nn

from blurprint.errors import BlurprintError
from blurprint.files import make_folder, write_atomic
from blurprint.lab.models.estimator import EstimatorConfig, EstimatorNet
from blurprint.version import __version__
from blurprint.weights.card import FORMAT
from blurprint.weights.session import open_session

OPSET = 17
TOLERANCE = 1e-3
"""Largest difference that an exported network may show against torch: in pixels, and beyond one
pixel as a share of the value."""
HALF_TOLERANCE = 1e-2
"""The same, once its weights are rounded to float16."""


_MEANINGS: Final = {
    "sigma": "float32 (N, 1, H, W), blur in pixels: root of the mean second moment of both axes, "
    'of the lens or of the whole spread as "sigma" says',
    "scale": "float32 (N, 1, H, W), scale b of the Laplace distribution of the error, px",
    "anisotropy": "float32 (N, 1, H, W), 0 where blur is round, 1 where it is a line: 1 - minor / "
    "major standard deviation of the whole spread",
}


class _Outputs(nn.Module):
    def __init__(self, net: EstimatorNet) -> None:
        super().__init__()
        self.net = net

    def forward(self, rgb: Tensor) -> tuple[Tensor, ...]:
        return tuple(part for part in self.net(rgb) if part is not None)


def outputs_of(config: EstimatorConfig) -> list[str]:
    """Names of what an exported network gives, in order."""
    return ["sigma", "scale", "anisotropy"] if config.anisotropy else ["sigma", "scale"]


def to_onnx(net: EstimatorNet) -> bytes:
    """The network as ONNX: input `rgb`, outputs :func:`outputs_of`, height and width dynamic.

    Raises:
        BlurprintError: if ONNX Runtime does not give what torch gives, to :data:`TOLERANCE`
            (weights in float32) and :data:`HALF_TOLERANCE` (as they are stored, in float16).
    """
    net = net.cpu().eval()
    stride = net.config.stride
    sample = torch.rand(1, 3, 4 * stride, 5 * stride)
    axes = {0: "n", 2: "height", 3: "width"}
    names = outputs_of(net.config)
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the exporter's own coming and going
        torch.onnx.export(
            _Outputs(net).eval(),  # or the exporter would set the network to training
            (sample,),
            buffer,  # type: ignore[arg-type]  # the stub knows no streams
            input_names=["rgb"],
            output_names=names,
            dynamic_axes=dict.fromkeys(["rgb", *names], axes),
            opset_version=OPSET,
            dynamo=False,
        )
    model = buffer.getvalue()
    _verify(model, net, stride, TOLERANCE)
    half = _halved(model)
    _verify(half, net, stride, HALF_TOLERANCE)
    return half


def _halved(model: bytes) -> bytes:
    """The model with its weights stored in float16: half the file; all is computed in float32."""
    import onnx

    proto = onnx.load_from_string(model)
    graph = proto.graph
    casts = []
    for tensor in graph.initializer:
        if tensor.data_type != onnx.TensorProto.FLOAT or len(tensor.dims) < 2:
            continue
        name = tensor.name
        half = onnx.numpy_helper.to_array(tensor).astype(np.float16)
        tensor.CopyFrom(onnx.numpy_helper.from_array(half, f"{name}.half"))
        casts.append(
            onnx.helper.make_node("Cast", [tensor.name], [name], to=onnx.TensorProto.FLOAT)
        )
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    return bytes(proto.SerializeToString())


def _verify(model: bytes, net: EstimatorNet, stride: int, tolerance: float) -> None:
    session = open_session(model)
    for rows, columns in ((2, 3), (6, 5)):
        rgb = torch.rand(1, 3, rows * stride, columns * stride)
        smooth = nn.functional.avg_pool2d(rgb, 5, stride=1, padding=2)
        for picture in (rgb, smooth):
            with torch.no_grad():
                expected = net(picture)
            given = session.run(None, {"rgb": picture.numpy()})
            for ours, theirs in zip(
                given, [part for part in expected if part is not None], strict=True
            ):
                torchs = theirs.numpy()
                worst = float((np.abs(ours - torchs) / np.maximum(1, np.abs(torchs))).max())
                if not worst <= tolerance:
                    raise BlurprintError(f"The exported network differs from torch by {worst:.2g}")


def write_weights(net: EstimatorNet, folder: Path, name: str, content: dict[str, Any]) -> Path:
    """Write ``NAME.onnx`` and its card ``NAME.json`` into `folder`; the path of the card.

    Args:
        net: the trained network.
        folder: where to.
        name: of both files.
        content: what the card says beyond file, hash, input and outputs: calibration of the
            confidence, training, errors, licence; "sigma" is "lens" or "whole"
            (:mod:`blurprint.lens.pixel`), "lens" where it is missing.
    """
    model = to_onnx(net)
    card = {
        "format": FORMAT,
        "kind": "estimator",
        "name": name,
        "file": f"{name}.onnx",
        "sha256": hashlib.sha256(model).hexdigest(),
        "made_by": f"blurprint {__version__}",
        "input": {
            "rgb": "float32 (N, 3, H, W), sRGB values in [0, 1]",
            "stride": net.config.stride,
            "padding": "H and W to multiples of the stride, by reflection, right and below",
        },
        "outputs": {name: _MEANINGS[name] for name in outputs_of(net.config)},
        "network": {"class": "EstimatorNet", **net.config.to_dict()},
        "parameters": sum(p.numel() for p in net.parameters()),
        **content,
    }
    make_folder(folder)
    write_atomic(folder / f"{name}.onnx", model)
    write_atomic(folder / f"{name}.json", (json.dumps(card, indent=2) + "\n").encode())
    return folder / f"{name}.json"
