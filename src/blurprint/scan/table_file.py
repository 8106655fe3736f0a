"""Rows to a table in a file: CSV, JSON lines or Parquet, by its suffix."""

from __future__ import annotations

import csv
import json
import secrets
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final

from blurprint.errors import InputError
from blurprint.files import reason, staged
from blurprint.scan.settings import Row

SUFFIXES: Final = (".csv", ".parquet", ".jsonl")
_BATCH: Final = 1000
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""Beginnings of text that a spreadsheet takes for a formula and carries out."""


def check_table_file(path: str | Path, *, replace: bool = False) -> None:
    """See that a table can be written to `path`, before the work.

    Args:
        path: of the table.
        replace: an earlier file there may be replaced.

    Raises:
        InputError: if there is a file already and `replace` is off, if its suffix is none of
            :data:`SUFFIXES`, its folder is not there or takes no file, or Parquet needs a package
            that is missing.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise InputError(f"Expected a table's name to end in .csv, .parquet or .jsonl: {path}")
    if path.is_dir() or not path.absolute().parent.is_dir():
        raise InputError(f"{path}: is a folder, or its folder does not exist")
    if path.exists() and not replace:
        raise InputError(f"{path}: exists already; --overwrite replaces it")
    probe = path.with_name(f".{path.name}.{secrets.token_hex(6)}.tmp")  # as `staged` names it
    try:
        probe.touch(exist_ok=False)
        probe.unlink()
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be written ({reason(error)})") from None
    if suffix == ".parquet":
        try:
            import pyarrow.parquet  # noqa: F401
        except ModuleNotFoundError as error:
            raise InputError(
                f"{path}: Parquet needs {error.name}, which is missing: pip install pyarrow "
                "(.csv and .jsonl need nothing)"
            ) from None


def write_table(path: str | Path, rows: Iterable[Row]) -> None:
    """Write all rows, whole or not at all; every row has every column, None where it has no value.

    Text in a CSV file that a spreadsheet would take for a formula gets an apostrophe before it:
    names of files and what EXIF says come from strangers. The other formats keep it as it is.

    Args:
        path: with a suffix of :data:`SUFFIXES`.
        rows: gone through twice.

    Raises:
        OutputError: if the file cannot be written.
    """
    path = Path(path)
    columns = _columns(rows)
    write = {".csv": _write_csv, ".jsonl": _write_lines, ".parquet": _write_parquet}
    with staged(path) as temporary:
        write[path.suffix.lower()](temporary, rows, columns)


def _columns(rows: Iterable[Row]) -> dict[str, type]:
    """Columns in the order of the fullest row before them, with the type of their values."""
    types: dict[str, type] = {}
    for row in rows:
        for name, value in row.items():
            types.setdefault(name, type(None))
            if value is not None and types[name] is type(None):
                types[name] = type(value)
    return types


def _write_csv(path: Path, rows: Iterable[Row], columns: dict[str, type]) -> None:
    with path.open("x", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)


def _cell(value: str | int | float | None) -> str | int | float | None:
    """A value that no spreadsheet carries out.

    >>> _cell("=1+1"), _cell("cat.jpg"), _cell(-0.5)
    ("'=1+1", 'cat.jpg', -0.5)
    """
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _write_lines(path: Path, rows: Iterable[Row], columns: dict[str, type]) -> None:
    with path.open("x", encoding="utf-8") as file:
        for row in rows:
            full = {name: row.get(name) for name in columns}
            file.write(json.dumps(full, ensure_ascii=False, allow_nan=False) + "\n")


def _write_parquet(path: Path, rows: Iterable[Row], columns: dict[str, type]) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    kinds: dict[type, Any] = {str: pa.string(), int: pa.int64(), float: pa.float64()}
    schema = pa.schema([(name, kinds.get(kind, pa.string())) for name, kind in columns.items()])
    with parquet.ParquetWriter(path, schema) as writer:
        for batch in _batches(rows):
            writer.write_table(pa.Table.from_pylist(batch, schema=schema))


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    waiting = iter(rows)
    while batch := list(islice(waiting, _BATCH)):
        yield batch
