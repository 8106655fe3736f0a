"""Times of frames by their stamps, which may jump back, repeat or be missing."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from fractions import Fraction
from typing import Final


@dataclass(frozen=True, slots=True)
class StampFaults:
    """Where the time stamps of frames do not tell when they are shown.

    Attributes:
        jumps: how often they go back, as where streams were joined.
        first: index of the first frame after such a jump; 0 without one.
        repeats: frames with the stamp of the frame before.
        missing: frames without a stamp.
        rate: frames a second by which times were inferred where stamps are missing; None if none
            is known.
    """

    jumps: int = 0
    first: int = 0
    repeats: int = 0
    missing: int = 0
    rate: float | None = None

    def sentences(self, total: int) -> list[str]:
        """What a user should know of them, of a clip of `total` frames."""
        said = []
        if self.jumps:
            often = "once" if self.jumps == 1 else f"{self.jumps:,} times, first"
            said.append(
                f"Its time stamps jump back {often} at frame {self.first:,}, as where streams were "
                "joined; the times from there on are counted on from the frame before."
            )
        if self.repeats:
            have = "frame has" if self.repeats == 1 else "frames have"
            said.append(f"{self.repeats:,} {have} the time stamp of the frame before.")
        if self.missing:
            have = "frame has" if total == 1 else "frames have"
            how = "unknown"
            if self.rate is not None:
                how = f"inferred from a rate of {self.rate:.4g} frames a second"
            said.append(f"{self.missing:,} of {total:,} {have} no time stamp: times are {how}.")
        return said


NO_FAULTS: Final = StampFaults()


class Clock:
    """Times since the first frame, from the stamps of frames in the order of showing.

    Where stamps go back, the frame is taken to follow the one before by the step before, and later
    times are counted on from there. A frame without a stamp follows by a step as well.
    """

    def __init__(self, time_base: Fraction | None, rate: Fraction | None) -> None:
        """No frame was met.

        Args:
            time_base: seconds of a unit of the stamps.
            rate: frames a second, as far as it is known.
        """
        self.times = array("q")
        self._rate = float(rate) if rate else None
        self._step = round(1 / (rate * time_base)) if rate and time_base else 0
        self._offset: int | None = None
        self._jumps = self._first = self._repeats = self._missing = 0

    def add(self, stamp: int | None, duration: int) -> int:
        """The time of the next frame, in units of the stamps.

        Args:
            stamp: of it; None if it has none.
            duration: for which it is shown; 0 if unknown.
        """
        last = self.times[-1] if self.times else None
        follows = 0 if last is None else last + self._step
        if stamp is None:
            self._missing += 1
            value = follows
        else:
            if self._offset is None:
                self._offset = follows - stamp
            value = stamp + self._offset
            if last is not None and value < last:
                self._first = self._first if self._jumps else len(self.times)
                self._jumps += 1
                self._offset = follows - stamp
                value = follows
            elif value == last:
                self._repeats += 1
        self._step = duration or (value - last if last is not None and value > last else self._step)
        self.times.append(value)
        return value

    @property
    def faults(self) -> StampFaults:
        """Of the frames so far."""
        return StampFaults(self._jumps, self._first, self._repeats, self._missing, self._rate)
