"""What an engine is: it takes numbered items, and gives each back with its rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from blurprint.scan.items.item import Item
from blurprint.scan.scan_settings import ScanSettings
from blurprint.scan.table.row import ItemRows


class Work(NamedTuple):
    """An item with its place in the order of the input, from 0."""

    position: int
    item: Item


class Done(NamedTuple):
    """An item that was measured, or has failed."""

    work: Work
    rows: ItemRows


Engine = Callable[[Iterator[Work], ScanSettings], Iterator[Done]]
"""Draws work as it is needed, never far ahead, and gives results in the order in which they are
done: each item once, whatever happens to the process that reads it. An error of the machine
(:class:`blurprint.errors.MachineError`) ends it: the items that are out are then not done."""
