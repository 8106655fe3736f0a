"""Scenes from which a network learns to read blur: rendered photographs with the true sigma.

A scene is one to four layers of sharp texture, each with its own blur field, seen through one lens
(:func:`draw_scene`). What cameras make of it: :func:`blurprint.lab.rendering.frame.shoot`; what
else happens to it: :mod:`blurprint.lab.rendering.conditions`. Everything is drawn from one
generator: the same seed and the same photographs give the same scene.
"""

from __future__ import annotations

from typing import Final, NamedTuple, Protocol

import cv2
import numpy as np
import numpy.typing as npt

from blurprint.arrays import FloatMap
from blurprint.lab.rendering.blur_fields import draw_field, draw_level, position
from blurprint.lab.rendering.draw_lens import DrawLens, Lens, oval_of
from blurprint.lab.rendering.procedural import draw_procedural
from blurprint.lab.rendering.shapes import along_content, draw_outline
from blurprint.lab.rendering.sharp_sources import SharpPatch
from blurprint.lens.camera import Camera, develop, resize
from blurprint.lens.lens import (
    GAUSSIAN,
    Aperture,
    Layer,
    Rendering,
    compose,
    to_linear,
    to_srgb,
)

PROCEDURAL: Final = 0.30
"""Share of the examples whose textures are all procedural."""
GAMMA_SPACE: Final = {"gaussian": 0.5, "disk": 0.2, "polygon": 0.2}
"""By aperture, the share of the examples blurred in sRGB values, as software does; not in light."""
REAL_IN_GAMMA: Final = 0.05
"""The same for lenses that are soft as real ones are: software blurs by plain kernels."""
DRAWN_BY_SOFTWARE: Final = 0.35
"""Share of the procedural examples that know no lens: blurred as graphics are, by a Gaussian of
sRGB values. The other shares hold for the rest of them."""
ALL_SHARP: Final = 0.06
"""Share of the examples without any blur, beyond those that draw none by chance."""


class Sources(Protocol):
    """Where sharp patches come from: see :class:`SharpSources`."""

    def draw(self, rng: np.random.Generator, size: int) -> SharpPatch:
        """A sharp patch of `size` pixels squared."""
        ...


class Scene(NamedTuple):
    """A picture behind the lens.

    Attributes:
        linear: float32 (S, S, 3), linear light; highlights may exceed 1.
        sigma: float32 (S, S), true blur in pixels.
        weight: float32 (S, S) in [0, 1]: 0 where the texture itself was not sharp, low where
            layers of different blur mix.
        finished: whether software has blurred a finished picture: no exposure or tone curve
            follows.
        oval: float32 (S, S, 2), px^2, how far the blur is from round: (variance along x less that
            along y) / 2 and the covariance, by which blurs add; None if that is not asked for.
    """

    linear: FloatMap
    sigma: FloatMap
    weight: FloatMap
    finished: bool = False
    oval: FloatMap | None = None

    def develop(
        self, camera: Camera, rng: np.random.Generator
    ) -> tuple[npt.NDArray[np.uint8], FloatMap, FloatMap]:
        """What `camera` makes of it, with its sigma and weight: see :func:`develop`."""
        camera = camera.without_exposure() if self.finished else camera
        return *develop(self.linear, self.sigma, camera, rng), resize(self.weight, camera)


class Example(NamedTuple):
    """A photograph with its truth: uint8 (S, S, 3), float32 (S, S) in pixels, float32 (S, S)."""

    rgb: npt.NDArray[np.uint8]
    sigma: FloatMap
    weight: FloatMap


def draw_plain_lens(rng: np.random.Generator) -> Lens:
    """The lens of :func:`draw_aperture`, the same over the whole picture."""
    return Lens(draw_aperture(rng))


