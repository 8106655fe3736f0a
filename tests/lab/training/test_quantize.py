"""Which convolutions of an estimator stay in float, by what the file holds."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
import torch

from blurprint.lab.models.estimator import EstimatorConfig, EstimatorNet
from blurprint.lab.training.estimator.export import to_onnx
from blurprint.lab.training.quantize import kept_in_float, quantize


@pytest.mark.parametrize(("stem", "in_float"), [(0, 2), (1, 2), (2, 3)])
def test_the_last_and_those_at_full_resolution_stay_in_float(stem, in_float):
    torch.manual_seed(0)
    config = EstimatorConfig(
        channels=(8 if stem else 3, 8, 8),
        encoder_blocks=(0, 1, 0),
        encoder_depthwise=(0, 0, 0),
        decoder_blocks=(0,),
        decoder_depthwise=(0,),
        stem=stem,
    )
    rng = np.random.default_rng(0)
    pictures = [rng.random((1, 3, 32, 32), dtype=np.float32) for _ in range(2)]
    model = quantize(to_onnx(EstimatorNet(config)), pictures, kept=kept_in_float(stem))
    graph = onnx.load_from_string(model).graph
    made_by = {name: node.op_type for node in graph.node for name in node.output}
    floats = [
        made_by.get(node.input[1]) != "DequantizeLinear"
        for node in graph.node
        if node.op_type == "Conv"
    ]
    assert floats == [True] * (in_float - 1) + [False] * (len(floats) - in_float) + [True]
    assert len(floats) > in_float + 2
