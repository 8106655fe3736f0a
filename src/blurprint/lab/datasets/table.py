"""The one table that every data set becomes: a row a picture (or, before preparation, a video)."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final, Protocol

import numpy as np
import pandas as pd

from blurprint.arrays import Mask
from blurprint.errors import InputError
from blurprint.invalid import shown

REAL: Final = 0
FAKE: Final = 1

COLUMNS: Final = ("path", "label", "method", "group", "split", "clip")
SPLITS: Final = ("train", "val", "test")


class SampleTable(Protocol):
    """A pandas frame with :data:`COLUMNS`; see :class:`Sample` for what they hold.

    pandas comes without types. These are the parts of a frame that tables are used by, so that a
    type checker refuses a path, a list of rows or a misspelt method; what is in the cells,
    :func:`checked_table` says. Tables of pairs are used by the same parts.
    """

    attrs: dict[Hashable, Any]

    @property
    def columns(self) -> Any:
        """Names of the columns, an index."""

    @property
    def index(self) -> Any:
        """Labels of the rows, an index."""

    @property
    def empty(self) -> bool:
        """Whether there are no rows."""

    @property
    def loc(self) -> Any:
        """Rows and columns by label or mask."""

    @property
    def iloc(self) -> Any:
        """Rows and columns by place."""

    def __len__(self) -> int:
        """Number of rows."""

    def __getitem__(self, key: object, /) -> Any:
        """The column of a name; the rows of a mask."""

    def astype(self, dtype: str | Mapping[str, str]) -> SampleTable:
        """A copy with all columns, or some, of another type."""

    def assign(self, **columns: object) -> SampleTable:
        """A copy with columns added or replaced."""

    def groupby(self, by: str | list[str], *, sort: bool = True) -> Any:
        """The rows by the values of columns."""

    def itertuples(self, *, index: bool = True) -> Iterable[Any]:
        """The rows, each with a column's value as an attribute."""

    def reset_index(self, *, drop: bool = False) -> SampleTable:
        """A copy whose rows are numbered from 0."""

    def sample(self, n: int, *, random_state: int) -> SampleTable:
        """`n` rows, drawn at random."""

    def to_csv(self, path_or_buf: IO[bytes], *, index: bool) -> None:
        """Write as CSV."""

    def to_parquet(self, path: IO[bytes], *, index: bool) -> None:
        """Write as Parquet."""


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


def checked_table(table: object, what: str) -> SampleTable:
    """`table`, if it is one: the one place that knows what the columns may hold.

    Args:
        table: to check.
        what: where it is from, the beginning of the error.

    Raises:
        InputError: if it is no pandas frame, a column is missing, or a row holds something that
            :class:`Sample` does not allow; the first such row is named.
    """
    if not isinstance(table, pd.DataFrame):
        raise InputError(f"{what}: Expected a pandas frame, but got a {type(table).__name__}")
    if lacking := [name for name in COLUMNS if name not in table.columns]:
        there = ", ".join(map(str, table.columns)) or "none"
        raise InputError(f"{what}: Expected the columns {', '.join(lacking)}, but got {there}")
    for name in COLUMNS:
        right, allowed = _allowed(name, table[name])
        if not right.all():
            row = int(np.flatnonzero(~right)[0])
            raise InputError(
                f"{what}: Expected `{name}` of every row to be {allowed}, but got"
                f" {shown(table[name].iloc[row])} in row {row}"
            )
    checked: SampleTable = table
    return checked


def _allowed(name: str, column: Any) -> tuple[Mask, str]:
    """Which cells, (N,), of the column of this name are allowed, and what is."""
    if name == "label":
        whole = pd.api.types.is_integer_dtype(column.dtype)
        return column.isin([REAL, FAKE]).to_numpy(bool) & whole, "0 (real) or 1 (fake)"
    if name == "split":
        return column.isin([*SPLITS, ""]).to_numpy(bool), f"among {', '.join(SPLITS)}, or empty"
    return column.map(lambda cell: isinstance(cell, str) and cell != "").to_numpy(bool), "text"


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
