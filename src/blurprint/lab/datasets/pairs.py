"""Matched pairs: a fake and the real picture that it was made from."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path, PurePath
from typing import Any, Final

import numpy as np
import pandas as pd

from blurprint.errors import InputError
from blurprint.lab.datasets.layouts.labels import label_of
from blurprint.lab.datasets.same_frames import (
    NUMBER,
    ORDER,
    RULE,
    PairRow,
    Pairs,
    by_key,
    plain_name,
    same_frames,
)
from blurprint.lab.datasets.table import FAKE, REAL, SampleTable

PAIR_COLUMNS: Final = ("real", "fake", "method", "group", "real_clip", "fake_clip", "matched")
SORT: Final = "sort"
"""In place of a column: reals and fakes of each method in the order of their paths, as the paper
pairs them. Nothing says that such a pair shows the same scene."""
# The folder of fakes, and how a fake is named after the clip that it was made from.
_SWAPS: Final = (
    ("manipulated_sequences", re.compile(r"(\d{1,4})_\d{1,4}")),
    ("manipulated_sequences", re.compile(r"(\d+)_\d+(__.+)__[A-Za-z0-9]+")),
    ("Celeb-synthesis", re.compile(r"(id\d+)_id\d+(_\d+)")),
)
_ORIGINALS: Final = ("original_sequences", "Celeb-real")
_NAMED: Final = 2
"""Rows in no pair that are named."""


def match_pairs(table: SampleTable, *, column: str | None = None) -> SampleTable:
    """Pairs as a frame of :data:`PAIR_COLUMNS`: paths, method, group and clips of both.

    Without a column, the first of these that gives a pair: the clip that a swapped face was put
    into (FaceForensics++, DeepFakeDetection, Celeb-DF: fake ``000_003``, real ``000``), with its
    frames matched by :func:`same_frames`; the same path but for the class (``real/a/00.png``,
    ``fake/a/00.png``); the same file name within one group. In the last two, names are the same
    also where only zeros before a number or the word "frame" differ (``00012``, ``frame_12``) and
    one picture alone is meant.

    "matched" is what each pair rests on beside that rule: "name", "number", "order" (nothing says
    that both are the same frame) or "rule" (nothing else). ``attrs`` of the frame have the rule in
    words, and how many "fakes" and "reals" there are, how many of them are in no pair ("lone_...")
    and the first of these ("some_..."); "same_scene" is whether the rule says that both show one
    (not of :data:`SORT`). See :mod:`blurprint.lab.studies.pairs_in_words`.

    Args:
        table: see :mod:`blurprint.lab.datasets.table`.
        column: a column whose equal values make a pair, or "sort" for :data:`SORT`; None takes what
            the data knows. Several reals and fakes of one value are paired in the order of their
            paths, method by method; a single real goes with all fakes of its value.

    Raises:
        InputError: if no pair is found, or there is no such column.
    """
    rules: dict[str, Callable[[list[PairRow], list[PairRow]], Pairs]]
    if column == SORT:
        rules = {"the order of all paths": _by_value}
    elif column is not None:
        if column not in table.columns:
            raise InputError(
                f'Expected a column "{column}" to pair by, but there are {", ".join(table.columns)}'
            )
        rules = {f"equal values of the column {column}": _by_value}
    else:
        rules = {
            "the clip that a face was put into (fake 000_003, real 000)": _by_target,
            "the same path in the folder of the other class": _by_path,
            "the same file name within one group": _by_name,
        }
    reals, fakes = (_rows(table, label, column) for label in (REAL, FAKE))
    for rule, pair in rules.items():
        found = list(pair(reals, fakes))
        if found:
            frame = _with_lone(_frame(found, rule), reals, fakes)
            frame.attrs["same_scene"] = column != SORT
            return frame
    raise InputError(
        f"Expected pairs of a real and the fake made from it among {len(reals)} reals and "
        f"{len(fakes)} fakes; looked for {'; '.join(rules)}; found none. A column whose equal "
        f'values make a pair, or "{SORT}" for the order of paths, pairs them otherwise.'
    )


def match_real_pairs(table: SampleTable, *, seed: int = 0) -> SampleTable:
    """Pairs of two reals of one group, the null: as :func:`match_pairs`, `fake` being a real.

    Two frames of one clip where a clip has several: groups may link several people. Else two
    pictures of one group. Each set is shuffled and closed to a ring, whose neighbours are the
    pairs: every real is in two of them, or in one where there are only two.

    Raises:
        InputError: if no clip and no group has two reals.
    """
    rows = _rows(table, REAL, None)
    for rule, names in (
        ("two frames of one real clip", [row.clip for row in rows]),
        ("two reals of one group", [row.group for row in rows]),
    ):
        sets: dict[str, list[PairRow]] = defaultdict(list)
        for row, name in zip(rows, names, strict=True):
            sets[name].append(row)
        found = list(_rings(sets, seed))
        if found:
            return _frame(found, rule)
    raise InputError(
        f"Expected two reals of one clip or group among {len(rows)} reals, but each is alone"
    )


def with_column(table: SampleTable, data: Iterable[str], column: str) -> SampleTable:
    """`table` with another column of the CSV or Parquet files that it was read from.

    Args:
        table: as read from `data`.
        data: ``LAYOUT:PATH``; only those of the layout ``table`` are looked into.
        column: its name.

    Raises:
        InputError: if no such file has the column.
    """
    values: dict[str, str] = {}
    for specification in data:
        layout, _, name = specification.partition(":")
        if layout != "table":
            continue
        file = Path(name).expanduser()
        rows = pd.read_parquet(file) if file.suffix == ".parquet" else pd.read_csv(file, dtype=str)
        if {"path", column} <= set(rows.columns):
            named = rows[["path", column]].fillna("").astype(str)
            values |= {
                str(file.parent / path): value for path, value in named.itertuples(index=False)
            }
    if not values:
        raise InputError(
            f'Expected a column "{column}" to pair by, but there are {", ".join(table.columns)}'
        )
    return table.assign(**{column: [values.get(path, "") for path in table["path"]]})


def sample_groups(table: SampleTable, pictures: int, *, seed: int = 0) -> SampleTable:
    """At most `pictures` rows: whole groups, so that pairs stay together.

    Groups come in an order drawn by `seed`; one that would go beyond is left out. Only where the
    first alone is too large it is cut, frames of the same name in all its clips being kept first.
    """
    if len(table) <= pictures:
        return table
    units: dict[str, list[int]] = defaultdict(list)
    for index, group in enumerate(table["group"].astype(str)):
        units[_without_class(group)].append(index)
    names = sorted(units)
    kept: list[int] = []
    for place in np.random.default_rng(seed).permutation(len(names)):
        unit = units[names[place]]
        if not kept and len(unit) > pictures:
            paths = table["path"].astype(str).tolist()
            order = [(PurePath(paths[row]).name, _without_class(paths[row]), row) for row in unit]
            unit = [row for *_, row in sorted(order)[:pictures]]
        if len(kept) + len(unit) <= pictures:
            kept += unit
    return table.iloc[sorted(kept)].reset_index(drop=True)


def _rows(table: SampleTable, label: int, column: str | None) -> list[PairRow]:
    part = table[table["label"] == label].sort_values("path", kind="stable")
    values = part[column] if column not in (None, SORT) else [SORT] * len(part)
    cells = (part[name].astype(str) for name in ("path", "method", "group", "clip"))
    # A missing value pairs nothing; pandas knows several kinds of missing.
    present = ["" if pd.isna(value) else str(value) for value in values]
    return [PairRow(*row) for row in zip(*cells, present, strict=True)]


def _by_value(reals: list[PairRow], fakes: list[PairRow]) -> Pairs:
    real_of: dict[str, list[PairRow]] = defaultdict(list)
    fake_of: dict[tuple[str, str], list[PairRow]] = defaultdict(list)
    for row in reals:
        real_of[row.value].append(row)
    for row in fakes:
        fake_of[row.value, row.method].append(row)
    for (value, _), those in fake_of.items():
        these = real_of.get(value, []) if value else []
        if len(these) == 1:
            yield from ((these[0], fake, RULE) for fake in those)
        else:
            yield from zip(these, those, [ORDER] * len(those), strict=False)


def _by_target(reals: list[PairRow], fakes: list[PairRow]) -> Pairs:
    clips: dict[tuple[str, str], list[PairRow]] = defaultdict(list)
    for row in reals:
        if root := _root(row.clip, _ORIGINALS):
            clips[root, PurePath(row.clip).stem].append(row)
    swapped: dict[tuple[str, str, str], list[PairRow]] = defaultdict(list)
    for row in fakes:
        if key := _target(row.clip):
            swapped[(*key, row.clip)].append(row)
    for (root, target, _), frames in swapped.items():
        yield from same_frames(clips.get((root, target), []), frames)


def _root(clip: str, folders: Sequence[str]) -> str | None:
    """What is above the first of `folders`, or None; "." where nothing is."""
    parts = PurePath(clip).parts
    here = (parts.index(one) for one in folders if one in parts)
    return next((str(PurePath(*parts[:place])) for place in here), None)


def _target(clip: str) -> tuple[str, str] | None:
    for folder, name in _SWAPS:
        root, found = _root(clip, (folder,)), name.fullmatch(PurePath(clip).stem)
        if root is not None and found:
            return root, "".join(found.groups())
    return None


def _by_path(reals: list[PairRow], fakes: list[PairRow]) -> Pairs:
    real_of = {_without_class(row.path): row for row in reals}
    found = [(real, row, RULE) for row in fakes if (real := real_of.get(_without_class(row.path)))]
    yield from found
    taken = {row.path for pair in found for row in pair[:2]}
    plain_reals, plain_fakes = (
        [(_plain_path(row.path), row) for row in rows] for rows in (reals, fakes)
    )
    yield from ((real, fake, NUMBER) for real, fake in by_key(plain_reals, plain_fakes, taken))


def _plain_path(path: str) -> tuple[str, object]:
    return PurePath(_without_class(path)).parent.as_posix(), plain_name(path)


def _without_class(path: str) -> str:
    *folders, name = PurePath(path).parts
    return "/".join([*("*" if label_of(one) is not None else one for one in folders), name])


def _by_name(reals: list[PairRow], fakes: list[PairRow]) -> Pairs:
    """Only where a group has one real of that name: of several, nothing tells which it is."""
    real_of: dict[tuple[str, str], list[PairRow]] = defaultdict(list)
    for row in reals:
        real_of[row.group, row.name].append(row)
    found = []
    for row in fakes:
        these = real_of.get((row.group, row.name), [])
        if len(these) == 1:
            found.append((these[0], row, RULE))
    yield from found
    taken = {row.path for pair in found for row in pair[:2]}
    plain_reals, plain_fakes = (
        [((row.group, plain_name(row.path)), row) for row in rows] for rows in (reals, fakes)
    )
    yield from ((real, fake, NUMBER) for real, fake in by_key(plain_reals, plain_fakes, taken))


def _rings(sets: dict[str, list[PairRow]], seed: int) -> Pairs:
    for place, name in enumerate(sorted(sets)):
        rows = sets[name]
        if len(rows) < 2:
            continue
        order = np.random.default_rng([seed, place]).permutation(len(rows))
        ring = [rows[index] for index in order]
        ends = ring[1:] + ring[:1] if len(ring) > 2 else ring[1:]
        yield from zip(ring, ends, [RULE] * len(ring), strict=False)


def _frame(pairs: Sequence[tuple[PairRow, PairRow, str]], rule: str) -> SampleTable:
    rows: list[Any] = [
        (real.path, fake.path, fake.method, real.group, real.clip, fake.clip, matched)
        for real, fake, matched in pairs
    ]
    frame = pd.DataFrame(rows, columns=list(PAIR_COLUMNS))
    frame = frame.sort_values(["fake", "real"], kind="stable", ignore_index=True)
    frame.attrs["rule"] = rule
    return frame


def _with_lone(
    frame: SampleTable, reals: Sequence[PairRow], fakes: Sequence[PairRow]
) -> SampleTable:
    """`frame` with what is in no pair: counts, and the first of them."""
    for kind, column, rows in (("reals", "real", reals), ("fakes", "fake", fakes)):
        paired = set(frame[column])
        lone = [row.path for row in rows if row.path not in paired]
        frame.attrs |= {kind: len(rows), f"lone_{kind}": len(lone), f"some_{kind}": lone[:_NAMED]}
    return frame
