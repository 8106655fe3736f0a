"""The exported network pads in its convolutions, and says what the trained one says."""

from __future__ import annotations

import numpy as np
import onnx
import torch

from blurprint.lab.fakes.pairs import SEEN
from blurprint.lab.models.face import FaceNetwork
from blurprint.lab.training.face.export import face_onnx
from blurprint.weights.session import open_session


def test_padding_is_folded_and_changes_no_output() -> None:
    torch.manual_seed(0)
    net = FaceNetwork(pretrained=False).eval()
    model = face_onnx(net)
    kinds = {node.op_type for node in onnx.load_model_from_string(model).graph.node}
    assert not kinds & {"Pad", "Shape", "Ceil", "Concat"}
    rng = np.random.default_rng(0)
    faces = rng.random((2, 3, SEEN, SEEN), np.float32)
    with torch.no_grad():
        expected = net(torch.from_numpy(faces))
    logit, where, features = open_session(model).run(None, {"face": faces})
    np.testing.assert_allclose(logit, expected.logit, atol=2e-4)
    np.testing.assert_allclose(where, expected.where.sigmoid(), atol=2e-4)
    np.testing.assert_allclose(features, expected.features, atol=2e-3)
