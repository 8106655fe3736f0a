"""From a path on a command line to the pictures that it names or directly holds."""

from __future__ import annotations

from pathlib import Path

from blurprint.errors import PhotoError


def pictures_under(path: Path) -> list[Path]:
    """The picture itself, or the pictures directly in a folder, in natural order.

    Raises:
        PhotoError: if the folder holds no picture or cannot be listed.
    """
    from blurprint.scan.inputs import find_inputs

    if not path.is_dir():
        return [path]
    found = find_inputs([str(path)])
    if not found.pictures:
        raise PhotoError("; ".join(f"{where}: {why}" for where, why in found.failures))
    return [source.path for source in found.pictures]
