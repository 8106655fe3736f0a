"""Errors of the system behind the errors of items: of the file that was read, or of the machine."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from blurprint.errors import MachineError
from blurprint.files import reason

_OF_THE_MACHINE: Final = frozenset((errno.EMFILE, errno.ENFILE, errno.ENOSPC, errno.EDQUOT))
"""Too many files are open, or a disc is full: whatever file is read next, it happens again."""
_OF_THE_CONTENT: Final = frozenset((errno.EINVAL, errno.EOVERFLOW))
"""A place was asked for that no file has, as a damaged directory of an archive names it."""


def system_error(error: BaseException) -> OSError | None:
    """The error of the system that is, or has led to, an error; None if there is none.

    Errors of libraries that pass for those of the system are none: decoders give numbers of the
    system to damage of files.
    """
    one: BaseException | None = error
    while one is not None:
        if isinstance(one, OSError) and one.errno and type(one).__module__ == "builtins":
            return one
        one = one.__cause__ or one.__context__
    return None


def is_refusal(error: BaseException) -> bool:
    """Whether the system refused a file, which it may not do the next time: not where what the
    file says of places in it led to the error.
    """
    found = system_error(error)
    return found is not None and found.errno not in _OF_THE_CONTENT


def check_machine(error: BaseException) -> None:
    """See that an error is no error of the machine.

    Raises:
        MachineError: if it is: it says nothing about a file.
    """
    found = system_error(error)
    if found is not None and found.errno in _OF_THE_MACHINE:
        crowded = found.errno in (errno.EMFILE, errno.ENFILE)
        hint = (
            "ulimit -n raises the bound" if crowded else f"temporary files: {_temporary_folder()}"
        )
        raise MachineError(f"The machine refuses to go on: {reason(found)} ({hint})") from error


@contextmanager
def temporary_file(data: bytes) -> Iterator[Path]:
    """A file with `data`, in the system's folder for such (``TMPDIR``), which is removed after use.

    Raises:
        MachineError: naming the folder, if there can be none.
    """
    try:
        folder = tempfile.TemporaryDirectory(prefix="blurprint-")
    except OSError as error:
        raise no_room(error) from error
    with folder as name:
        path = Path(name) / "clip"
        try:
            path.write_bytes(data)
        except OSError as error:
            raise no_room(error) from error
        yield path


def no_room(error: OSError) -> MachineError:
    """What is raised where the folder for temporary files takes none, or no more."""
    return MachineError(
        f"{_temporary_folder()}: takes no temporary file ({reason(error)}); TMPDIR names the "
        "folder for these"
    )


def _temporary_folder() -> str:
    try:
        return tempfile.gettempdir()
    except OSError:  # which lists those that were tried
        return os.environ.get("TMPDIR", "The folder for temporary files")
