"""Attributions: how much each pixel of a view moves a detector's logit away from that of reals.

Expected gradients: Erion et al., *Improving performance of deep learning models with axiomatic
attribution priors and expected gradients* (Nature Machine Intelligence 2021), equation 3; captum
calls them GradientShap, after Lundberg & Lee, *A unified approach to interpreting model
predictions* (NIPS 2017). Positive is towards fake. The attributions of a picture add up to
``f(x) - mean f(background)`` as far as the sampling allows; the difference is told with each.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import numpy as np
import torch
from torch import Tensor

from blurprint.arrays import FloatMap
from blurprint.errors import InputError
from blurprint.files import make_folder, write_atomic
from blurprint.lab.datasets.table import REAL, SampleTable
from blurprint.lab.loading.map_cache import MapCache
from blurprint.lab.loading.pictures import ViewMaker
from blurprint.lab.models.detectors import Detector
from blurprint.lab.torchvision_import import ensure_torchvision

Model = Callable[[Tensor], Tensor]
"""From views (N, 3, S, S) to logits (N,)."""
Way = Literal["integrated", "gradient-shap"]
"""How Shapley values are estimated."""
WAYS: Final[tuple[Way, ...]] = ("integrated", "gradient-shap")
SAMPLES: Final = 100
BACKGROUNDS: Final = 10
DETECTOR_TITLES: Final = {"defocus": "defocus detector", "rgb": "RGB detector"}
_MOST_AT_ONCE: Final = 5
"""Gradients computed together; more are slower on a processor, and need more memory."""


@dataclass(frozen=True, slots=True, eq=False)
class Attribution:
    """What each value of a view adds to a detector's logit.

    Attributes:
        values: float32 (3, S, S), in logits; positive is towards fake.
        logit: f(x) of the picture.
        expected: mean f of the backgrounds.
    """

    values: FloatMap
    logit: float
    expected: float

    @property
    def plane(self) -> FloatMap:
        """Sum over the channels, (S, S): of a map, whose channels are equal, that of the map."""
        return self.values.sum(axis=0)

    @property
    def total(self) -> float:
        """Sum of all values."""
        return float(self.values.sum(dtype=np.float64))

    @property
    def error(self) -> float:
        """Of completeness: ``total - (logit - expected)``, in logits."""
        return self.total - (self.logit - self.expected)


def attribute(
    model: Model,
    view: FloatMap,
    background: FloatMap,
    *,
    samples: int = SAMPLES,
    method: Way = "integrated",
    seed: int = 0,
) -> Attribution:
    """Expected gradients of one view against every background in equal parts.

    Each background takes ``ceil(samples / B)`` gradients on the straight line from it to the view:
    "integrated" at the nodes of Gauss and Legendre's rule (deterministic: the integrated gradients
    of Sundararajan et al., ICML 2017, averaged over the backgrounds), "gradient-shap" at random
    places of it, by captum. With equal samples the first adds up several times better.

    Args:
        model: to logits, in evaluation mode.
        view: float32 (3, S, S).
        background: float32 (B, 3, S, S).
        samples: gradients, at least.
        method: see above.
        seed: of the random places. Global generators are left as they were.

    Raises:
        InputError: if shapes do not agree, or there is nothing to sample.

    >>> line = lambda views: views.sum(dim=(1, 2, 3))
    >>> one = attribute(line, np.ones((3, 2, 2), "f4"), np.zeros((1, 3, 2, 2), "f4"))
    >>> round(one.total, 3), abs(one.error) < 1e-5
    (12.0, True)
    """
    if background.ndim != 4 or not len(background) or background.shape[1:] != view.shape:
        raise InputError(
            f"Expected `background` to be (B, *{view.shape}), but got {background.shape}"
        )
    if samples < 1:
        raise InputError(f"Expected `samples` to be at least 1, but got {samples}")
    if method not in WAYS:
        raise InputError(f'Expected `method` to be among {", ".join(WAYS)}, but got "{method}"')
    each = -(-samples // len(background))
    picture, bases = torch.from_numpy(view)[None], torch.from_numpy(background)
    if method == "integrated":
        values = _integrated(model, picture, bases, each)
    else:
        values = _gradient_shap(model, picture, bases, each, seed)
    with torch.no_grad():
        logit = float(model(picture)[0])
        expected = float(torch.cat([model(part) for part in _parts(bases)]).mean())
    return Attribution(values[0].numpy(), logit, expected)


def _integrated(model: Model, picture: Tensor, bases: Tensor, each: int) -> Tensor:
    nodes, weights = np.polynomial.legendre.leggauss(each)  # on [-1, 1], where they sum to 2
    rows = torch.arange(len(bases)).repeat_interleave(each)
    shares = torch.tensor((nodes + 1) / 2, dtype=torch.float32).repeat(len(bases))
    weight = torch.tensor(weights / 2, dtype=torch.float32).repeat(len(bases))
    total = torch.zeros_like(picture)
    for part in _parts(torch.arange(len(rows))):
        base, share = bases[rows[part]], shares[part][:, None, None, None]
        points = (base + share * (picture - base)).requires_grad_()
        (gradient,) = torch.autograd.grad(model(points).sum(), points)
        gradient = gradient * weight[part][:, None, None, None]  # it may be expanded
        total += ((picture - base) * gradient).sum(dim=0, keepdim=True)
    return total / len(bases)


def _gradient_shap(model: Model, picture: Tensor, bases: Tensor, each: int, seed: int) -> Tensor:
    ensure_torchvision()
    from captum.attr import GradientShap

    method = GradientShap(model)
    wanted = picture.clone().requires_grad_()
    total = torch.zeros_like(picture)
    with _seeded(seed):
        for base in bases:
            # One background at a time, so that all count alike however few samples there are.
            for start in range(0, each, _MOST_AT_ONCE):
                count = min(_MOST_AT_ONCE, each - start)
                part = method.attribute(wanted, base[None], n_samples=count, stdevs=0.0)
                total += part.detach() * count
    return total / (each * len(bases))


def _parts(rows: Tensor) -> Iterator[Tensor]:
    for start in range(0, len(rows), _MOST_AT_ONCE):
        yield rows[start : start + _MOST_AT_ONCE]


@contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """Captum draws from the global generators of NumPy and torch."""
    before = np.random.get_state()  # noqa: NPY002
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        np.random.seed(seed)  # noqa: NPY002
        try:
            yield
        finally:
            np.random.set_state(before)  # noqa: NPY002


class Explainer:
    """Attributions of a detector that sees one view, kept on disk if wanted.

    Args:
        detector: it is put into evaluation mode.
        background: float32 (B, 3, S, S), as :func:`draw_background` gives.
        samples: see :func:`attribute`.
        method: see :func:`attribute`.
        seed: see :func:`attribute`.
        kept: folder for what was computed, by the content of all that it depends on; a study that
            was interrupted, or another one of the same pictures, finds it there.

    Raises:
        InputError: if the detector sees several views.
    """

    def __init__(
        self,
        detector: Detector,
        background: FloatMap,
        *,
        samples: int = SAMPLES,
        method: Way = "integrated",
        seed: int = 0,
        kept: Path | None = None,
    ) -> None:
        """See the class."""
        self.view = only_view(detector)
        self.background = background
        self._detector = detector.eval()
        self._settings = (samples, method, seed)
        self._kept = kept
        self._digest = b"" if kept is None else self._digest_of_all()

    def model(self, views: Tensor) -> Tensor:
        """Logits (N,) of views (N, 3, S, S)."""
        return self._detector({self.view: views})

    def explain(self, view: FloatMap) -> Attribution:
        """The attribution of a view, float32 (3, S, S).

        Raises:
            OutputError: if it cannot be kept.
        """
        file = None
        if self._kept is not None:
            key = hashlib.sha256(self._digest + view.tobytes()).hexdigest()[:40]
            file = self._kept / key[:2] / f"{key}.npz"
            stored = _read(file, view.shape)
            if stored is not None:
                return stored
        samples, method, seed = self._settings
        out = attribute(
            self.model, view, self.background, samples=samples, method=method, seed=seed
        )
        if file is not None:
            _write(file, out)
        return out

    def _digest_of_all(self) -> bytes:
        digest = hashlib.sha256(repr((self._settings, self._detector.config)).encode())
        for name, value in self._detector.state_dict().items():
            digest.update(name.encode())
            digest.update(value.detach().cpu().contiguous().numpy().tobytes())
        digest.update(self.background.tobytes())
        return digest.digest()


def _read(file: Path, shape: tuple[int, ...]) -> Attribution | None:
    """What is kept there, or None: a broken file counts as none and is replaced."""
    try:
        with np.load(io.BytesIO(file.read_bytes()), allow_pickle=False) as stored:
            values, logit, expected = (stored[name] for name in ("values", "logit", "expected"))
    except (OSError, ValueError, EOFError, KeyError):
        return None
    if values.shape != shape or values.dtype != np.float32:
        return None
    return Attribution(values, float(logit), float(expected))


def _write(file: Path, one: Attribution) -> None:
    buffer = io.BytesIO()
    np.savez(buffer, values=one.values, logit=one.logit, expected=one.expected)
    make_folder(file.parent)
    write_atomic(file, buffer.getvalue())


def only_view(detector: Detector) -> str:
    """The name of the one view that a detector sees.

    Raises:
        InputError: if it sees several.
    """
    views = detector.config.views.views
    if len(views) > 1:
        raise InputError(
            f"Expected a detector of one view to explain, but this one sees {', '.join(views)}"
        )
    return views[0]


def check_detectors(
    defocus_detector: Detector, rgb_detector: Detector | None
) -> dict[str, Detector]:
    """Both by their view.

    Raises:
        InputError: if one sees something else.
    """
    detectors = {"defocus": defocus_detector}
    if rgb_detector is not None:
        detectors["rgb"] = rgb_detector
    for name, detector in detectors.items():
        if only_view(detector) != name:
            raise InputError(
                f'Expected a detector that sees "{name}", but this one sees "{only_view(detector)}"'
            )
    return detectors


def draw_background(
    detector: Detector,
    table: SampleTable,
    *,
    count: int = BACKGROUNDS,
    seed: int = 0,
    cache: MapCache | None = None,
    but: tuple[str, ...] = (),
) -> FloatMap:
    """Views of reals, one a group as far as there are groups, float32 (B, 3, S, S).

    Args:
        detector: whose view is made.
        table: where reals are drawn from.
        count: how many, or all if there are fewer.
        seed: of the draw.
        cache: where maps are kept.
        but: paths that are left out while there are others.

    Raises:
        InputError: if there are no reals.
        PhotoError: if a picture cannot be read.
    """
    reals = table[table["label"] == REAL]
    others = reals[~reals["path"].isin(but)]
    reals = others if len(others) else reals
    if not len(reals):
        raise InputError("Expected reals to draw the background from, but there are none")
    if count < 1:
        raise InputError(f"Expected `backgrounds` to be at least 1, but got {count}")
    order = reals.iloc[np.random.default_rng(seed).permutation(len(reals))]
    turn = order.groupby("group", sort=False).cumcount()
    chosen = order.iloc[np.argsort(turn.to_numpy(), kind="stable")[:count]]
    maker = ViewMaker(detector.config.views, cache)
    view = only_view(detector)
    return np.stack([maker.from_file(Path(path))[view] for path in chosen["path"]])
