"""One picture explained: attributions of detectors as a section of its report."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

from blurprint.arrays import FloatMap
from blurprint.lab.datasets.table import SampleTable
from blurprint.lab.loading.map_cache import MapCache
from blurprint.lab.loading.pictures import ViewMaker
from blurprint.lab.models.detector_file import DetectorFile
from blurprint.lab.models.detectors import Detector
from blurprint.lab.pages.style import SIGNED_COLOURS
from blurprint.lab.studies.attribution import (
    BACKGROUNDS,
    SAMPLES,
    Attribution,
    Explainer,
    draw_background,
    only_view,
)
from blurprint.lab.studies.shapley_figures import shown_smooth, symmetric_top
from blurprint.pages.text import printable
from blurprint.photos.photo import Photo
from blurprint.report.explanation import Explanation, Panel

NPZ_FILE: Final = "explanation.npz"
_SHOWN_SIDE: Final = 520
_SIGNAL: Final = {"defocus": "blur", "rgb": "colours", "frequency": "frequencies"}


def own_background(view: FloatMap, name: str, count: int = BACKGROUNDS) -> FloatMap:
    """What a view is compared to without any real pictures, float32 (count, 3, S, S).

    Of "defocus": the same blur everywhere, at `count` quantiles of the map from 5 to 95 %. Of other
    views: the view itself, blurred by Gaussians from 4 to 16 % of its side.
    """
    if name == "defocus":
        levels = np.quantile(view, np.linspace(0.05, 0.95, count)).astype(np.float32)
        return np.broadcast_to(levels[:, None, None, None], (count, *view.shape)).copy()
    planes = np.ascontiguousarray(view.transpose(1, 2, 0))
    sigmas = np.linspace(0.04, 0.16, count) * view.shape[-1]
    blurred = [cv2.GaussianBlur(planes, (0, 0), float(sigma)) for sigma in sigmas]
    return np.stack(blurred).transpose(0, 3, 1, 2).copy()


def explain_picture(
    photo: Photo,
    detectors: Sequence[tuple[DetectorFile, Detector]],
    *,
    reals: SampleTable | None = None,
    samples: int = SAMPLES,
    backgrounds: int = BACKGROUNDS,
    seed: int = 0,
    cache: MapCache | None = None,
    seen: Sequence[str] = (),
) -> Explanation:
    """Attributions of one picture by each detector, as its report shows them.

    Args:
        photo: the picture at its own size, as read from its file.
        detectors: of one view each, with their files.
        reals: where the pictures that it is compared to are drawn from; without,
            :func:`own_background`.
        samples: gradients; see :func:`attribute`.
        backgrounds: pictures that it is compared to.
        seed: of their draw.
        cache: where maps are kept.
        seen: for each detector, what is known of the picture being in its training, or "".

    Raises:
        InputError: if a detector sees several views, or the photo was reduced.
        PhotoError: if a picture that it is compared to cannot be read.
    """
    panels: list[Panel] = []
    facts: list[dict[str, Any]] = []
    arrays: dict[str, FloatMap] = {}
    words: list[str] = []
    for number, (file, detector) in enumerate(detectors):
        name = only_view(detector)
        maker = ViewMaker(detector.config.views, cache)
        view = maker.from_photo(photo)[name]
        if reals is None:
            base = own_background(view, name, backgrounds)
        else:
            base = draw_background(
                detector, reals, count=backgrounds, seed=seed, cache=cache, but=(photo.source,)
            )
        found = Explainer(detector, base, samples=samples, seed=seed).explain(view)
        key = name if name not in arrays else f"{name}_{number}"
        arrays[key], arrays[f"{key}_view"] = found.values, view
        square, size = maker.square_of(photo), _shown_size(photo, detector)
        if not panels:
            panels.append(_picture(square, size))
        panels.append(_overlay(found, square, size, name))
        known = seen[number] if seen else ""
        facts.append(
            _of_file(file, known)
            | _facts(found, detector, len(base), samples, compared_to_reals=reals is not None)
        )
        words.append(_sentence(found, name, file, detector))
        words += [known] if known else []
    words.append(
        _compared_to(
            [one for _, one in detectors], None if reals is None else facts[0]["backgrounds"]
        )
    )
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)  # type: ignore[arg-type]  # of its flag allow_pickle
    return Explanation(
        title="What the detector looked at",
        words=tuple(words),
        panels=tuple(panels),
        scale=_encode(_colours(np.tile(np.linspace(-1, 1, 255, dtype=np.float32), (12, 1)))),
        ends=("speaks for real", "nothing", "speaks for fake"),
        data={"detectors": facts},
        files={NPZ_FILE: buffer.getvalue()},
    )


def _shown_size(photo: Photo, detector: Detector) -> tuple[int, int]:
    """Width and height: of the picture's proportions where the view is squashed."""
    views = detector.config.views
    if views.fit == "crop":
        return _SHOWN_SIDE, _SHOWN_SIDE
    width, height = photo.native_size
    ratio = _SHOWN_SIDE / max(height, width)
    return max(1, round(width * ratio)), max(1, round(height * ratio))


