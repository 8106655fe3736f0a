"""A detector's scores for the pictures of a table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch.utils.data import DataLoader

from blurprint.lab.datasets.map_cache import MapCache
from blurprint.lab.datasets.pictures import PictureDataset, plain_errors, worker_options
from blurprint.lab.datasets.table import SampleTable
from blurprint.lab.models.detectors import Detector


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
) -> npt.NDArray[np.float32]:
    """P(fake) of every row, float32 (N,).

    Args:
        detector: in evaluation mode or not; it is left in evaluation mode.
        table: pictures.
        cache: where maps are kept.
        batch_size: pictures at once.
        workers: processes that load pictures.
        device: as torch names it.
        progress: called with pictures done and wanted.

    Raises:
        InputError: if the table is empty or holds videos.
        PhotoError: if a picture cannot be read.
    """
    dataset = PictureDataset(table, detector.config.views, cache)
    loader: DataLoader[Any] = DataLoader(
        dataset,
        batch_size=batch_size,
        **worker_options(workers),
    )
    place = torch.device(device)
    detector = detector.to(place).eval()
    scores = np.empty(len(dataset), np.float32)
    done = 0
    with plain_errors():
        for batch in loader:
            views = {name: view.to(place) for name, view in batch["views"].items()}
            scores[batch["row"].numpy()] = detector(views).float().sigmoid().cpu().numpy()
            done += len(batch["row"])
            if progress is not None:
                progress(done, len(dataset))
    return scores
