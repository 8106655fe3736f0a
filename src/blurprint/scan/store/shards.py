"""Shards in Parquet: 10,000 rows each, written whole or not at all, all of one schema."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from blurprint.errors import InputError, OutputError, install_extra
from blurprint.files import staged
from blurprint.scan.table.columns import Column
from blurprint.version import __version__

SHARD_ROWS: Final = 10_000
_BATCH: Final = 1_000


def check_parquet() -> None:
    """See that Parquet can be written.

    Raises:
        InputError: if pyarrow is missing.
    """
    try:
        import pyarrow.parquet  # noqa: F401
    except ModuleNotFoundError as error:
        raise InputError(
            f"Parquet needs {error.name}, which is missing: {install_extra('scan')} "
            "(--format jsonl needs nothing)"
        ) from None


def schema_of(columns: Iterable[Column]) -> Any:
    """The schema of a table: the same types in each shard, also of columns without a value."""
    import pyarrow as pa

    types = {str: pa.string(), int: pa.int64(), float: pa.float64()}
    fields = [
        pa.field(column.name, types[column.type], metadata={"meaning": column.meaning})
        for column in columns
    ]
    return pa.schema(fields, metadata={"blurprint_version": __version__})


def write_shard(
    path: Path, lines: Iterable[bytes], columns: Sequence[Column], order: Sequence[int] = ()
) -> int:
    """Write rows to one file, whole or not at all, and wait until it is on the disc.

    Args:
        path: of the shard, which is replaced.
        lines: a row each, in JSON.
        columns: of the table.
        order: for each row, its place among the others; as they come if left out.

    Returns:
        the number of rows.

    Raises:
        OutputError: if it cannot be written; an earlier file is then as it was.
    """
    import pyarrow as pa
    from pyarrow import parquet

    schema = schema_of(columns)
    tables = [
        pa.Table.from_pylist(batch, schema=schema) for batch in _batches(map(json.loads, lines))
    ]
    table = pa.concat_tables(tables) if tables else schema.empty_table()
    if order:
        table = table.take(pa.array(sorted(range(len(order)), key=order.__getitem__)))
    with staged(path) as temporary, temporary.open("xb") as file:
        parquet.write_table(table, file, compression="zstd")
        file.flush()
        os.fsync(file.fileno())
    sync_folder(path.parent)
    return table.num_rows


def rows_in(path: Path) -> int:
    """Number of rows of a shard.

    Raises:
        OutputError: if it cannot be read as one.
    """
    from pyarrow import ArrowException, parquet

    try:
        return parquet.read_metadata(path).num_rows
    except (OSError, ArrowException) as error:
        raise OutputError(f"{path}: is no Parquet file that can be read ({error})") from error


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disc, where the system can do that."""
    if os.name == "nt":
        return
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    except OSError:
        pass  # some network file systems refuse
    finally:
        os.close(number)


def _batches(rows: Iterator[Any]) -> Iterator[list[Any]]:
    batch: list[Any] = []
    for row in rows:
        batch.append(row)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
