"""What a decoded frame says of itself, which may change within a clip, and what is said of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from blurprint.photos.video_pixels import TRANSFERS, is_hdr, matrix_of, taken_for_709


@dataclass(frozen=True, slots=True)
class FrameTraits:
    """How a frame was made into a picture.

    Attributes:
        interlaced: whether it is two fields, of which one is taken where fields are told apart.
        transfer: "PQ" or "HLG" for HDR, which was tone-mapped; else "SDR".
        guessed_matrix: whether it names no colour matrix, and that of HD was taken.
    """

    interlaced: bool = False
    transfer: str = "SDR"
    guessed_matrix: bool = False


PLAIN: Final = FrameTraits()
_KNOWN: dict[FrameTraits, FrameTraits] = {PLAIN: PLAIN}


def traits_of(frame: Any) -> FrameTraits:
    """Of a decoded frame of PyAV. Equal ones are one object, since they are kept for each frame."""
    transfer = TRANSFERS[int(frame.color_trc)] if is_hdr(frame) else "SDR"
    found = FrameTraits(bool(frame.interlaced_frame), transfer, taken_for_709(frame))
    return _KNOWN.setdefault(found, found)


def shown_size(frame: Any) -> tuple[int, int]:
    """(width, height) of a decoded frame in the file, upright, in pixels."""
    (a, b), (c, d) = matrix_of(frame)
    turned = max(abs(b), abs(c)) > max(abs(a), abs(d))
    return (frame.height, frame.width) if turned else (frame.width, frame.height)


def traits_notes(frames: Sequence[FrameTraits]) -> list[str]:
    """What the user should know of the frames of a clip that were looked at, a sentence each."""
    said = []
    for transfer in sorted({one.transfer for one in frames} - {"SDR"}):
        count = sum(one.transfer == transfer for one in frames)
        said.append(
            f"{_which(count, len(frames), f'HDR ({transfer})')}: highlights were compressed by a "
            "curve to be measured as an ordinary picture; blur next to them compares less well."
        )
    woven = sum(one.interlaced for one in frames)
    if woven:
        which = _which(woven, len(frames), "Interlaced")
        whose = "each frame" if woven == len(frames) else "each of these"
        said.append(
            f"{which}: one field of {whose} is measured, at half its width and height, so that no "
            "line is invented."
        )
    guessed = sum(one.guessed_matrix for one in frames)
    if guessed:
        of = "" if guessed == len(frames) else f" of {guessed} of {len(frames)} frames"
        said.append(f"The file does not name the colour matrix{of}; that of HD, BT.709, was taken.")
    return said


def _which(count: int, total: int, what: str) -> str:
    """The beginning of a sentence: what all frames are, or how many of them are that."""
    if count == total:
        return what
    word = what if what.startswith("HDR") else what.lower()
    return f"{count} of {total} frames {'is' if count == 1 else 'are'} {word}"
