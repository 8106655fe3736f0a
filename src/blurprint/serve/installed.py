"""Which kinds of files this installation reads, beside those that every installation does."""

from __future__ import annotations

from importlib.util import find_spec


def reads_heic() -> bool:
    """Whether HEIC is read: the extra `heif`."""
    return find_spec("pillow_heif") is not None


def reads_videos() -> bool:
    """Whether videos are read: the extra `video`."""
    return find_spec("av") is not None
