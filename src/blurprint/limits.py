"""Sizes of pictures: what is too small, what is reduced, what is refused."""

from __future__ import annotations

from typing import Final

MIN_SIDE: Final = 8
"""Smallest height and width in which blur can be measured, in pixels."""
DEFAULT_MAX_SIDE: Final = 2048
"""Longer side that larger files are reduced to before they are measured, in pixels."""
# Two megapixels in 100 ms of a core, and what finer blur that costs: docs/scan.md.
DEFAULT_MAP_SIDE: Final = 640
"""Longer side of the picture on which a scan estimates its map, in pixels."""
DEFAULT_MAX_BYTES: Final = 256 << 20
"""Files and members of archives of more bytes than this are refused by scans."""
DEFAULT_MAX_PIXELS: Final = 150_000_000
"""Pictures that declare more pixels than this are refused before they are decoded."""
