"""Small autoencoders of faces: what comes out of them is a face made by a network, as in a swap.

They are trained on the real faces of the training side only, and serve to make pseudo-fakes; they
ship nowhere.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Final

import cv2
import numpy as np
import torch
from torch import Tensor, nn

from blurprint.faces.crop import upright_crop
from blurprint.lab.fakes.people import Person, read_rgb
from blurprint.lab.fakes.regenerate import SIDE, WIDTH


@dataclass(frozen=True, slots=True)
class Waist:
    """Shape of an autoencoder.

    Attributes:
        halvings: how often its encoder halves the picture.
        channels: of its narrowest layer.
        enlarging: how its decoder doubles: "nearest", "transposed" or "shuffle".
    """

    halvings: int
    channels: int
    enlarging: str


WAISTS: Final = (Waist(3, 16, "nearest"), Waist(2, 6, "transposed"), Waist(4, 64, "shuffle"))
"""One between blurred and exact, one nearly exact with a grid, one that loses much."""
_WIDTHS: Final = (20, 32, 48, 64)
_BATCH: Final = 16
_RATE: Final = 2e-3
_DETAIL: Final = 2.0


class Autoencoder(nn.Module):
    """Faces (N, 3, S, S) in [0, 1], and noise for the waist, to faces; S is :data:`SIDE`."""

    def __init__(self, waist: Waist) -> None:
        """See the class."""
        super().__init__()
        widths = _WIDTHS[: waist.halvings]
        layers: list[nn.Module] = []
        before = 3
        for width in widths:
            layers += [nn.Conv2d(before, width, 4, 2, 1), nn.BatchNorm2d(width), nn.ReLU()]
            before = width
        self.encoder = nn.Sequential(*layers, nn.Conv2d(before, waist.channels, 1))
        self.norm = nn.BatchNorm2d(waist.channels, affine=False)
        layers = [nn.Conv2d(waist.channels, before, 3, padding=1), nn.ReLU()]
        for width in (*widths[-2::-1], 16):
            layers += [*_doubled(before, width, waist.enlarging), nn.BatchNorm2d(width), nn.ReLU()]
            before = width
        self.decoder = nn.Sequential(*layers, nn.Conv2d(before, 3, 3, padding=1))

    def forward(self, faces: Tensor, noise: Tensor) -> Tensor:
        """See the class; `noise` is (N, C, S / 2^h, S / 2^h), 0 for none."""
        return torch.sigmoid(self.decoder(self.norm(self.encoder(faces)) + noise))


def train_autoencoders(
    people: Sequence[Person],
    *,
    steps: int,
    seed: int,
    each: Callable[[int, int], None] | None = None,
) -> list[bytes]:
    """Autoencoders of all :data:`WAISTS`, as ONNX for :mod:`blurprint.lab.fakes.regenerate`.

    Args:
        people: whose faces they learn.
        steps: batches for each.
        seed: of weights and draws.
        each: called with the number of steps done and of all.
    """
    faces = np.stack(
        [upright_crop(read_rgb(one.path), one.face, size=SIDE, width=WIDTH) for one in people]
    )
    models = []
    for number, waist in enumerate(WAISTS):
        torch.manual_seed(seed + number)
        rng = np.random.default_rng((seed, number))
        net = Autoencoder(waist).to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # missing in the stubs
        optimizer = torch.optim.AdamW(net.parameters(), lr=_RATE)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, _RATE, total_steps=steps)
        for step in range(steps):
            chosen = faces[rng.integers(0, len(faces), _BATCH)]
            if rng.random() < 0.5:
                chosen = chosen[:, :, ::-1]
            batch = torch.from_numpy(np.ascontiguousarray(chosen)).permute(0, 3, 1, 2) / 255
            batch = batch.contiguous(memory_format=torch.channels_last)
            side = SIDE >> waist.halvings
            noise = torch.randn(_BATCH, waist.channels, side, side) * float(rng.uniform(0, 0.1))
            made = net(batch, noise)
            loss = (made - batch).abs().mean()
            for axis in (2, 3):
                loss = loss + _DETAIL * (made.diff(dim=axis) - batch.diff(dim=axis)).abs().mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            if each is not None:
                each(number * steps + step + 1, len(WAISTS) * steps)
        models.append(_exported(net.eval(), waist))
    return models


def _doubled(before: int, after: int, how: str) -> list[nn.Module]:
    if how == "transposed":
        return [nn.ConvTranspose2d(before, after, 4, 2, 1)]
    if how == "shuffle":
        return [nn.Conv2d(before, 4 * after, 3, padding=1), nn.PixelShuffle(2)]
    return [nn.Upsample(scale_factor=2), nn.Conv2d(before, after, 3, padding=1)]


def _exported(net: Autoencoder, waist: Waist) -> bytes:
    side = SIDE >> waist.halvings
    example = (torch.zeros(1, 3, SIDE, SIDE), torch.zeros(1, waist.channels, side, side))
    file = BytesIO()
    torch.onnx.export(
        net,
        example,
        file,  # type: ignore[arg-type]  # a file object is taken as well
        input_names=["face", "noise"],
        output_names=["made"],
        dynamo=False,
    )
    return file.getvalue()


def sheet(people: Sequence[Person], models: Sequence[bytes]) -> np.ndarray:
    """Some faces beside what each autoencoder makes of them, uint8 (H, W, 3), to be looked at."""
    from blurprint.lab.fakes.regenerate import Regenerator

    rows = []
    rng = np.random.default_rng(0)
    for one in people:
        crop = upright_crop(read_rgb(one.path), one.face, size=SIDE, width=WIDTH)
        made = [
            Regenerator(models).through(crop, number, rng, 0.0) for number in range(len(models))
        ]
        rows.append(np.hstack([crop, *made]))
    return np.asarray(cv2.vconcat(rows))
