"""The body of an upload to files on disk, as it comes in: bounded in size, number and time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final, Protocol

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect

from blurprint.files import reason
from blurprint.numerals import bytes_in_words
from blurprint.serve.names import shown_name
from blurprint.serve.problem import Problem, slow_body

FIELD: Final = "files"
FIELDS: Final = ("method", "prior")
"""Fields that are no files."""
_NOTHING_DONE: Final = " Nothing of the request is analysed."
_LONGEST_VALUE: Final = 1000
"""Bytes of a field that is no file."""
_DRAIN_BYTES: Final = 32_000_000
_DRAIN_S: Final = 5.0
"""What is still read of a refused body: its sender would else see a reset instead of the answer."""


class Bounds(Protocol):
    """How much is taken; see :class:`blurprint.serve.settings.ServeSettings`."""

    @property
    def max_files(self) -> int: ...  # noqa: D102
    @property
    def max_file_bytes(self) -> int: ...  # noqa: D102
    @property
    def max_request_bytes(self) -> int: ...  # noqa: D102
    @property
    def idle_s(self) -> float: ...  # noqa: D102
    @property
    def upload_s(self) -> float: ...  # noqa: D102


@dataclass(slots=True)
class Received:
    """What a body held.

    Attributes:
        files: ids with the names to show.
        fields: everything else.
    """

    files: list[tuple[str, str]] = field(default_factory=list)
    fields: dict[str, str] = field(default_factory=dict)


async def receive(
    stream: AsyncIterator[bytes],
    content_type: str,
    content_length: str | None,
    bounds: Bounds,
    new_file: Callable[[], tuple[str, Path]],
) -> Received:
    """Write the files of a multipart body to disk, and return what came.

    Args:
        stream: the body.
        content_type: of the request.
        content_length: of the request, if it states one.
        bounds: of size, number and time.
        new_file: an id and a path for the next file.

    Raises:
        Problem: if the body is none of multipart, or beyond a bound, or ends too early. What was
            written is removed then.
    """
    kind, options = parse_options_header(content_type)
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not boundary:
        raise Problem(
            415, "not_multipart", "Expected a body of type multipart/form-data with a boundary."
        )
    body = _Body(bounds, new_file)
    if content_length is not None and int(content_length) > bounds.max_request_bytes:
        raise _too_large(bounds)
    try:
        await _read(stream, boundary, body, bounds)
        return body.received
    except BaseException:
        body.discard()
        raise
    finally:
        body.close()


async def drain(stream: AsyncIterator[bytes]) -> None:
    """Read a refused body on for a while, or to its end, so that its sender reads the answer."""
    left, until = _DRAIN_BYTES, time.monotonic() + _DRAIN_S
    with suppress(TimeoutError, ClientDisconnect, StopAsyncIteration, RuntimeError):
        while left > 0:
            async with asyncio.timeout(until - time.monotonic()):
                left -= len(await anext(stream))


async def _read(stream: AsyncIterator[bytes], boundary: bytes, body: _Body, bounds: Bounds) -> None:
    until = time.monotonic() + bounds.upload_s
    total = 0
    try:
        parser = MultipartParser(
            boundary,
            {
                "on_part_begin": body.begin,
                "on_header_field": body.header_field,
                "on_header_value": body.header_value,
                "on_header_end": body.header_end,
                "on_headers_finished": body.headers_finished,
                "on_part_data": body.data,
                "on_part_end": body.end,
                "on_end": body.finish,
            },
        )
        while True:
            try:
                wait = min(bounds.idle_s, until - time.monotonic())
                async with asyncio.timeout(wait):
                    chunk = await anext(stream)
            except StopAsyncIteration:
                break
            except TimeoutError:
                raise slow_body() from None
            total += len(chunk)
            if total > bounds.max_request_bytes:
                raise _too_large(bounds)
            if chunk:
                parser.write(chunk)
        parser.finalize()
    except FormParserError:
        raise Problem(400, "bad_multipart", "The body is no valid multipart/form-data.") from None
    except OSError as error:
        said = f"{body.shown}: cannot be stored ({reason(error)}).{_NOTHING_DONE}"
        raise Problem(507, "no_room", said) from None
    if not body.finished:
        raise Problem(400, "bad_multipart", "The body ends before its last boundary.")


def _too_large(bounds: Bounds) -> Problem:
    return Problem(
        413,
        "request_too_large",
        f"The request is larger than {bytes_in_words(bounds.max_request_bytes)}.",
    )


class _Body:
    """What the parser calls: parts as they come."""

    def __init__(self, bounds: Bounds, new_file: Callable[[], tuple[str, Path]]) -> None:
        self.received = Received()
        self.finished = False
        self._bounds, self._new_file = bounds, new_file
        self._paths: list[Path] = []
        self._file: BinaryIO | None = None
        self._empty_name = False
        self._size = 0
        self._headers: dict[bytes, bytes] = {}
        self._name = self._value = b""
        self._field = ""
        self.shown = ""
        self._id = ""
        self._content = b""

    def begin(self) -> None:
        self._headers, self._name, self._value = {}, b"", b""

    def header_field(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def header_end(self) -> None:
        self._headers[self._name.lower()] = self._value
        self._name = self._value = b""

    def headers_finished(self) -> None:
        disposition = self._headers.get(b"content-disposition", b"")
        kind, options = parse_options_header(disposition)
        if kind != b"form-data" or b"name" not in options:
            raise Problem(400, "bad_multipart", "A part of the body has no name.")
        self._field = _text(options[b"name"])
        self.shown, self._size, self._content = "", 0, b""
        if (refusal := self._refusal(is_file=b"filename" in options)) is not None:
            raise refusal
        if self._field == FIELD:
            self.shown = shown_name(options[b"filename"])
            self._id, path = self._new_file()
            self._paths.append(path)
            self._file = path.open("xb")
            self._empty_name = not options[b"filename"]

    def _refusal(self, *, is_file: bool) -> Problem | None:
        """Why a part of the body is not taken."""
        most = self._bounds.max_files
        if self._field == FIELD and not is_file:
            said = (
                f"A part `{FIELD}` has no `filename`, by which it would be a file (with curl: "
                f"-F {FIELD}=@photo.jpg; `filename*` is not taken in forms)."
            )
        elif self._field == FIELD and len(self.received.files) >= most:
            return Problem(413, "too_many_files", f"A request may hold {most} files at most.")
        elif self._field not in (FIELD, *FIELDS):
            known, got = ", ".join((FIELD, *FIELDS)), shown_name(self._field.encode())
            said = f"Expected no fields but {known}; got `{got}`."
        elif self._field in FIELDS and is_file:
            said = f"The field `{self._field}` is text, not a file; send it without `filename`."
        elif self._field in self.received.fields:
            said = f"The field `{self._field}` comes twice."
        else:
            return None
        return Problem(422, "invalid", said)

    def data(self, data: bytes, start: int, end: int) -> None:
        self._size += end - start
        if self._file is not None:
            if self._size > self._bounds.max_file_bytes:
                most = bytes_in_words(self._bounds.max_file_bytes)
                raise Problem(
                    413, "file_too_large", f"{self.shown}: is larger than {most}.{_NOTHING_DONE}"
                )
            self._file.write(data[start:end])
        elif self._size > _LONGEST_VALUE:
            raise Problem(
                413, "field_too_large", f"The field `{self._field}` is too long.{_NOTHING_DONE}"
            )
        else:
            self._content += data[start:end]

    def end(self) -> None:
        if self._file is None:
            self.received.fields[self._field] = _text(self._content)
            return
        self.close()
        if self._empty_name and not self._size:  # a form in which nothing was chosen
            self._paths.pop().unlink()
        else:
            self.received.files.append((self._id, self.shown))

    def finish(self) -> None:
        self.finished = True

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def discard(self) -> None:
        self.close()
        for path in self._paths:
            with suppress(OSError):
                path.unlink()


def _text(data: bytes) -> str:
    """Text of a header or field: UTF-8, as browsers send it; what is none as escapes."""
    return data.decode("utf-8", "backslashreplace")
