"""Rows as they travel: from the process that measured to the table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from blurprint.errors import InputError
from blurprint.scan.table.columns import Column

Value = str | int | float | None
Row = Mapping[str, Value]
"""Column to value; columns that are not there have none."""


class ItemRows(NamedTuple):
    """What one item becomes.

    Attributes:
        row: the row of the item.
        frames: of a video, a row for each face in each frame; of all else none.
        refused: whether the system did not give its bytes, for want of a permission, say, so that
            the row may tell nothing of the file.
    """

    row: Row
    frames: tuple[Row, ...] = ()
    refused: bool = False


def full_row(row: Row, columns: Iterable[Column]) -> dict[str, Value]:
    """A row with every column in order, of exactly the types of the schema.

    Raises:
        InputError: if the row has a column that the table has not, or a value of another type.

    >>> full_row({"b": 2}, [Column("a", str, ""), Column("b", float, "")])
    {'a': None, 'b': 2.0}
    """
    full = {column.name: _typed(row.get(column.name), column) for column in columns}
    if len(full) < len(full.keys() | row.keys()):
        raise InputError(f"columns that no scan has: {', '.join(sorted(row.keys() - full.keys()))}")
    return full


def _typed(value: Value, column: Column) -> Value:
    if value is None:
        return None
    if column.type is float and isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    if type(value) is not column.type:
        raise InputError(
            f"Expected column {column.name} to hold {column.type.__name__}, but got "
            f"{type(value).__name__} {value!r}"
        )
    return value
