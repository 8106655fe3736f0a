"""A detector's scores for the pictures of a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch.utils.data import DataLoader

from blurprint.lab.datasets.contents import check_share
from blurprint.lab.datasets.table import SampleTable
from blurprint.lab.loading.map_cache import MapCache
from blurprint.lab.loading.pictures import PictureDataset, worker_options
from blurprint.lab.models.detectors import Detector


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """What a detector says of a table.

    Attributes:
        table: the rows that could be read, with "score", P(fake).
        unreadable: the reason of each of the others, by path.
        flat: pictures whose map is the same everywhere, in sorted order.
    """

    table: SampleTable
    unreadable: Mapping[str, str]
    flat: tuple[str, ...] = ()


@torch.no_grad()
def score_table(
    detector: Detector,
    table: SampleTable,
    *,
    cache: MapCache | None = None,
    batch_size: int = 32,
    workers: int = 0,
    device: str = "cpu",
    progress: Callable[[int, int], None] | None = None,
) -> Scored:
    """P(fake) of every row; pictures that cannot be read are left out and listed.

    Args:
        detector: in evaluation mode or not; it is left in evaluation mode.
        table: pictures.
        cache: where maps are kept.
        batch_size: pictures at once.
        workers: processes that load pictures.
        device: as torch names it.
        progress: called with pictures done and wanted.

    Raises:
        InputError: if the table is empty or holds videos, or over 1 % of it cannot be read.
    """
    dataset = PictureDataset(table, detector.config.views, cache)
    loader: DataLoader[Any] = DataLoader(
        dataset,
        batch_size=batch_size,
        **worker_options(workers),
    )
    place = torch.device(device)
    detector = detector.to(place).eval()
    scores = np.full(len(dataset), np.nan, np.float32)
    unreadable: dict[str, str] = {}
    flat: list[str] = []
    done = 0
    for batch in loader:
        unreadable |= batch["unreadable"]
        flat += batch["flat"]
        check_share(unreadable, len(dataset))
        if len(batch["row"]):
            views = {name: view.to(place) for name, view in batch["views"].items()}
            scores[batch["row"].numpy()] = detector(views).float().sigmoid().cpu().numpy()
        done += len(batch["row"]) + len(batch["unreadable"])
        if progress is not None:
            progress(done, len(dataset))
    read = ~table["path"].astype(str).isin(set(unreadable)).to_numpy(bool)
    scored = table[read].assign(score=scores[read]).reset_index(drop=True)
    return Scored(scored, unreadable, tuple(sorted(flat)))
