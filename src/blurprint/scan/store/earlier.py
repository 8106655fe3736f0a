"""Whether an item has a row already, by whatever name it was met."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from blurprint.errors import OutputError
from blurprint.pages.text import printable
from blurprint.scan.items.item import Item
from blurprint.scan.store.keys import Keys, key_of, stamp_of


class EarlierItems:
    """The items of earlier runs."""

    def __init__(self, out: Path, keys: Keys, here: str, elsewhere: Sequence[str]) -> None:
        """Take what the folder of a scan knows.

        Args:
            out: the folder, for messages.
            keys: of the items that are done, with their stamps.
            here: folder that relative paths of this run start from, absolute.
            elsewhere: other folders that those of earlier runs started from.
        """
        self._out, self._keys, self._here, self._elsewhere = out, keys, here, elsewhere

    def key_of(self, item: Item) -> tuple[int, int]:
        """128 bits that stand for an item, by whatever name it was met."""
        return key_of(item, self._here)

    def state_of(self, item: Item) -> str:
        """Whether an earlier run did an item: "" if not, "done", or "changed" since then.

        Raises:
            OutputError: if there is a row of its relative name that is of another file.
        """
        stamp = self._keys.get(self.key_of(item))
        if stamp is None:
            return self._earlier_elsewhere(item)
        return "changed" if _differ(stamp, stamp_of(item)) else "done"

    def _earlier_elsewhere(self, item: Item) -> str:
        """Of a relative name that was read in another folder: either all of it was moved since, or
        the name is of another file, which would be a second row of the same name.
        """
        if not self._elsewhere or os.path.isabs(item.source.file):  # noqa: PTH117
            return ""
        for folder in self._elsewhere:
            stamp = self._keys.get(key_of(item, folder))
            if stamp is None:
                continue
            if _differ(stamp, stamp_of(item)):
                name = printable(item.path)
                raise OutputError(
                    f"{self._out}: has a row of {name}, which was read in {folder}; "
                    f"in {printable(self._here)} this is another file. Start it in that folder, "
                    "give absolute paths, or another --out"
                )
            return "done"
        return ""


def _differ(stamp: int, now: int) -> bool:
    """Whether two stamps say that the content is another; one of 0 says nothing."""
    return bool(stamp and now and stamp != now)
