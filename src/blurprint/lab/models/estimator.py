"""The network that reads blur: a small U-Net whose finest features keep every pixel.

Blur below a pixel lives in the finest scale, so the first convolution runs at full resolution; all
else runs at half and below, where it costs little, and the map leaves at half resolution, since
blur varies slowly except at the borders of objects.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

MIN_LOG_SCALE = -5.0
MAX_LOG_SCALE = 2.0
UNKNOWN_ERROR_PX = 3.0
"""Error that counts where no blur is defined: the scale learns it, beyond any use of a reading."""
# A convention: docs/thresholds.md.
ROUND_ENOUGH = 0.1
"""Anisotropy up to which one sigma says all there is: kernels of real lenses have that much."""


@dataclass(frozen=True, slots=True)
class EstimatorConfig:
    """Shape of an :class:`EstimatorNet`.

    Attributes:
        channels: features at full, half, quarter, ... resolution.
        encoder_blocks: residual blocks at each of these resolutions on the way down.
        encoder_depthwise: depth-wise residual blocks that follow them.
        decoder_blocks: residual blocks on the way up, from half resolution downwards, without the
            coarsest.
        decoder_depthwise: depth-wise residual blocks that follow them.
        stem: convolutions at full resolution.
        head: side of the last convolution's kernel.
        down: side of the kernels that halve the resolution. Those of 4 are centred between pixels,
            so that a mirrored picture is sampled at mirrored places; those of 3 are not.
        anisotropy: whether the network also says how far each blur is from round.
    """

    channels: tuple[int, ...] = (8, 32, 48, 80, 112)
    encoder_blocks: tuple[int, ...] = (0, 1, 1, 2, 2)
    encoder_depthwise: tuple[int, ...] = (0, 0, 1, 2, 2)
    decoder_blocks: tuple[int, ...] = (0, 1, 1)
    decoder_depthwise: tuple[int, ...] = (0, 1, 2)
    stem: int = 1
    head: int = 1
    down: int = 4
    anisotropy: bool = True

    @property
    def stride(self) -> int:
        """Height and width of the input must be multiples of this."""
        return int(2 ** (len(self.channels) - 1))

    def to_dict(self) -> dict[str, Any]:
        """As JSON takes it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> EstimatorConfig:
        """What :meth:`to_dict` gave, lists for tuples; what older ones do not say was fixed."""
        fields: dict[str, Any] = {"head": 3, "down": 3, "anisotropy": False}
        fields |= {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}
        return cls(**fields)


class BlurEstimate(NamedTuple):
    """What the network says of every pixel, float (N, 1, H, W).

    Attributes:
        sigma: blur in pixels.
        scale: scale b of the Laplace distribution of its error, in pixels; log b is bounded.
        anisotropy: 0 where the blur is round, 1 where it is a line, or None where the network does
            not say: see :func:`blurprint.lab.rendering.frame.anisotropy_of`.
    """

    sigma: Tensor
    scale: Tensor
    anisotropy: Tensor | None = None


