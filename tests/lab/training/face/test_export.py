"""In 8 bits the activations of the face network end where their range ends, without operations."""

from __future__ import annotations

import numpy as np
import onnx
import torch

from blurprint.lab.fakes.pairs import SEEN
from blurprint.lab.models.face import FaceNetwork
from blurprint.lab.training.face.export import face_onnx, face_onnx_int8
from blurprint.weights.session import open_session


def test_no_activation_is_unpacked_to_be_clipped() -> None:
    torch.manual_seed(0)
    net = FaceNetwork(pretrained=False).eval()
    crops = np.random.default_rng(0).random((4, 3, SEEN, SEEN), np.float32)
    model = face_onnx(net)
    small = face_onnx_int8(model, list(crops))
    graph = onnx.load_model_from_string(small).graph
    kind = {name: node.op_type for node in graph.node for name in node.output}
    clipped = [kind.get(node.input[0]) for node in graph.node if node.op_type == "Clip"]
    assert "Conv" in clipped  # those that stay in float
    assert "DequantizeLinear" not in clipped
    assert sum(one == "QuantizeLinear" for one in kind.values()) < 70  # 90 with them
    outputs = [open_session(one).run(None, {"face": crops[:1]}) for one in (model, small)]
    for exact, near in zip(*outputs, strict=True):
        assert np.abs(exact - near).mean() < 0.1 * np.abs(exact).mean()
