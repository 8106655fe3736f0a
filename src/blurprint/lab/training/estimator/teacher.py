"""What an earlier network read of rendered examples, for a later one to learn beside the truth.

Blur that a picture does not show is noise to who learns it: the truth of two pictures that look
alike differs. A network that has learnt says the middle of that, with less noise (Hinton et al.,
*Distilling the knowledge in a neural network*, 2015), and a network that learns more kinds of
pictures forgets less of the old ones (Li & Hoiem, *Learning without forgetting*, ECCV 2016).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from blurprint.errors import InputError
from blurprint.files import make_folder, staged
from blurprint.lab.rendering.shards import Shard, read_shard
from blurprint.lens.pixel import with_pixel
from blurprint.weights.card import EstimatorCard, read_card
from blurprint.weights.session import Session, open_session

TAUGHT: Final = ("lens", "recoded twice", "overlay", "halo")
"""Conditions that a network trained on photographs alone knows."""
_BATCH: Final = 8


def taught_file(folder: Path, shard: Path) -> Path:
    """Where the readings of a shard lie: `folder` is of one teacher."""
    return folder / f"{shard.stem}.npy"


def teach(
    shards: Sequence[Path],
    card: Path,
    out: Path,
    progress: Callable[[int, int], None] | None = None,
) -> Path:
    """Let the network of `card` read all examples of the conditions :data:`TAUGHT`.

    Readings that are there are kept.

    Args:
        shards: the examples.
        card: of the teacher.
        out: folder that receives a folder for this teacher.
        progress: called with the number of shards done and wanted.

    Returns:
        Folder of one ``.npy`` for each shard, float16 (N, S, S): sigma of the whole spread in
        pixels, NaN where the teacher was not asked.

    Raises:
        InputError: if `card` describes no weights, or a shard is none.
    """
    teacher = read_card(card, EstimatorCard)
    folder = out / teacher.sha256[:12]
    make_folder(folder)
    session = open_session(teacher.read_model())
    for done, file in enumerate(shards):
        if progress is not None:
            progress(done, len(shards))
        path = taught_file(folder, file)
        if not path.exists():
            taught = _read(session, teacher, read_shard(file))
            with staged(path) as partial, partial.open("wb") as stream:
                np.save(stream, taught)
    if progress is not None:
        progress(len(shards), len(shards))
    return folder


def read_taught(file: Path, shard: Shard) -> npt.NDArray[np.float16]:
    """What :func:`teach` wrote for this shard.

    Raises:
        InputError: if it is missing or of another shape.
    """
    try:
        taught: npt.NDArray[np.float16] = np.load(file, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise InputError(f"Expected readings of a teacher in {file}: {error}") from error
    if not isinstance(taught, np.ndarray):
        raise InputError(f"Expected readings of a teacher in {file}, but got several arrays")
    if taught.shape != shard.sigma.shape:
        raise InputError(
            f"{file}: holds readings of shape {taught.shape}, but its shard is {shard.sigma.shape}"
        )
    return taught


def _read(session: Session, teacher: EstimatorCard, shard: Shard) -> npt.NDArray[np.float16]:
    taught = np.full(shard.sigma.shape, np.nan, np.float16)
    asked = np.flatnonzero(np.isin(shard.condition, TAUGHT))
    for first in range(0, len(asked), _BATCH):
        some = asked[first : first + _BATCH]
        rgb = np.ascontiguousarray(shard.rgb[some].transpose(0, 3, 1, 2), np.float32) / 255
        sigma = session.run(["sigma"], {"rgb": rgb.astype(np.float32)})[0][:, 0]
        taught[some] = with_pixel(sigma) if teacher.sigma == "lens" else sigma
    return taught