def _picture(square: FloatMap, size: tuple[int, int]) -> Panel:
    shown = cv2.resize(square, size, interpolation=cv2.INTER_CUBIC).clip(0, 1)
    caption = "The picture at the size at which the detector sees it."
    return Panel("Picture", caption, _encode(np.rint(shown * 255).astype(np.uint8)), *size)


def _overlay(found: Attribution, square: FloatMap, size: tuple[int, int], name: str) -> Panel:
    """Colours of the attribution over the picture in faint gray."""
    plane = shown_smooth(found.plane)
    top = symmetric_top(plane)
    share = cv2.resize(np.clip(plane / top, -1, 1), size, interpolation=cv2.INTER_LINEAR)
    gray = cv2.resize(square.mean(axis=2), size, interpolation=cv2.INTER_CUBIC).clip(0, 1)
    faint = (150 + 95 * gray)[..., None]
    weight = np.abs(share)[..., None] ** 0.6
    mixed = faint * (1 - weight) + _colours(share).astype(np.float32) * weight
    caption = (
        f"Where the {_SIGNAL[name]} speak for a fake (orange) or for a real picture (violet), over "
        "the picture in gray."
    ).replace("blur speak", "blur speaks")
    title = {"defocus": "By the blur", "rgb": "By the colours"}.get(name, f"By the {name}")
    return Panel(title, caption, _encode(np.rint(mixed).clip(0, 255).astype(np.uint8)), *size)


def _colours(share: FloatMap) -> npt.NDArray[np.uint8]:
    import matplotlib as mpl

    colours = mpl.colormaps[f"{SIGNED_COLOURS}_r"]((share + 1) / 2, bytes=True)
    return np.asarray(colours[..., :3], np.uint8)


def _encode(rgb: npt.NDArray[np.uint8]) -> bytes:
    return cv2.imencode(".png", np.ascontiguousarray(rgb[..., ::-1]))[1].tobytes()


def _probability(found: Attribution) -> float:
    return float(1 / (1 + np.exp(-found.logit)))


def _facts(
    found: Attribution,
    detector: Detector,
    backgrounds: int,
    samples: int,
    *,
    compared_to_reals: bool,
) -> dict[str, Any]:
    return {
        "view": only_view(detector),
        "backbone": detector.config.backbone,
        "output": _probability(found),
        "logit": found.logit,
        "expected_logit": found.expected,
        "sum_of_attributions": found.total,
        "completeness_error": found.error,
        "samples": samples,
        "backgrounds": backgrounds,
        "compared_to": "reals" if compared_to_reals else "own",
    }


def _of_file(file: DetectorFile, seen: str) -> dict[str, Any]:
    return {
        "weights": printable(str(file.weights)),
        "weights_sha256": file.digest(),
        "trained_on": printable(file.trained_on()),
        "seen_in_training": seen or None,
    }


def _sentence(found: Attribution, name: str, file: DetectorFile, detector: Detector) -> str:
    moved = found.logit - found.expected
    # No direction finer than the parts of the explanation add up.
    beyond = abs(moved) > max(abs(found.error), 0.005)
    towards = f", towards {'fake' if moved > 0 else 'real'}" if beyond else ": hardly at all"
    total = _signed(found.total)
    return (
        f"The detector {printable(str(file.weights))} ({detector.config.backbone}, "
        f"{printable(file.trained_on())}) sees the picture’s {_SIGNAL[name]} and gives "
        f"{_probability(found):.2f} on a scale from 0 (real) to 1 (fake). That is the output "
        "of this network, and no calibrated probability. Against what it is compared to, the "
        f"picture moves the score by {_signed(moved)} logits{towards}. The colours show "
        f"which places did so: they add up to {total}, and so miss the score by "
        f"{abs(found.error):.2g}."
    )


def _signed(value: float) -> str:
    return f"{round(value, 2) + 0.0:+.2f}".replace("-", "−")


def _compared_to(detectors: Sequence[Detector], reals: int | None) -> str:
    if reals is not None:
        base = f"The picture is compared to {reals} real pictures, by expected gradients."
    else:
        names = {only_view(detector) for detector in detectors}
        parts = []
        if "defocus" in names:
            parts.append("maps of the same blur everywhere, from its sharpest to its most blurred")
        if names - {"defocus"}:
            parts.append("itself, heavily blurred")
        base = (
            "Since no real pictures were given, the picture is compared to "
            f"{' and to '.join(parts)}. "
            "That shows which places matter for the score at all, not what sets the picture apart "
            "from real ones; --background does."
        )
    return (
        f"{base} For showing, colours are smoothed over about 1 % of the side. An explanation says "
        "what this network used, not what is forged."
    )
