"""A face network of a few operations, whose outputs can be computed by hand."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from blurprint.score.calibration import Calibration, CalibrationTable, Cell, LineMap
from blurprint.score.coverage import Coverage
from blurprint.score.rules import Limits, Rules, Thresholds
from stored_coverage import packed

SIZE, WIDTH = 64, 3.8
"""Of the square around a face: pixels, and eye distances."""


def tiny_rules(**changes: object) -> Rules:
    """log10 of the ratio is the logit, from -1 to 1.3; 0.5 and above is fake, below -0.2 real."""
    one = Calibration(
        map=LineMap(slope=1, intercept=0),
        lower=-1,
        upper=1.3,
        reals=900,
        fakes=800,
        real_groups=500,
        fake_groups=400,
    )
    given = {
        "calibrations": CalibrationTable(cells=[Cell(size=0, quality=0, calibration=one)]),
        "thresholds": Thresholds(
            fake=0.5,
            strong=1.0,
            real=-0.2,
            false_alarms=0.05,
            strong_false_alarms=0.01,
            missed=0.3,
            reals=900,
            real_groups=500,
            fakes=800,
            fake_groups=400,
        ),
        "limits": Limits(smallest_face_px=10, least_measured=0, lowest_quality=30),
    }
    return Rules(**(given | changes))


def near(mean: float, threshold: float = 1.0) -> Coverage:
    """Covers squares whose mean colour is within `threshold` / 10 of a gray."""
    return Coverage(
        mean=packed([mean] * 3, "<f4"),
        scale=packed([0.1] * 3, "<f4"),
        directions=packed([127, 0, 0], "int8"),
        largest=[1.0],
        variances=[1.0],
        rest=1.0,
        threshold=threshold,
        share=0.99,
        faces=10,
        groups=5,
    )


def tiny_network(gain: float = 0.0, bias: float = 0.0, detail: float = 0.0) -> bytes:
    """ONNX of a network: logit = gain * mean + bias + detail * mean difference of neighbours.

    `where` is the mean colour of each of 8 x 8 parts, `features` the mean of each colour.
    """

    def constant(name: str, value: object, dtype: type = np.float32) -> onnx.TensorProto:
        return numpy_helper.from_array(np.array(value, dtype), name)

    node = helper.make_node
    nodes = [
        node("ReduceMean", ["face"], ["mean"], axes=[1, 2, 3], keepdims=0),
        node("ReduceMean", ["face"], ["features"], axes=[2, 3], keepdims=0),
        node("ReduceMean", ["face"], ["gray"], axes=[1], keepdims=1),
        node(
            "AveragePool",
            ["gray"],
            ["parts"],
            kernel_shape=[SIZE // 8] * 2,
            strides=[SIZE // 8] * 2,
        ),
        node("Squeeze", ["parts", "axis"], ["where"]),
        node("Slice", ["face", "one", "end", "last"], ["right"]),
        node("Slice", ["face", "zero", "minus", "last"], ["left"]),
        node("Sub", ["right", "left"], ["difference"]),
        node("Abs", ["difference"], ["distance"]),
        node("ReduceMean", ["distance"], ["detail"], axes=[1, 2, 3], keepdims=0),
        node("Mul", ["mean", "gain"], ["lit"]),
        node("Mul", ["detail", "detail_gain"], ["fine"]),
        node("Add", ["lit", "fine"], ["both"]),
        node("Add", ["both", "bias"], ["logit"]),
    ]
    whole = np.int64
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("face", TensorProto.FLOAT, ["N", 3, SIZE, SIZE])],
        [
            helper.make_tensor_value_info("logit", TensorProto.FLOAT, ["N"]),
            helper.make_tensor_value_info("where", TensorProto.FLOAT, ["N", 8, 8]),
            helper.make_tensor_value_info("features", TensorProto.FLOAT, ["N", 3]),
        ],
        [
            constant("gain", gain),
            constant("bias", bias),
            constant("detail_gain", detail),
            constant("axis", [1], whole),
            constant("zero", [0], whole),
            constant("one", [1], whole),
            constant("minus", [-1], whole),
            constant("end", [SIZE], whole),
            constant("last", [3], whole),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 8
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def write_tiny_face(folder: Path, rules: Rules | None = None, **network: float) -> Path:
    """The card of such a network, in a folder with it."""
    folder.mkdir(parents=True, exist_ok=True)
    model = tiny_network(**network)
    (folder / "face.onnx").write_bytes(model)
    card = {
        "kind": "face",
        "format": 1,
        "file": "face.onnx",
        "sha256": hashlib.sha256(model).hexdigest(),
        "input": {"size": SIZE, "width": WIDTH},
        "rules": (rules or tiny_rules()).model_dump(mode="json"),
    }
    path = folder / "face.json"
    path.write_text(json.dumps(card), "utf-8")
    return path


def write_tiny_detector(folder: Path, size: int = 16) -> Path:
    """The card of a detector of whole pictures, whose P(fake) is their mean colour."""
    folder.mkdir(parents=True, exist_ok=True)
    graph = helper.make_graph(
        [helper.make_node("ReduceMean", ["rgb"], ["score"], axes=[1, 2, 3], keepdims=0)],
        "bright",
        [helper.make_tensor_value_info("rgb", TensorProto.FLOAT, ["N", 3, size, size])],
        [helper.make_tensor_value_info("score", TensorProto.FLOAT, ["N"])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 8
    data = model.SerializeToString()
    (folder / "d.onnx").write_bytes(data)
    views = {"views": ["rgb"], "size": size, "fit": "squash", "estimator": "paper"}
    card = {
        "kind": "detector",
        "format": "blurprint-detector-1",
        "file": "d.onnx",
        "sha256": hashlib.sha256(data).hexdigest(),
        "config": {"model": "rgb", "views": {**views, "variant": "minmax", "frequency": "fft"}},
    }
    path = folder / "d.json"
    path.write_text(json.dumps(card), "utf-8")
    return path
