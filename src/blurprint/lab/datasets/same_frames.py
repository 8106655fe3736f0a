"""Which frames of two clips are the same: by their names, by the numbers in them, or unknown."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from pathlib import PurePath
from typing import Final, NamedTuple

from blurprint.files import natural_key

NAME: Final = "name"
NUMBER: Final = "number"
ORDER: Final = "order"
SHIFTED: Final = "shifted"
"""By number, in clips of as many frames whose numbers are all shifted by the same: counted from
another beginning, frames of the same number need not be the same frame."""
RULE: Final = "rule"
"""What a pair rests on beside the rule that paired the clips; "rule" is nothing else."""


class PairRow(NamedTuple):
    """A row of the table, as pairs are made of it."""

    path: str
    method: str
    group: str
    clip: str
    value: str

    @property
    def name(self) -> str:
        """Of the file."""
        return PurePath(self.path).name


Pairs = Iterator[tuple[PairRow, PairRow, str]]
"""A real, a fake, and what the pair rests on."""


def frame_numbers(rows: Sequence[PairRow]) -> list[tuple[int, ...]]:
    """All numbers in the name of each frame of one clip; the clip's own name before it is not read.

    >>> clip = [PairRow(f"000_003/{one}.png", "", "", "000_003", "") for one in ("12", "frame_013")]
    >>> frame_numbers(clip)
    [(12,), (13,)]
    >>> frame_numbers([PairRow("a/000_003_0012.png", "", "", "000_003", "")])
    [(12,)]
    """
    stems = [PurePath(row.path).stem for row in rows]
    clips = [PurePath(row.clip).stem for row in rows]
    if all(
        stem.startswith((f"{clip}_", f"{clip}-")) for stem, clip in zip(stems, clips, strict=True)
    ):
        stems = [stem[len(clip) :] for stem, clip in zip(stems, clips, strict=True)]
    return [tuple(map(int, re.findall(r"\d+", stem))) for stem in stems]


def plain_name(path: str) -> tuple[str, tuple[int, ...]]:
    """Letters and numbers of a file name, without zeros before a number and the word "frame".

    >>> plain_name("a/00012.png") == plain_name("b/frame_12.jpg"), plain_name("a/gan_12.png")
    (True, ('gan', (12,)))
    """
    stem = PurePath(path).stem.lower()
    letters = re.sub(r"\d+|frame|[\s._-]", "", stem)
    return letters, tuple(map(int, re.findall(r"\d+", stem)))


def same_frames(reals: Sequence[PairRow], fakes: Sequence[PairRow]) -> Pairs:
    """Frames of a clip and of the fake made from it, each with what it was matched by.

    Equal names first; of the rest, equal numbers (00012, 12, frame_12) where each stands once in
    its clip. Where nothing agrees in the whole clip, the frames go together in their order, up to
    the shorter clip's length.
    """
    real_of = {row.name: row for row in reals}
    found = [(real_of[row.name], row, NAME) for row in fakes if row.name in real_of]
    taken = {row.path for pair in found for row in pair[:2]}
    numbered = by_key(
        [(key, row) for key, row in zip(frame_numbers(reals), reals, strict=True) if key],
        [(key, row) for key, row in zip(frame_numbers(fakes), fakes, strict=True) if key],
        taken,
    )
    found += [(real, fake, NUMBER) for real, fake in numbered]
    if found and shifted(frame_numbers(reals), frame_numbers(fakes)):
        found = [(real, fake, SHIFTED) for real, fake, _ in found]
    if not found:
        ordered = (sorted(rows, key=lambda row: natural_key(row.name)) for rows in (reals, fakes))
        found = [(real, fake, ORDER) for real, fake in zip(*ordered, strict=False)]
    yield from found


def shifted(reals: Sequence[tuple[int, ...]], fakes: Sequence[tuple[int, ...]]) -> bool:
    """Whether two clips have as many frames, with numbers that differ by one constant, not 0.

    >>> shifted([(0,), (1,), (2,)], [(1,), (2,), (3,)]), shifted([(0,), (1,)], [(0,), (1,)])
    (True, False)
    """
    if len(reals) != len(fakes) or len(reals) < 2:
        return False
    if any(len(one) != 1 for one in (*reals, *fakes)):
        return False
    steps = {fake[0] - real[0] for real, fake in zip(sorted(reals), sorted(fakes), strict=True)}
    return len(steps) == 1 and steps != {0}


def by_key(
    reals: Sequence[tuple[Hashable, PairRow]],
    fakes: Sequence[tuple[Hashable, PairRow]],
    taken: set[str],
) -> Iterator[tuple[PairRow, PairRow]]:
    """Rows of equal keys, where a key is once among the reals and once among a method's fakes.

    None whose path is `taken`.
    """
    real_times = Counter(key for key, _ in reals)
    fake_times = Counter((key, row.method) for key, row in fakes)
    real_of = {key: row for key, row in reals if real_times[key] == 1 and row.path not in taken}
    for key, row in fakes:
        if fake_times[key, row.method] == 1 and key in real_of and row.path not in taken:
            yield real_of[key], row
