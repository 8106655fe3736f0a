"""What was prepared from what: one line of JSON a source, appended as soon as it is done."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Field
from pydantic.dataclasses import dataclass

from blurprint.errors import InputError, OutputError
from blurprint.files import reason, write_atomic
from blurprint.invalid import STRICT, as_table, our_errors

NAME: Final = "manifest.jsonl"
Status = Literal["done", "no face", "failed"]


def _box(stored: Any) -> tuple[Any, ...]:
    """Four numbers, also as the list that JSON has."""
    if (
        isinstance(stored, list | tuple)
        and len(stored) == 4
        and all(isinstance(one, int | float) and not isinstance(one, bool) for one in stored)
    ):
        return tuple(stored)
    raise ValueError("four numbers")


@our_errors
@dataclass(frozen=True, config=STRICT)
class Crop:
    """A picture that was written.

    Attributes:
        output: its path below the output folder, with "/".
        sha256: of its bytes.
        frame: of the clip, from 0 in the order of showing.
        time_s: since the clip's first frame, in seconds.
        box: left, top, width and height of the face in the frame, in pixels, without the margin.

    Raises:
        InputError: if a value is of another type.
    """

    output: str
    sha256: str
    frame: int
    time_s: float
    box: Annotated[tuple[float, float, float, float], BeforeValidator(_box)]


def _crop(stored: Any) -> Crop:
    """A crop, also from the table that JSON has."""
    return stored if isinstance(stored, Crop) else Crop(**as_table(stored, "crops"))


@our_errors
@dataclass(frozen=True, config=STRICT)
class Record:
    """What became of one video or picture.

    Attributes:
        target: where its crops are below the output folder: a folder, or a picture of its own.
        source: path of the video or picture.
        source_sha256: of its bytes; empty if it could not be read.
        source_bytes: its size.
        source_mtime_ns: when it was last changed.
        settings: that the crops were made with.
        status: "done", "no face" or "failed".
        reason: why there are no crops, or none of some frames; empty if all have one.
        crops: what was written.

    Raises:
        InputError: if a value is of another type.
    """

    target: str
    source: str
    source_sha256: str
    source_bytes: int
    source_mtime_ns: int
    settings: dict[str, Any]
    status: Status
    reason: str = ""
    crops: Annotated[tuple[Annotated[Crop, BeforeValidator(_crop)], ...], Field(strict=False)] = ()


class Manifest:
    """The records in ``FOLDER/manifest.jsonl``, by target.

    A line that an interruption has torn is dropped. Of several records with one target the last
    counts; :meth:`tidy` removes the others.

    Raises:
        InputError: if the file holds anything else.
        OutputError: if it cannot be read or written.
    """

    def __init__(self, folder: Path) -> None:
        """See the class."""
        self._file = folder / NAME
        self._lines = 0
        self._records: dict[str, Record] = {}
        for record in self._read():
            self._records[record.target] = record
            self._lines += 1

    def get(self, target: str) -> Record | None:
        """The record of a target."""
        return self._records.get(target)

    def __iter__(self) -> Iterator[Record]:
        return iter(self._records.values())

    def add(self, record: Record) -> None:
        """Append; it is on the disk when this returns."""
        self._records[record.target] = record
        self._lines += 1
        try:
            with self._file.open("ab") as file:
                file.write(_line(record))
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise OutputError(f"{self._file}: cannot be written ({reason(error)})") from error

    def tidy(self) -> None:
        """One line a target, in their order; the file is replaced as a whole."""
        targets = sorted(self._records)
        if self._lines == len(targets) and targets == list(self._records):
            return
        write_atomic(self._file, b"".join(_line(self._records[target]) for target in targets))
        self._records = {target: self._records[target] for target in targets}
        self._lines = len(targets)

    def _read(self) -> list[Record]:
        try:
            data = self._file.read_bytes()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise OutputError(f"{self._file}: cannot be read ({reason(error)})") from error
        whole = data[: data.rfind(b"\n") + 1]
        if whole != data:
            write_atomic(self._file, whole)  # or the next line would be appended to the torn one
        return [
            self._parse(line, number) for number, line in enumerate(whole.splitlines(), start=1)
        ]

    def _parse(self, line: bytes, number: int) -> Record:
        try:
            return Record(**as_table(json.loads(line), "it"))
        except (ValueError, RecursionError) as error:
            raise InputError(
                f"{self._file}: Expected a record of `blurprint dataset prepare` in line {number}, "
                f"but got something else ({error})"
            ) from error


def _line(record: Record) -> bytes:
    return json.dumps(asdict(record), ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"
