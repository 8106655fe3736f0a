"""The exceptions that Blurprint raises for mistakes that a user can mend."""

from __future__ import annotations


class BlurprintError(Exception):
    """Base of every error that Blurprint raises on purpose."""


class PhotoError(BlurprintError):
    """A picture could not be read. The message names the file and the reason.

    Attributes:
        status: "unreadable", or "too_small" or "too_large" where that is all that is wrong.
    """

    def __init__(self, message: str, status: str = "unreadable") -> None:
        """What happened, and in one word why."""
        super().__init__(message)
        self.status = status


class InputError(BlurprintError, ValueError):
    """An argument has the wrong type, shape or range. The message says what was expected."""


class OutputError(BlurprintError):
    """A result could not be written, or would have overwritten an earlier one."""


class MachineError(BlurprintError):
    """The machine, and none of the files given, keeps work from going on: a full disc, say."""


def install_extra(extra: str) -> str:
    """How to install an optional part of Blurprint, which is on no package index.

    >>> install_extra("lab")
    "in the folder of Blurprint's source run pip install -c constraints.txt '.[lab]'"
    """
    return f"in the folder of Blurprint's source run pip install -c constraints.txt '.[{extra}]'"
