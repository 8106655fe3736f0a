"""Addresses such as ``s3://bucket/key``: the file systems of fsspec behind them."""

from __future__ import annotations

import re
from typing import Any, Final

from blurprint.errors import InputError, install_extra

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
        return url_to_fs(address, use_listings_cache=remember_listings)
    except ImportError as error:
        raise InputError(
            f"{address}: {scheme_of(address)}:// needs a package that is missing ({error})"
        ) from None
    except ValueError as error:
        raise InputError(f"{address}: no file system is known for it ({error})") from None
