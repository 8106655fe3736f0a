"""Detectors as ONNX: from the views of a picture to P(fake), in float32 and in 8 bits."""

from __future__ import annotations

import hashlib
import io
import json
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor, nn

from blurprint.arrays import FloatMap
from blurprint.errors import BlurprintError
from blurprint.files import make_folder, write_all
from blurprint.lab.models.detectors import Detector
from blurprint.lab.training.quantize import quantize_scores, quantize_weights
from blurprint.score.detector import ExportedDetector
from blurprint.score.make_views import ViewOptions
from blurprint.version import __version__
from blurprint.weights.card import DETECTOR_FORMATS
from blurprint.weights.session import open_session

FORMAT: Final = f"{DETECTOR_FORMATS}onnx-1"
OPSET: Final = 17
# No decision at two decimals changes: docs/thresholds.md.
TOLERANCE: Final = 1e-3
"""Largest difference of P(fake) between ONNX Runtime and torch."""
# A convention: docs/thresholds.md.
INT8_TOLERANCE: Final = 0.05
"""The same of the 8-bit network, unless it is asked for regardless."""
CALIBRATED_FROM: Final = 4
"""Pictures from which the ranges of activations are calibrated."""


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
    file: str | Path,
    *,
    pictures: Sequence[Mapping[str, FloatMap]] = (),
    int8: bool = False,
    force: bool = False,
    card: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Write ``file`` (.onnx) and its card (.json), with `int8` also ``NAME.int8.onnx``.

    Inputs are named after the views, float32 (N, 3, S, S) in [0, 1] with N free; the output is
    `score`, (N,), P(fake).

    Args:
        detector: to export.
        file: where to.
        pictures: views of real pictures, which the export is held to beside random ones.
        int8: write a network in 8 bits as well; see :func:`_in_8_bits`.
        force: write that one however far its scores are off.
        card: what else the card says.

    Returns:
        The card.

    Raises:
        BlurprintError: if a score differs from torch's by more than :data:`TOLERANCE`, or in 8
            bits by more than :data:`INT8_TOLERANCE` without `force`. Nothing is written then.
        OutputError: if a file cannot be written.
    """
    file = Path(file)
    detector = detector.cpu().eval()
    model = to_onnx(detector)
    trials = {"random": _Trial.of(detector, _random_views(detector))}
    if pictures:
        trials["pictures"] = _Trial.of_pictures(detector, pictures)
    worst = {name: trial.compare(model)[0] for name, trial in trials.items()}
    for name, value in worst.items():
        if not value <= TOLERANCE:
            raise BlurprintError(f"The exported scores differ from torch's by {value:.2g} ({name})")
    views = detector.config.views
    content: dict[str, Any] = {
        "format": FORMAT,
        "kind": "detector",
        "file": file.name,
        "sha256": hashlib.sha256(model).hexdigest(),
        "made_by": f"blurprint {__version__}",
        "inputs": dict.fromkeys(
            views.views, f"float32 (N, 3, {views.size}, {views.size}) in [0, 1]"
        ),
        "output": {"score": "float32 (N,), P(fake): 0 real, 1 fake"},
        "normalisation": detector.config.normalisations,
        "config": detector.config.to_dict(),
        "differs_from_torch_by": worst,
        **(card or {}),
    }
    files = {file: model}
    if int8:
        small = file.with_name(f"{file.stem}.int8.onnx")
        quantised, measured = _in_8_bits(model, detector, pictures, trials["random"])
        off = max(measured["differs_from_torch_by"].values())
        if off > INT8_TOLERANCE and not force:
            raise BlurprintError(
                f"{small}: not written, and neither was {file.name}: in 8 bits P(fake) is up to "
                f"{off:.2f} off, more than {INT8_TOLERANCE} ({int8_words(measured)}). Leave --int8 "
                "out, give more pictures to calibrate by (--pictures), or add --force."
            )
        digest = hashlib.sha256(quantised).hexdigest()
        content["int8"] = {"file": small.name, "sha256": digest, **measured, "forced": force}
        files[small] = quantised
    files[file.with_suffix(".json")] = (json.dumps(content, indent=2, default=str) + "\n").encode()
    make_folder(file.parent)
    write_all(files)
    return content


def _in_8_bits(
    model: bytes,
    detector: Detector,
    pictures: Sequence[Mapping[str, FloatMap]],
    random: _Trial,
) -> tuple[bytes, dict[str, Any]]:
    """The network in 8 bits, and how far its scores are off, for the card.

    Of :data:`CALIBRATED_FROM` pictures or more, every other one calibrates the ranges of
    activations; of the ways to do so the one nearest to torch is chosen on those, too, and measured
    on the rest. Fewer pictures only measure, and none leave that to random views.
    """
    dynamic = quantize_weights(model)
    few = len(pictures) < CALIBRATED_FROM
    calibrating = [] if few else list(pictures[::2])
    tested = list(pictures) if few else list(pictures[1::2])
    candidates = {"weights in 8 bits, activations quantised as they come": dynamic}
    if calibrating:
        by = f"calibrated on {len(calibrating)} pictures"
        candidates[by] = quantize_scores(model, calibrating)
        candidates[f"{by}, depthwise convolutions in float"] = quantize_scores(
            model, calibrating, depthwise=False
        )
        seen = _Trial.of_pictures(detector, calibrating)
        # One that is hardly smaller than the floats has little in 8 bits, and is near for that.
        small = {k: v for k, v in candidates.items() if len(v) < 1.25 * len(dynamic)}
        scheme = min(small, key=lambda name: seen.compare(small[name]))
    else:
        (scheme,) = candidates
    chosen = candidates[scheme]
    if not tested:
        off = {"random": random.compare(chosen)[0]}
        return chosen, {"scheme": scheme, "measured_on_pictures": 0, "differs_from_torch_by": off}
    difference, flipped = _Trial.of_pictures(detector, tested).compare(chosen)
    return chosen, {
        "scheme": scheme,
        "measured_on_pictures": len(tested),
        "differs_from_torch_by": {"pictures": difference},
        "verdicts_changed": flipped,
    }


def int8_words(measured: Mapping[str, Any]) -> str:
    """How far an 8-bit network is off, from its part of the card, in one sentence."""
    ((_, off),) = measured["differs_from_torch_by"].items()
    count = measured["measured_on_pictures"]
    if not count:
        return (
            f"In 8 bits P(fake) is up to {off:.3f} off on random views; on pictures its error is "
            "unknown, give some with --pictures"
        )
    return (
        f"In 8 bits ({measured['scheme']}) P(fake) is up to {off:.3f} off on {count} other "
        f"pictures; {measured['verdicts_changed']} of their verdicts at 0.5 change"
    )


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
            buffer,  # type: ignore[arg-type]  # the stub knows no streams
            input_names=list(views.views),
            output_names=["score"],
            dynamic_axes={name: {0: "n"} for name in (*views.views, "score")},
            opset_version=OPSET,
            dynamo=False,
        )
    return buffer.getvalue()


def _random_views(detector: Detector) -> dict[str, FloatMap]:
    rng = np.random.default_rng(0)
    views = detector.config.views
    shape = (3, 3, views.size, views.size)
    return {name: rng.random(shape, np.float32) for name in views.views}


@dataclass(frozen=True, slots=True)
class _Trial:
    """Views (N, 3, S, S) by name, of these options, and the P(fake) (N,) that torch gives them."""

    options: ViewOptions
    views: dict[str, FloatMap]
    expected: FloatMap

    @classmethod
    def of(cls, detector: Detector, views: dict[str, FloatMap]) -> _Trial:
        """Of a detector in evaluation mode."""
        with torch.no_grad():
            tensors = {name: torch.from_numpy(view) for name, view in views.items()}
            return cls(detector.config.views, views, detector(tensors).sigmoid().numpy())

    @classmethod
    def of_pictures(cls, detector: Detector, pictures: Sequence[Mapping[str, FloatMap]]) -> _Trial:
        """Of the views of pictures, (3, S, S) each."""
        names = detector.config.views.views
        return cls.of(detector, {n: np.stack([views[n] for views in pictures]) for n in names})

    def compare(self, model: bytes) -> tuple[float, int]:
        """Largest difference of an ONNX model's P(fake), and verdicts at 0.5 that change."""
        given = ExportedDetector(open_session(model), self.options).score_views(self.views)
        off = np.nan_to_num(np.abs(given - self.expected), nan=np.inf).max()
        return float(off), int(((given >= 0.5) != (self.expected >= 0.5)).sum())
