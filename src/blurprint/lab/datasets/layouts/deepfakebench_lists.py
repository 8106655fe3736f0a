"""The clips and frames that JSON files of DeepfakeBench list."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PureWindowsPath
from typing import Any, Final

from blurprint.errors import InputError
from blurprint.files import natural_key
from blurprint.lab.datasets.account import Account
from blurprint.lab.datasets.layouts.compressions import choose_compression, same
from blurprint.lab.datasets.layouts.deepfakebench_labels import require_known
from blurprint.lab.datasets.layouts.folders import few, read_json
from blurprint.lab.datasets.layouts.labels import meaning, part_of
from blurprint.lab.datasets.layouts.options import COMPRESSIONS
from blurprint.lab.datasets.table import FAKE

_SHAPE: Final = '{"DATASET": {"LABEL": {"train": {["c23":] {"CLIP": {"label", "frames"}}}}}}'


@dataclass(frozen=True, slots=True)
class ListedClip:
    """A clip of a JSON file.

    Attributes:
        file: the name of that file.
        dataset: the name that the file gives it.
        label: its name in the file.
        part: "train", "val" or "test".
        part_name: what the file calls it.
        name: of the clip.
        frames: paths with forward slashes, in natural order.
    """

    file: str
    dataset: str
    label: str
    part: str
    part_name: str
    name: str
    frames: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Level:
    """Clips of one label and part in one compression; "" where there is no such level."""

    file: Path
    dataset: str
    label: str
    part_name: str
    compression: str
    clips: Mapping[str, Any]


def read_lists(
    files: Sequence[Path], labels: Mapping[str, int], compression: str | None, account: Account
) -> list[ListedClip]:
    """The clips of all files, each once.

    Clips that are listed in several parts test if one of these is the test part, else train if one
    is train: a validation that repeats the training measures nothing.

    Args:
        files: JSON files of DeepfakeBench.
        labels: meanings of labels by name in lower case.
        compression: asked for; None leaves the choice.
        account: takes what was inferred and left out.

    Raises:
        InputError: if a file is not as expected, a label is unknown or contradicts itself or that
            of another file, or the compression is not there or has to be chosen.
    """
    levels = [level for file in files for level in _levels(file, account)]
    for file in files:
        require_known(file, (one.label for one in levels if one.file == file), labels)
    there: dict[str, set[str]] = defaultdict(set)
    for one in levels:
        if one.compression and one.clips:
            there[one.label].add(one.compression)
    if there:
        chosen = choose_compression(str(files[0]), there, compression, account)
        levels = [one for one in levels if same(one.compression) in ("", chosen)]
    empty: Counter[str] = Counter()
    listed = [clip for level in levels for clip in _clips(level, labels, empty)]
    if empty:
        counts = few(f"{name} {count:,}" for name, count in empty.items())
        account.leave_out(f"{empty.total():,} clips that are listed without frames ({counts})")
    return _once(listed, labels, account)


def _levels(file: Path, account: Account) -> Iterator[_Level]:
    for dataset, labels in _items(file, read_json(file)):
        for label, parts in _items(file, labels):
            for name, inside in _items(file, parts):
                if part_of(name) is None:
                    raise InputError(f"{file}: Expected parts train, val, test, but got {name}")
                clips = dict(_items(file, inside))
                # The script that writes DFDC's file loses all clips but the last in this way.
                if isinstance(clips.get("frames"), list):
                    account.leave_out(f"a clip without a name in {file.name}: {label}, {name}")
                    clips = {key: row for key, row in clips.items() if isinstance(row, dict)}
                if clips and all(key.lower() in COMPRESSIONS for key in clips):
                    for compression, some in clips.items():
                        rows = dict(_items(file, some))
                        yield _Level(file, dataset, label, name, compression.lower(), rows)
                else:
                    yield _Level(file, dataset, label, name, "", clips)


def _clips(level: _Level, labels: Mapping[str, int], empty: Counter[str]) -> Iterator[ListedClip]:
    for name, row in level.clips.items():
        frames = row.get("frames") if isinstance(row, dict) else None
        if not isinstance(frames, list):
            raise InputError(f"{level.file}: Expected {_SHAPE}, but got {name}: {row}")
        label = str(row.get("label", level.label))
        if label != level.label:
            require_known(level.file, [label], labels)
            if meaning(labels, label) != meaning(labels, level.label):
                raise InputError(
                    f"{level.file}: Expected one label for {name}, but got {level.label} and"
                    f" {label}"
                )
        if not frames:  # no face was found
            empty[label] += 1
            continue
        ordered = sorted(map(_posix, frames), key=natural_key)
        part = part_of(level.part_name) or ""
        yield ListedClip(
            level.file.name, level.dataset, label, part, level.part_name, name, tuple(ordered)
        )


def _items(file: Path, value: Any) -> Iterable[tuple[str, Any]]:
    if not isinstance(value, dict):
        raise InputError(f"{file}: Expected {_SHAPE}, but got {type(value).__name__} within")
    return value.items()


def _posix(path: object) -> str:
    text = str(path)
    posix = PureWindowsPath(text).as_posix() if "\\" in text else text  # slow: for those alone
    return posix.removeprefix("./")


def _once(
    listed: Iterable[ListedClip], labels: Mapping[str, int], account: Account
) -> list[ListedClip]:
    """Each clip once: files of one folder, and parts of one file, list some of them twice."""
    found: dict[tuple[str, str], list[ListedClip]] = defaultdict(list)
    for one in listed:
        found[one.name, one.frames[0].rpartition("/")[0]].append(one)
    kept, several, named = [], Counter[str](), Counter[str]()
    for some in found.values():
        by_part = {one.part: one for one in reversed(some)}
        one = next(by_part[part] for part in ("test", "train", "val") if part in by_part)
        if len(some) > 1:
            names = _agreed(some, labels)
            if len(names) > 1:
                named[f"{' and '.join(names)}: {one.label}"] += 1
            one = replace(one, frames=_all_frames(some))
        kept.append(one)
        if len(by_part) > 1:
            several[f"{' and '.join(sorted(by_part))}: {one.part}"] += 1
    if several:
        said = "; ".join(f"in {name}, {count:,} clips" for name, count in several.items())
        account.infer(f"clips that are listed in several parts are taken once ({said})")
    if named:
        said = "; ".join(f"{name}, {count:,} clips" for name, count in named.items())
        account.infer(f"reals that are listed under several names are taken once ({said})")
    return kept


def _agreed(some: Sequence[ListedClip], labels: Mapping[str, int]) -> list[str]:
    """The names of the label of one clip; refused where they mean different things."""
    first = some[0]
    for one in some[1:]:
        alike = meaning(labels, one.label) == meaning(labels, first.label)
        # A fake is made by one method; the name of reals is that of a list.
        if not alike or (
            meaning(labels, one.label) == FAKE and one.label.lower() != first.label.lower()
        ):
            raise InputError(
                f"{first.frames[0]}: Expected one label for the clip {first.name}, but got"
                f" {first.label} in {first.file} ({first.part_name}) and {one.label} in"
                f" {one.file} ({one.part_name}); give the file that is right"
            )
    return list({one.label.lower(): one.label for one in reversed(some)}.values())


def _all_frames(some: Sequence[ListedClip]) -> tuple[str, ...]:
    if all(one.frames == some[0].frames for one in some):
        return some[0].frames
    return tuple(sorted({frame for one in some for frame in one.frames}, key=natural_key))
