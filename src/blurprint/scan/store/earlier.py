"""Whether an item has a row already, by whatever name it was met, and whether that still holds."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from blurprint.errors import OutputError
from blurprint.pages.text import printable
from blurprint.scan.items.item import Item
from blurprint.scan.items.local import LocalFile
from blurprint.scan.store.keys import Keys, key_of
from blurprint.scan.store.stamps import can_be_read_now, differs, is_measured

State = Literal["", "measured", "failed", "changed"]


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
        self._file, self._had_trouble = "", False

    def key_of(self, item: Item) -> tuple[int, int]:
        """128 bits that stand for an item, by whatever name it was met."""
        return key_of(item, self._here)

    def state_of(self, item: Item) -> State:
        """What an earlier run made of an item: "" if it did not meet it, "measured", "failed" (a
        row without measurements), or "changed": its row does not tell of what is there now.

        Raises:
            OutputError: if there is a row of its relative name that is of another file.
        """
        stamp = self._keys.get(self.key_of(item))
        if stamp is None:
            stamp = self._stamp_elsewhere(item)
        if stamp is None:
            return ""
        if differs(stamp, item) or can_be_read_now(stamp, item):
            return "changed"
        return "measured" if is_measured(stamp) else "failed"

    def read_to_its_end(self, item: Item | None) -> str:
        """Of an archive that has a row, as it could not be read to its end, its path, once the
        items after it begin and it was read without trouble; "" of all else.

        Args:
            item: the next one that is met, whatever it is; None after the last.
        """
        file, ended = "" if item is None else item.source.file, ""
        if file != self._file:
            ended = self._file if self._had_trouble else ""
            self._file = file
            self._had_trouble = item is not None and item.path != file and self.has_row(file)
        if item is not None and item.path == file:  # the trouble is still there
            self._had_trouble = False
        return ended

    def has_row(self, file: str) -> bool:
        """Whether there is a row of a file, here or of a run in another folder; that of an archive
        says that it could not be read to its end.

        Args:
            file: path or address.
        """
        item = Item(file, LocalFile(file))
        folders = (self._here, *self._elsewhere)
        return any(self._keys.get(key_of(item, folder)) is not None for folder in folders)

    def _stamp_elsewhere(self, item: Item) -> int | None:
        """Of a relative name that was read in another folder: either all of it was moved since, or
        the name is of another file, which would be a second row of the same name.
        """
        if not self._elsewhere or os.path.isabs(item.source.file):  # noqa: PTH117
            return None
        for folder in self._elsewhere:
            stamp = self._keys.get(key_of(item, folder))
            if stamp is None:
                continue
            if is_measured(stamp) and differs(stamp, item):
                name = printable(item.path)
                raise OutputError(
                    f"{self._out}: has a row of {name}, which was read in {folder}; "
                    f"in {printable(self._here)} this is another file or none. Start it in that "
                    "folder, give absolute paths, or another --out"
                )
            return stamp
        return None