class EstimatorNet(nn.Module):
    """RGB (N, 3, H, W) in [0, 1], H and W multiples of ``config.stride``, to blur and its error."""

    def __init__(self, config: EstimatorConfig) -> None:
        """Weights are drawn from torch's global generator."""
        super().__init__()
        self.config = config
        channels = config.channels
        stem: list[nn.Module] = []
        for index in range(config.stem):
            stem += [_conv(3 if index == 0 else channels[0], channels[0]), nn.ReLU(inplace=True)]
        self.stem = nn.Sequential(*stem)
        self.down = nn.ModuleList(
            nn.Sequential(_conv(fine, coarse, size=config.down, stride=2), nn.ReLU(inplace=True))
            for fine, coarse in pairwise(channels)
        )
        self.encoder = nn.ModuleList(
            _blocks(width, dense, depthwise)
            for width, dense, depthwise in zip(
                channels, config.encoder_blocks, config.encoder_depthwise, strict=True
            )
        )
        inner = list(pairwise(channels[1:]))
        self.lateral = nn.ModuleList(_conv(coarse, fine, size=1) for fine, coarse in inner)
        self.decoder = nn.ModuleList(
            _blocks(fine, dense, depthwise)
            for (fine, _), dense, depthwise in zip(
                inner, config.decoder_blocks, config.decoder_depthwise, strict=True
            )
        )
        start = [1.0, 0.0, -2.0] if config.anisotropy else [1.0, 0.0]
        self.head = nn.Conv2d(channels[1], len(start), config.head, padding=config.head // 2)
        nn.init.normal_(self.head.weight, std=1e-3)
        with torch.no_grad():
            self.head.bias.copy_(torch.tensor(start))  # type: ignore[union-attr]  # it has one

    def forward(self, rgb: Tensor) -> BlurEstimate:
        """See :class:`BlurEstimate`."""
        features = self.encoder[0](self.stem(rgb - 0.5))
        skips = []
        for down, blocks in zip(self.down, list(self.encoder)[1:], strict=True):
            features = blocks(down(features))
            skips.append(features)
        features = skips.pop()
        for lateral, blocks in reversed(list(zip(self.lateral, self.decoder, strict=True))):
            coarse = F.interpolate(lateral(features), scale_factor=2.0, mode="nearest")
            features = blocks(F.relu(skips.pop() + coarse))
        out = self.head(features).float()
        sigma = F.softplus(out[:, :1])
        scale = out[:, 1:2].clamp(MIN_LOG_SCALE, MAX_LOG_SCALE).exp()
        if not self.config.anisotropy:
            both = _doubled(torch.cat([sigma, scale], dim=1))
            return BlurEstimate(both[:, :1], both[:, 1:])
        three = _doubled(torch.cat([sigma, scale, out[:, 2:].sigmoid()], dim=1))
        return BlurEstimate(three[:, :1], three[:, 1:2], three[:, 2:])


def _doubled(half: Tensor) -> Tensor:
    """Twice the size, smoothed, or a head of 1 x 1 lets the grid of coarser levels show through."""
    even = F.avg_pool2d(half, 3, stride=1, padding=1, count_include_pad=False)
    return F.interpolate(even, scale_factor=2.0, mode="bilinear", align_corners=False)


def laplace_loss(
    estimate: BlurEstimate,
    sigma: Tensor,
    weight: Tensor,
    beta: float = 0.0,
    *,
    known: Tensor | None = None,
    anisotropy: Tensor | None = None,
) -> Tensor:
    """Mean negative log-likelihood ``error / b + log 2b``, weighted; a scalar.

    Heteroscedastic likelihood after Kendall & Gal, *What uncertainties do we need in Bayesian
    deep learning for computer vision?* (NeurIPS 2017, section 3), with Laplace's distribution.
    Each pixel counts by ``b^beta``, without gradient: at 0 large errors explain themselves away
    and are hardly learnt from (Seitzer et al., *On the pitfalls of heteroscedastic uncertainty
    estimation*, ICLR 2022).

    The error of a pixel is ``|sigma' - sigma|``, and :func:`oval_error` more where the blur is not
    round. Where no blur is known it is :data:`UNKNOWN_ERROR_PX`, whatever sigma' is: that
    draws the scale there and leaves sigma' alone. An estimate with an anisotropy a' adds the cross
    entropy of a' and a, which teaches its mean; the median is 0 wherever motion is rare.

    Args:
        estimate: sigma' and b.
        sigma: true blur in pixels, of the shape of the estimate.
        weight: of each pixel, 0 to 1; pixels of no known blur count by 1.
        beta: see above.
        known: 1 where `sigma` is defined, else 0; None: everywhere.
        anisotropy: 0 to 1, as in :mod:`blurprint.lab.rendering.shards`; None: all is round.
    """
    error = (estimate.sigma - sigma).abs()
    if anisotropy is not None:
        error = error + oval_error(sigma, anisotropy)
    if known is not None:
        defined = known > 0.5
        error = torch.where(defined, error, torch.full_like(error, UNKNOWN_ERROR_PX))
        weight = torch.where(defined, weight, torch.ones_like(weight))
    loss = error / estimate.scale + (2 * estimate.scale).log()
    loss = loss * estimate.scale.detach() ** beta
    if anisotropy is not None and estimate.anisotropy is not None:
        off = F.binary_cross_entropy(estimate.anisotropy, anisotropy, reduction="none")
        loss = loss + (off if known is None else off * known)
    return (loss * weight).sum() / weight.sum().clamp(min=1)


def attitude_loss(estimate: BlurEstimate, other: BlurEstimate, beta: float = 0.0) -> Tensor:
    """Mean difference of two readings of the same pixels, over the error they claim; a scalar.

    Args:
        estimate: of a picture.
        other: of the same picture mirrored or turned by 90 degrees, turned back.
        beta: as in :func:`laplace_loss`.
    """
    claimed = (estimate.scale + other.scale).detach() / 2
    loss = (estimate.sigma - other.sigma).abs() * claimed ** (beta - 1)
    return loss.mean()


def teacher_loss(estimate: BlurEstimate, taught: Tensor, beta: float = 0.0) -> Tensor:
    """Mean difference from what a teacher read, over the error that is claimed; a scalar.

    Args:
        estimate: of pictures.
        taught: sigma as the teacher read it, px, NaN where it was not asked.
        beta: as in :func:`laplace_loss`.
    """
    asked = taught.isfinite()
    off = (estimate.sigma - torch.where(asked, taught, estimate.sigma.detach())).abs()
    loss = off * estimate.scale.detach() ** (beta - 1)
    return loss.sum() / asked.sum().clamp(min=1)


def oval_error(sigma: Tensor, anisotropy: Tensor) -> Tensor:
    """What one sigma leaves unsaid of a blur that is not round, in pixels.

    Half the difference of the standard deviations along its axes,
    ``major a / 2`` with ``major = sigma sqrt(2 / (1 + (1 - a)^2))``, where the anisotropy a counts
    from :data:`ROUND_ENOUGH` on: 0 for real lenses, 0.64 sigma for a line.
    """
    minor = 1 - anisotropy
    major = sigma * (2 / (1 + minor * minor)).sqrt()
    return major * (anisotropy - ROUND_ENOUGH).clamp(min=0) / 2


class ResidualBlock(nn.Module):
    """Features and what a branch of convolutions adds to them; a new block adds nothing."""

    def __init__(self, width: int, *, depthwise: bool) -> None:
        """`width` channels; two dense 3 x 3 convolutions, or 5 x 5 depth-wise and two 1 x 1."""
        super().__init__()
        if depthwise:
            layers = [
                _conv(width, width, size=5, groups=width),
                _conv(width, 2 * width, size=1),
                nn.ReLU(inplace=True),
            ]
        else:
            layers = [_conv(width, width), nn.ReLU(inplace=True)]
        last = _conv(2 * width if depthwise else width, width, size=1 if depthwise else 3)
        self.branch = nn.Sequential(*layers, last)
        self.become_identity()

    @torch.no_grad()
    def become_identity(self) -> None:
        """Let the branch add nothing, whatever its convolutions hold."""
        last = self.branch[-1][1]  # type: ignore[index]  # made by _conv
        nn.init.zeros_(last.weight)
        nn.init.zeros_(last.bias)

    def forward(self, features: Tensor) -> Tensor:
        """``relu(x + branch(x))``, float32 (N, C, H, W) as `features`."""
        return F.relu(features + self.branch(features))


def _blocks(width: int, dense: int, depthwise: int) -> nn.Sequential:
    kinds = [False] * dense + [True] * depthwise
    return nn.Sequential(*(ResidualBlock(width, depthwise=kind) for kind in kinds))


def _conv(
    inputs: int, outputs: int, size: int = 3, stride: int = 1, groups: int = 1
) -> nn.Sequential:
    """A convolution and its batch normalisation, which export folds into one convolution."""
    conv = nn.Conv2d(inputs, outputs, size, stride, (size - 1) // 2, groups=groups, bias=False)
    nn.init.kaiming_normal_(conv.weight, nonlinearity="relu")
    return nn.Sequential(conv, nn.BatchNorm2d(outputs))
