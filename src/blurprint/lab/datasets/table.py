"""The one table that every data set becomes: a row a picture (or, before preparation, a video)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

import pandas as pd

REAL: Final = 0
FAKE: Final = 1

COLUMNS: Final = ("path", "label", "method", "group", "split", "clip")
SPLITS: Final = ("train", "val", "test")

SampleTable: TypeAlias = Any
"""A pandas frame with :data:`COLUMNS`; see :class:`Sample` for what they hold."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A row.

    Attributes:
        path: of the picture or video.
        label: 0 real, 1 fake, whatever a data set's own lists say.
        method: how a fake was made ("Deepfakes", "stable_diffusion_v_1_5"); "real" for reals,
            or the name of the real source where there are several ("youtube", "actors").
        group: identity, scene or video that must not straddle a split.
        split: "train", "val", "test", or "" where the reader has not decided.
        clip: the video that a frame came from, the picture itself for a single one: scores of one
            clip are averaged into one of the video.
    """

    path: str
    label: int
    method: str
    group: str
    split: str
    clip: str


def make_table(samples: Iterable[Sample]) -> SampleTable:
    """Rows to the table, sorted by path, so that it does not depend on the order of a listing.

    >>> table = make_table([Sample("b.png", 1, "GAN", "b", "test", "b.png")])
    >>> table.loc[0, "method"], len(table.columns)
    ('GAN', 6)
    """
    rows = list(samples)
    # Column by column: some ten times faster than a dictionary for each row.
    table = pd.DataFrame({name: [getattr(row, name) for row in rows] for name in COLUMNS})
    table["label"] = table["label"].astype("int8")
    return table.sort_values("path", kind="stable", ignore_index=True)


def write_table(table: SampleTable, file: Path) -> None:
    """As CSV or, by the suffix .parquet, as Parquet; whole or not at all."""
    import io

    from blurprint.files import write_atomic

    buffer = io.BytesIO()
    if file.suffix == ".parquet":
        table.to_parquet(buffer, index=False)
    else:
        table.to_csv(buffer, index=False)
    write_atomic(file, buffer.getvalue())