def draw_scene(
    rng: np.random.Generator,
    sources: Sources,
    size: int,
    procedural_share: float = PROCEDURAL,
    draw_lens: DrawLens = draw_plain_lens,
    *,
    all_sharp: float = ALL_SHARP,
) -> Scene:
    """Layers of sharp texture through one lens.

    One layer in 42 %, else 1 to 3 occluders (38, 15 and 5 %). With occluders, 40 % focus on the
    front, 25 % on the back, the others anywhere. See :data:`DRAWN_BY_SOFTWARE` for what knows no
    lens.

    Args:
        rng: source of every draw.
        sources: sharp textures.
        size: side, in pixels.
        procedural_share: share of the scenes whose textures are all procedural.
        draw_lens: draws the lens; held-out renders keep to :func:`draw_plain_lens`, trainings take
            :func:`blurprint.lab.rendering.draw_lens.draw_lens`.
        all_sharp: share of the scenes without any blur, beyond those that draw none by chance.
    """
    lens = draw_lens(rng)
    aperture = lens.aperture
    procedural = rng.random() < procedural_share
    soft = aperture.soften > 0 or aperture.core > 0
    in_gamma = rng.random() < (REAL_IN_GAMMA if soft else GAMMA_SPACE[aperture.kind])
    if procedural and rng.random() < DRAWN_BY_SOFTWARE:
        lens, in_gamma = Lens(GAUSSIAN), True
    sharp = rng.random() < all_sharp
    count = int(np.searchsorted((0.42, 0.80, 0.95), rng.random(), side="right"))
    focus = rng.random()
    bloom = float(rng.uniform(1.5, 6)) if rng.random() < 0.3 else 1.0

    def texture() -> SharpPatch:
        if procedural:
            return SharpPatch(draw_procedural(rng, size), np.ones((size, size), np.float32))
        return sources.draw(rng, size)

    def light(patch: SharpPatch) -> FloatMap:
        return to_srgb(patch.linear) if in_gamma else _highlights(patch.linear, bloom)

    back = texture()
    patches = [back]
    level = float(rng.uniform(0, 0.5)) if count and 0.4 <= focus < 0.65 else None
    layers = [Layer(light(back), 0.0 if sharp else draw_field(rng, size, level))]
    for _ in range(count):
        patch, alpha = _occluder(rng, back, texture if rng.random() < 0.75 else None)
        level = float(rng.uniform(0, 0.5)) if focus < 0.4 else draw_level(rng)
        sigma = level if rng.random() < 0.5 else draw_field(rng, size, level)
        layers.append(Layer(light(patch), 0.0 if sharp else sigma, alpha))
        patches.append(patch)

    seen, oval = _through(lens, layers, rng)
    trust = np.stack([patch.trust for patch in patches])
    trust = np.take_along_axis(trust, seen.layer[None].astype(np.intp), axis=0)[0]
    linear = to_linear(np.clip(seen.rgb, 0, 1)) if in_gamma else seen.rgb
    return Scene(linear, seen.sigma, seen.weight * trust, finished=in_gamma, oval=oval)


def _through(
    lens: Lens, layers: list[Layer], rng: np.random.Generator
) -> tuple[Rendering, FloatMap]:
    """The layers behind `lens`, and how oval its kernels are.

    Where the lens varies, each pixel mixes what both kernels give, hence their second moments.
    """
    seen = compose(layers, lens.aperture)
    oval = oval_of(lens.aperture, seen.sigma)
    if lens.other is None:
        return seen, oval
    share = position(rng, len(seen.sigma))[..., None]
    rgb = seen.rgb + share * (compose(layers, lens.other).rgb - seen.rgb)
    return seen._replace(rgb=rgb), oval + share * (oval_of(lens.other, seen.sigma) - oval)


def draw_aperture(rng: np.random.Generator) -> Aperture:
    """Gaussian 30 %, disk 40 %, polygon of 5 to 9 blades 30 %.

    Half of the polygons are rounded; 40 % of disks and polygons have a bright or dark rim; 45 %
    are softened by up to 60 % of a Gaussian.
    """
    kind = rng.random()
    if kind < 0.30:
        return Aperture("gaussian")
    return Aperture(
        kind="disk" if kind < 0.70 else "polygon",
        blades=int(rng.integers(5, 10)),
        rotation=float(rng.uniform(0, 2 * np.pi)),
        roundness=float(rng.uniform(0, 0.9)) if rng.random() < 0.5 else 0.0,
        rim=float(np.clip(rng.normal(0, 0.35), -0.9, 0.9)) if rng.random() < 0.4 else 0.0,
        mix=float(rng.uniform(0.05, 0.6)) if rng.random() < 0.45 else 0.0,
    )


def _occluder(
    rng: np.random.Generator, back: SharpPatch, texture: _Texture | None
) -> tuple[SharpPatch, FloatMap]:
    """A texture and its outline: of its own photograph, or the back's, in place or mirrored."""
    if texture is not None:
        patch = texture()
    elif rng.random() < 0.5:
        patch = back
    else:
        patch = SharpPatch(*(np.ascontiguousarray(part[:, ::-1]) for part in back))
    size = len(patch.trust)
    if rng.random() < (0.7 if patch is back else 0.2):
        alpha = along_content(rng, patch.linear)
    else:
        alpha = draw_outline(rng, size)
    if rng.random() < 0.5:
        alpha = 1 - alpha
    if alpha.mean() > 0.8:  # leave some of the background
        alpha = 1 - alpha
    if rng.random() < 0.15:  # a soft border: fur, smoke, what moves
        alpha = cv2.GaussianBlur(alpha, (0, 0), float(rng.uniform(0.6, 3)))
    return patch, alpha


def _highlights(linear: FloatMap, bloom: float) -> FloatMap:
    """Give back to burnt-out highlights the light that the file has clipped: up to `bloom`."""
    if bloom == 1:
        return linear
    excess = np.maximum(linear.min(axis=2, keepdims=True) - np.float32(0.75), 0) / np.float32(0.25)
    gain = 1 + np.float32(bloom - 1) * np.square(np.minimum(excess, 1))
    return np.asarray(linear * gain, np.float32)


class _Texture(Protocol):
    def __call__(self) -> SharpPatch: ...
