"""Exported networks in 8-bit integers, by ONNX Runtime."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any, Final

from blurprint.arrays import FloatMap
from blurprint.errors import BlurprintError, install_extra
from blurprint.weights.session import open_session

# The error of the export is in its card: docs/thresholds.md.
PERCENTILE: Final = 99.99
"""Share of the activations that their range must hold, in percent: the few beyond would cost all
others resolution."""

EARLY: Final = 2
"""Convolutions of a detector, counted from a view, that stay in float."""


def kept_in_float(stem: int) -> tuple[int, ...]:
    """Places of the convolutions of an estimator that stay as they are.

    Those at full resolution, where blur below a pixel lives, unless they are followed by one that
    halves it at once: then only the first, which reads the picture; and the one whose outputs are
    pixels of blur.
    """
    return (*range(max(1, stem)), -1)


def quantize(model: bytes, pictures: Iterable[FloatMap], *, kept: Sequence[int]) -> bytes:
    """Weights and activations of the estimator in 8 bits, by the ranges seen on `pictures`.

    Static, per output channel (Jacob et al., *Quantization and training of neural networks for
    efficient integer-arithmetic-only inference*, CVPR 2018), after training. Weights keep to 7
    bits, so that sums do not overflow on processors without VNNI.

    Args:
        model: ONNX with one input ``rgb``.
        pictures: float32 (1, 3, H, W) in [0, 1], H and W multiples of the network's stride.
        kept: places of the convolutions that stay in float; negative ones count from the last.

    Raises:
        BlurprintError: if `onnx` is missing.
    """
    try:
        from onnxruntime.quantization import (
            CalibrationDataReader,
            CalibrationMethod,
            QuantType,
            quantize_static,
        )
    except ImportError as error:
        raise BlurprintError(
            f"Quantizing needs {error.name}, which is missing: {install_extra('lab')}"
        ) from error

    class _Reader(CalibrationDataReader):  # type: ignore[misc]  # of a module without types
        def __init__(self) -> None:
            self._rest = iter(pictures)

        def get_next(self) -> dict[str, Any] | None:
            picture = next(self._rest, None)
            return None if picture is None else {"rgb": picture}

    with _quiet_folder() as (source, target):
        _write_folded(model, source)
        quantize_static(
            str(source),
            str(target),
            _Reader(),
            op_types_to_quantize=["Conv", "Add", "Relu"],
            nodes_to_exclude=[_convolutions(source)[place] for place in kept],
            per_channel=True,
            reduce_range=True,
            calibrate_method=CalibrationMethod.Percentile,
            extra_options={"CalibPercentile": PERCENTILE},
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
        )
        return target.read_bytes()


def quantize_weights(model: bytes) -> bytes:
    """Weights in 8 bits, activations quantised as they come (ONNX Runtime's dynamic scheme)."""
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    proto = onnx.load_from_string(model)
    del proto.graph.value_info[:]  # stale shapes make the quantiser refuse
    with _quiet_folder() as (source, target):
        onnx.save(proto, source)
        quantize_dynamic(source, target, weight_type=QuantType.QUInt8)
        return target.read_bytes()


def quantize_scores(
    model: bytes,
    views: Sequence[Mapping[str, FloatMap]],
    *,
    depthwise: bool = True,
) -> bytes:
    """Weights and activations of a detector in 8 bits, by the ranges seen on `views`.

    As :func:`quantize`, with whole ranges, and the first two convolutions behind every view in
    float: on tf_efficientnet_lite0 that takes the largest error of P(fake) from 0.23 to 0.06, on
    mobilenetv3_small_050 from 0.08 to 0.03 (before ReLU6 was merged).

    ReLU6 is merged into the convolution before it, as ReLU is: its output has the range from 0 to
    6, beyond which 8 bits end by themselves, in the place of a range that is up to 36 times as
    wide. On the face network, tf_efficientnet_lite0, the mean error of the logit against float
    goes from 0.35 to 0.21, and a run takes 1.7 ms in the place of 2.4.

    Args:
        model: ONNX with an input for each view.
        views: of pictures, float32 (3, S, S) each.
        depthwise: whether grouped convolutions are quantised, too. They hold few weights, and with
            few terms to a sum errors do not average out.
    """
    from onnxruntime.quantization import (
        CalibrationDataReader,
        CalibrationMethod,
        QuantType,
        quantize_static,
    )

    class _Reader(CalibrationDataReader):  # type: ignore[misc]  # of a module without types
        def __init__(self) -> None:
            self._rest = iter(views)

        def get_next(self) -> dict[str, Any] | None:
            picture = next(self._rest, None)
            return None if picture is None else {k: v[None] for k, v in picture.items()}

    with _quiet_folder() as (source, target):
        _write_folded(model, source)
        quantize_static(
            str(source),
            str(target),
            _Reader(),
            op_types_to_quantize=["Conv", "Add", "Relu", "Clip", "Gemm"],
            nodes_to_exclude=_kept_convolutions(source, EARLY, depthwise=not depthwise),
            per_channel=True,
            reduce_range=True,
            calibrate_method=CalibrationMethod.MinMax,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
        )
        return target.read_bytes()


@contextmanager
def _quiet_folder() -> Iterator[tuple[Path, Path]]:
    """Files to quantise from and to, without the quantiser's advice, which is not needed here."""
    level = logging.root.level
    logging.root.setLevel(logging.ERROR)
    try:
        with tempfile.TemporaryDirectory() as folder, redirect_stdout(StringIO()):
            yield Path(folder) / "float.onnx", Path(folder) / "int8.onnx"
    finally:
        logging.root.setLevel(level)


def _write_folded(model: bytes, path: Path) -> None:
    """The model with its float16 weights unpacked, as the quantizer wants them."""
    open_session(model, simplified=path)


def _convolutions(path: Path) -> list[str]:
    import onnx

    return [node.name for node in onnx.load(str(path)).graph.node if node.op_type == "Conv"]


def _kept_convolutions(path: Path, depth: int, *, depthwise: bool) -> list[str]:
    """Convolutions with fewer than `depth` others between an input and them, and grouped ones."""
    import onnx

    graph = onnx.load(str(path)).graph
    passed = {value.name: 0 for value in graph.input}
    kept = []
    for node in graph.node:  # in topological order
        before = [passed[name] for name in node.input if name in passed]
        if not before:
            continue
        after = max(before)
        if node.op_type == "Conv":
            groups = next((a.i for a in node.attribute if a.name == "group"), 1)
            kept += [node.name] if after < depth or (depthwise and groups > 1) else []
            after += 1
        passed |= dict.fromkeys(node.output, after)
    return kept
