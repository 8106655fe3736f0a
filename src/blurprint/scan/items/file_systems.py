"""Addresses such as ``s3://bucket/key``: the file systems of fsspec behind them."""

from __future__ import annotations

import re
from typing import Any, Final

from blurprint.errors import InputError, install_extra

_CONNECT_S: Final = 30
_ANSWER_S: Final = 30
"""Longest wait for a server to take a connection, and then for each part of its answer. A server
that works answers within a few seconds; a fetch is six such waits (two requests, three tries)."""
_WHOLE_S: Final = 3600
"""Longest wait for a whole answer, so that one which trickles ends: 256 MB at 75 kB/s."""
_HTTP: Final = frozenset(("http", "https"))
LOCAL_SCHEMES: Final = frozenset(("file", "local"))
"""Schemes of this machine, where it costs nothing to ask what is there."""
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*(::[A-Za-z][A-Za-z0-9+.-]*)*://")


def is_address(path: str) -> bool:
    """Whether a path names a scheme; without one, nothing is ever fetched from elsewhere.

    >>> is_address("s3://bucket/a.jpg"), is_address("a.zip"), is_address("C:/a.jpg")
    (True, False, False)
    """
    return _SCHEME.match(path) is not None


def scheme_of(address: str) -> str:
    """The scheme of an address.

    >>> scheme_of("S3://bucket")
    's3'
    """
    return address.partition("://")[0].lower()


def file_system_of(address: str, *, remember_listings: bool = False) -> tuple[Any, str]:
    """The file system of an address, and the path in it.

    Args:
        address: with a scheme.
        remember_listings: keep the names of folders that were listed in memory.

    Raises:
        InputError: if fsspec or the package of this file system is missing, or nobody knows the
            scheme.
    """
    try:
        from fsspec.core import url_to_fs
    except ModuleNotFoundError as error:
        raise InputError(
            f"{address}: addresses need {error.name}, which is missing: {install_extra('scan')}"
        ) from None
    try:
        return url_to_fs(address, use_listings_cache=remember_listings, **_limits(address))
    except ImportError as error:
        raise InputError(
            f"{address}: {scheme_of(address)}:// needs a package that is missing ({error})"
        ) from None
    except ValueError as error:
        raise InputError(f"{address}: no file system is known for it ({error})") from None


def is_local(files: Any) -> bool:
    """Whether a file system is that of this machine, whose names may be pipes and devices."""
    return bool(getattr(files, "local_file", False))


def path_here(path: str) -> str | None:
    """The path on this machine of what has a path or an address; None if it lies elsewhere.

    Raises:
        InputError: if an address of this machine is given, and fsspec is missing.

    >>> path_here("a.jpg"), path_here("s3://bucket/a.jpg")
    ('a.jpg', None)
    """
    if not is_address(path):
        return path
    return str(file_system_of(path)[1]) if scheme_of(path) in LOCAL_SCHEMES else None


def words_of(error: BaseException) -> str:
    """What an error of a file system says, in one line."""
    said = " ".join(str(error).split())
    if isinstance(error, TimeoutError):
        return f"does not answer in time: {said}" if said else "does not answer in time"
    return said or type(error).__name__


def _limits(address: str) -> dict[str, Any]:
    """Limits of time for HTTP, which of itself waits five minutes for an answer."""
    schemes = {one.partition("://")[0] for one in address.split("::")} & _HTTP
    if not schemes:
        return {}
    try:
        from aiohttp import ClientTimeout
    except ImportError:  # fsspec says that it is missing
        return {}
    limit = ClientTimeout(total=_WHOLE_S, sock_connect=_CONNECT_S, sock_read=_ANSWER_S)
    return {scheme: {"client_kwargs": {"timeout": limit}} for scheme in schemes}
