"""Defocus maps on disk, by the content of the picture and all that the map depends on."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from blurprint.files import make_folder, write_atomic

VERSION: Final = 1
"""Raised when an estimator changes what it reads: older entries are then not found."""


class MapCache:
    """A folder of maps, float16, one file each, shared by any number of processes.

    A file is written under another name and then renamed: a reader sees a whole map or none, and
    two processes that write the same one both write the same.

    Args:
        folder: where to; made when first written to.
    """

    def __init__(self, folder: str | Path) -> None:
        """See the class."""
        folder = Path(folder)
        self.folder = folder

    def path(self, key: str) -> Path:
        """Where the map of `key` lies or would lie."""
        return self.folder / key[:2] / f"{key}.npy"

    def read(self, key: str) -> npt.NDArray[np.float16] | None:
        """The map, or None if there is none; a broken file counts as none and is replaced."""
        try:
            data = self.path(key).read_bytes()
            stored = np.load(io.BytesIO(data), allow_pickle=False)
        except (OSError, ValueError, EOFError):
            return None
        return stored if stored.dtype == np.float16 and stored.ndim == 2 else None

    def write(self, key: str, values: npt.NDArray[np.float16]) -> None:
        """Keep `values`, float16 (H, W), under `key`.

        Raises:
            OutputError: if the folder cannot be written.
        """
        buffer = io.BytesIO()
        np.save(buffer, values, allow_pickle=False)
        path = self.path(key)
        make_folder(path.parent)
        write_atomic(path, buffer.getvalue())
