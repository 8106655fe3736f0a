"""How every picture of a scan becomes a row; the same settings give the same rows."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from blurprint.clips.sampling import DEFAULT_FRAMES, Frames, checked_frames
from blurprint.errors import InputError
from blurprint.limits import (
    DEFAULT_MAP_SIDE,
    DEFAULT_MAX_BYTES,
    DEFAULT_MAX_PIXELS,
    DEFAULT_MAX_SIDE,
    MIN_SIDE,
)
from blurprint.optics.methods import DEFAULT_METHOD, METHODS
from blurprint.score.calibration import checked_prior
from blurprint.score.policy import DEFAULT_PRIOR


@dataclass(frozen=True, slots=True)
class ScanSettings:
    """What the rows of a scan depend on.

    Attributes:
        method: of the map; see :func:`blurprint.estimate_defocus`.
        prior: P(fake) before a picture is looked at, inside (0, 1).
        max_side: longer side to which larger pictures are reduced, in pixels; 0 for none.
        map_side: the same for the picture whose blur is measured; 0, or `max_side` and more, for
            the one in which faces are searched and judged. Frames of videos have `max_side` alone.
        max_pixels: pictures that declare more pixels than this are refused.
        max_bytes: files of more bytes than this are refused before they are read, but for videos
            of this machine, which are never in memory as a whole.
        faces: whether faces are searched, measured and scored; off is the map alone.
        frames: number of frames of a video that are measured; or "all" or "key", as
            :func:`blurprint.clips.analyze_clip.analyze_clip` takes them.

    Raises:
        InputError: if one of them is unknown or out of range.
    """

    method: str = DEFAULT_METHOD
    prior: float = DEFAULT_PRIOR
    max_side: int = DEFAULT_MAX_SIDE
    map_side: int = DEFAULT_MAP_SIDE
    max_pixels: int = DEFAULT_MAX_PIXELS
    max_bytes: int = DEFAULT_MAX_BYTES
    faces: bool = True
    frames: Frames = DEFAULT_FRAMES

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise InputError(f'"{self.method}" is no method: Expected one of {", ".join(METHODS)}')
        checked_prior(self.prior)
        for name in ("max_side", "map_side"):
            side = getattr(self, name)
            if side != 0 and side < MIN_SIDE:
                raise InputError(
                    f"Expected `{name}` to be 0 or at least {MIN_SIDE}, but got {side}"
                )
        object.__setattr__(self, "frames", checked_frames(self.frames))
        for name in ("max_pixels", "max_bytes"):
            if getattr(self, name) < 1:
                raise InputError(
                    f"Expected `{name}` to be at least 1, but got {getattr(self, name)}"
                )

    @property
    def side_of_map(self) -> int:
        """Longer side to which a picture is reduced before its blur is measured; 0 for none."""
        return min(self.map_side or self.max_side, self.max_side or self.map_side)

    def to_json(self) -> dict[str, Any]:
        """All of them, as ``run.json`` has them."""
        return asdict(self)
