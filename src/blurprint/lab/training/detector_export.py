"""Detectors as ONNX: from the views of a picture to P(fake), in float32 and in 8 bits."""

from __future__ import annotations

import hashlib
import io
import json
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from blurprint import __version__
from blurprint.errors import BlurprintError
from blurprint.files import write_all
from blurprint.lab.datasets.views import FloatMap
from blurprint.lab.models.detectors import Detector
from blurprint.lab.training.quantize import quantize_weights

FORMAT: Final = "blurprint-detector-onnx-1"
OPSET: Final = 17
TOLERANCE: Final = 1e-3
"""Largest difference of P(fake) between ONNX Runtime and torch."""


class _Scores(nn.Module):
    """Views as arguments, in the detector's order, to P(fake) (N,)."""

    def __init__(self, detector: Detector) -> None:
        super().__init__()
        self.detector = detector

    def forward(self, *views: Tensor) -> Tensor:
        names = self.detector.config.views.views
        return self.detector(dict(zip(names, views, strict=True))).sigmoid()


def export_detector(
    detector: Detector,
    file: Path,
    *,
    pictures: Sequence[Mapping[str, FloatMap]] = (),
    int8: bool = False,
    card: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Write ``file`` (.onnx) and its card (.json), with `int8` also ``NAME.int8.onnx``.

    Inputs are named after the views, float32 (N, 3, S, S) in [0, 1] with N free; the output is
    `score`, (N,), P(fake).

    Args:
        detector: to export.
        file: where to.
        pictures: views of real pictures, which the export is held to beside random ones.
        int8: quantise the weights to 8 bits as well (activations dynamically); how far its scores
            differ stands in the card and is not bounded.
        card: what else the card says.

    Returns:
        The card.

    Raises:
        BlurprintError: if a score differs from torch's by more than :data:`TOLERANCE`.
        OutputError: if a file cannot be written.
    """
    detector = detector.cpu().eval()
    model = to_onnx(detector)
    trials = {"random": _random_views(detector)}
    if pictures:
        names = detector.config.views.views
        trials["pictures"] = {n: np.stack([views[n] for views in pictures]) for n in names}
    worst = {name: _difference(model, detector, views) for name, views in trials.items()}
    for name, value in worst.items():
        if not value <= TOLERANCE:
            raise BlurprintError(f"The exported scores differ from torch's by {value:.2g} ({name})")
    views = detector.config.views
    content: dict[str, Any] = {
        "format": FORMAT,
        "file": file.name,
        "sha256": hashlib.sha256(model).hexdigest(),
        "made_by": f"blurprint {__version__}",
        "inputs": dict.fromkeys(
            views.views, f"float32 (N, 3, {views.size}, {views.size}) in [0, 1]"
        ),
        "output": {"score": "float32 (N,), P(fake): 0 real, 1 fake"},
        "config": detector.config.to_dict(),
        "differs_from_torch_by": worst,
        **(card or {}),
    }
    files = {file: model}
    if int8:
        small = file.with_name(f"{file.stem}.int8.onnx")
        quantised = quantize_weights(model)
        content["int8"] = {
            "file": small.name,
            "sha256": hashlib.sha256(quantised).hexdigest(),
            "differs_from_torch_by": {
                name: _difference(quantised, detector, views) for name, views in trials.items()
            },
        }
        files[small] = quantised
    files[file.with_suffix(".json")] = (json.dumps(content, indent=2, default=str) + "\n").encode()
    file.parent.mkdir(parents=True, exist_ok=True)
    write_all(files)
    return content


def to_onnx(detector: Detector) -> bytes:
    """The detector as an ONNX model."""
    views = detector.config.views
    sample = tuple(torch.rand(2, 3, views.size, views.size) for _ in views.views)
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the exporter's own coming and going
        torch.onnx.export(
            _Scores(detector).eval(),
            sample,
            buffer,  # type: ignore[arg-type]
            input_names=list(views.views),
            output_names=["score"],
            dynamic_axes={name: {0: "n"} for name in (*views.views, "score")},
            opset_version=OPSET,
            dynamo=False,
        )
    return buffer.getvalue()


def _random_views(detector: Detector) -> dict[str, npt.NDArray[np.float32]]:
    rng = np.random.default_rng(0)
    views = detector.config.views
    shape = (3, 3, views.size, views.size)
    return {name: rng.random(shape, np.float32) for name in views.views}


def _difference(
    model: bytes, detector: Detector, views: Mapping[str, npt.NDArray[np.float32]]
) -> float:
    import onnxruntime

    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    (given,) = session.run(None, dict(views))
    with torch.no_grad():
        tensors = {name: torch.from_numpy(view) for name, view in views.items()}
        expected = detector(tensors).sigmoid().numpy()
    return float(np.abs(given - expected).max())
