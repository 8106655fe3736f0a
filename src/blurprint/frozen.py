"""Mappings that nobody changes, and that go to other processes as all else does."""

from __future__ import annotations

import copyreg
from collections.abc import Mapping
from types import MappingProxyType
from typing import TypeVar

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


def frozen(mapping: Mapping[_Key, _Value]) -> Mapping[_Key, _Value]:
    """A copy of `mapping` that cannot be changed, and can be pickled and copied."""
    return MappingProxyType(dict(mapping))


def _reduced(proxy: MappingProxyType[_Key, _Value]) -> tuple[object, tuple[dict[_Key, _Value]]]:
    return frozen, (dict(proxy),)


# Python itself refuses to pickle these; what holds one could not leave its process.
copyreg.pickle(MappingProxyType, _reduced)  # type: ignore[arg-type]  # the stub takes no generic type
