"""Which pictures and groups a training saw: kept beside its weights, compared before a test.

The record, ``detector.seen.npz``, holds a hash of eight bytes for each picture's content and each
group's name, of the training and of the validation part. With a million pictures it takes 8 MB; the
chance that one of as many other pictures has a hash by accident is below one in ten million.
"""

from __future__ import annotations

import hashlib
import io
import os
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from blurprint.arrays import Mask
from blurprint.errors import InputError
from blurprint.files import write_atomic
from blurprint.lab.datasets.contents import (
    Contents,
    Hashes,
    content_hash,
    group_hashes,
    read_contents,
)
from blurprint.lab.datasets.read import Reading
from blurprint.lab.datasets.table import SampleTable
from blurprint.weights.card import detector_card_beside

FORMAT: Final = "blurprint-seen-1"
SAMPLED: Final = 64
"""Files whose content is read to see whether data are still those of the training."""
_ARRAYS: Final = ("train_pictures", "val_pictures", "train_groups", "val_groups")


@dataclass(frozen=True, slots=True, eq=False)
class SeenRecord:
    """What a training saw: sorted uint64 arrays without repetitions.

    Attributes:
        train_pictures: content of the pictures that were trained on.
        val_pictures: content of those by which the best epoch was chosen.
        train_groups: groups of the first.
        val_groups: groups of the second.
        digest: of the rows of both parts, with their labels; equal data give equal digests.
        listing: of names, labels, groups and sizes of the files of both parts, for a look at
            whether they are still as they were, which reads no file.
        spaces: where names of groups mean the same groups: see :attr:`Reading.spaces`.
    """

    train_pictures: Hashes
    val_pictures: Hashes
    train_groups: Hashes
    val_groups: Hashes
    digest: str
    listing: str = ""
    spaces: tuple[str, ...] = ()

    def to_bytes(self) -> bytes:
        """As the file holds it: NumPy's .npz, without compression, which hashes do not allow."""
        buffer = io.BytesIO()
        arrays: dict[str, Any] = {name: getattr(self, name) for name in _ARRAYS}
        texts = {"format": FORMAT, "digest": self.digest, "listing": self.listing}
        arrays |= {name: np.array(text) for name, text in texts.items()}
        np.savez(buffer, spaces=np.array(self.spaces, str), **arrays)
        return buffer.getvalue()


@dataclass(frozen=True, slots=True)
class Overlap:
    """How many pictures of a test a training has seen.

    Attributes:
        pictures: that are tested.
        trained_on: of these, how many were trained on.
        validated_on: how many others chose the best epoch.
        of_seen_groups: how many others belong to a group that training or validation saw.
        by_protocol: of the last, how many belong to a group that the split itself puts into
            several parts, as the authors' rule does.
    """

    pictures: int
    trained_on: int
    validated_on: int
    of_seen_groups: int
    by_protocol: int

    def words(self) -> str:
        """The counts in a sentence without its full stop; "" where nothing was seen."""
        said = []
        if self.trained_on or self.validated_on:
            said.append(
                f"{self.trained_on:,} of {self.pictures:,} test pictures were trained on,"
                f" {self.validated_on:,} validated on"
            )
        if self.of_seen_groups:
            said.append(
                f"{self.of_seen_groups:,} of {self.pictures:,} test pictures belong to groups"
                " (people, scenes, videos) that training saw"
            )
        return "; ".join(said)


def seen_file(weights: Path) -> Path:
    """Where the record of `weights` lies."""
    return weights.with_name(f"{weights.stem}.seen.npz")


def make_record(
    parts: Mapping[str, tuple[SampleTable, Contents]],
    group_keys: Mapping[str, str] | None = None,
    *,
    listing: str = "",
    spaces: Sequence[str] = (),
) -> SeenRecord:
    """The record of the parts "train" and "val".

    Args:
        parts: table and contents of each.
        group_keys: see :class:`Reading`; without them, groups go by their own names.
        listing: see :func:`listing_digest`.
        spaces: see :class:`Reading`.
    """
    arrays: dict[str, Hashes] = {}
    rows = []
    for name in ("train", "val"):
        table, contents = parts[name]
        arrays[f"{name}_pictures"] = np.unique(contents.hashes[contents.readable])
        groups = table["group"].astype(str)
        arrays[f"{name}_groups"] = np.unique(group_hashes(_keys(groups.unique(), group_keys)))
        rows.append(rows_digest(table, contents.hashes))
    return SeenRecord(**arrays, digest="-".join(rows), listing=listing, spaces=tuple(spaces))


def listing_digest(table: SampleTable) -> str:
    """Of the files of the parts "train" and "val": name, part, label, group and size of each.

    The content of :data:`SAMPLED` of them counts as well; of the others, what is replaced by
    something of the same size is not noticed.
    """
    rows = table[table["split"].isin(["train", "val"])]
    facts = sorted(
        ("/".join(Path(row.path).parts[-2:]), row.split, int(row.label), str(row.group), row.path)
        for row in rows.itertuples(index=False)
    )
    digest = hashlib.sha256()
    count = min(SAMPLED, len(facts))
    sampled = {index * len(facts) // count for index in range(count)}
    for place, (*fact, path) in enumerate(facts):
        content = _content(path) if place in sampled else b""
        digest.update(repr((*fact, _size(path), content)).encode("utf-8", "surrogateescape"))
    return digest.hexdigest()[:16]


def _content(path: str) -> bytes:
    try:
        return hashlib.blake2b(Path(path).read_bytes(), digest_size=8).digest()
    except OSError:
        return b""


def read_record(file: Path) -> SeenRecord:
    """The record in `file`.

    Raises:
        InputError: if it cannot be read or is no record.
    """
    try:
        with np.load(file, allow_pickle=False) as stored:
            if str(stored["format"]) != FORMAT:
                raise ValueError(f"format {stored['format']}")
            arrays = {name: stored[name].astype(np.uint64, copy=False) for name in _ARRAYS}
            if any(array.ndim != 1 for array in arrays.values()):
                raise ValueError("hashes in several dimensions")
            listing = str(stored["listing"]) if "listing" in stored else ""
            spaces = tuple(map(str, stored["spaces"])) if "spaces" in stored else ()
            return SeenRecord(
                **arrays, digest=str(stored["digest"]), listing=listing, spaces=spaces
            )
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise InputError(
            f"{file}: Expected the record of what a training saw, but it cannot be read ({error})"
        ) from error


def write_record(record: SeenRecord, weights: Path) -> dict[str, Any]:
    """Write `record` beside `weights`, and return what the card says of it.

    Raises:
        OutputError: if it cannot be written.
    """
    data = record.to_bytes()
    write_atomic(seen_file(weights), data)
    return {
        "file": seen_file(weights).name,
        "sha256": hashlib.sha256(data).hexdigest(),
        "pictures": {"train": len(record.train_pictures), "val": len(record.val_pictures)},
        "groups": {"train": len(record.train_groups), "val": len(record.val_groups)},
    }


def compare(
    record: SeenRecord,
    hashes: Hashes,
    groups: Hashes,
    straddling: Mask | None = None,
) -> Overlap:
    """How much of a test `record` holds.

    Args:
        record: what was seen.
        hashes: uint64 (N,), content of the test's pictures.
        groups: uint64 (N,), their groups.
        straddling: (N,) whether the split that is tested puts the group into several parts.
    """
    trained = _isin(hashes, record.train_pictures)
    validated = _isin(hashes, record.val_pictures) & ~trained
    known = _isin(groups, record.train_groups) | _isin(groups, record.val_groups)
    known &= ~trained & ~validated
    inherent = known if straddling is None else known & straddling
    return Overlap(
        pictures=len(hashes),
        trained_on=int(trained.sum()),
        validated_on=int(validated.sum()),
        of_seen_groups=int(known.sum()),
        by_protocol=0 if straddling is None else int(inherent.sum()),
    )


def require_unseen(
    weights: Path,
    reading: Reading,
    *,
    contents: Contents | None = None,
    same_data: bool = False,
    allow: bool = False,
    workers: int = 2,
    progress: Callable[[int, int], None] | None = None,
) -> list[str]:
    """Refuse to test on what the training of `weights` saw.

    Pictures are compared by content, wherever they lie. Groups are compared by name; where the
    split that is read puts groups into several parts itself (the authors' rule, Celeb-DF's test
    list), that is said and not refused.

    Args:
        weights: of the detector; its record lies beside them.
        reading: what is to be tested on.
        contents: of its table, if they have been read.
        same_data: whether the reading is that of the training, so that a change must be said.
        allow: say it instead of refusing.
        workers: processes that read the files.
        progress: called with files read and wanted.

    Returns:
        Sentences for the page, the JSON and the terminal; none where nothing was seen.

    Raises:
        InputError: if something was seen and `allow` is off; the message has the counts. Also if
            the record is not that of the weights, or it or their card cannot be read.
    """
    file = seen_file(weights)
    if not file.is_file():
        return [
            f"Whether training saw these pictures is unknown: there is no {file.name} beside the"
            " weights."
        ]
    record = read_record(file)
    _check_belongs(weights, file)
    table = reading.table
    if contents is None:
        contents = read_contents(
            table["path"].astype(str).tolist(), workers=workers, progress=progress
        )
    names = table["group"].astype(str)
    unique, place = np.unique(names.to_numpy(str), return_inverse=True)
    groups = group_hashes(_keys(unique, reading.group_keys))[place]
    straddling = names.isin(_in_several_parts(reading.whole)).to_numpy(bool)
    overlap = compare(record, contents.hashes, groups, straddling)
    notes = []
    if same_data and record.listing and listing_digest(reading.whole) != record.listing:
        notes.append(
            "The data have changed since training: names, labels, groups or sizes of the files that"
            " were trained and validated on are no longer the same."
        )
    if record.spaces and not set(record.spaces) & set(reading.spaces):
        notes.append(
            "Training read other data, so that groups (people, scenes, videos) cannot be compared:"
            " only copies of the very files that training saw would be noticed."
        )
    if not (said := overlap.words()):
        return notes
    refused = overlap.trained_on + overlap.validated_on
    refused += overlap.of_seen_groups - overlap.by_protocol
    if refused and not allow:
        raise InputError(
            f"{weights}: {said}. Test on other pictures, or on the split that it was trained with"
            " (without options, that of its card); --allow-seen tests all the same, and says so"
        )
    if overlap.by_protocol and not refused:
        said += ": the split puts these groups into several parts itself"
    return [f"{said[0].upper()}{said[1:]}.", *notes]


def seen_before(weights: Path, picture: bytes) -> str:
    """Whether the training of `weights` saw a picture, in a sentence; "" if not or not known."""
    file = seen_file(weights)
    if not file.is_file():
        return ""
    record = read_record(file)
    value = np.array([content_hash(picture)], np.uint64)
    if _isin(value, record.train_pictures)[0]:
        return "This picture is one of those that the detector was trained on."
    if _isin(value, record.val_pictures)[0]:
        return "This picture is one of those by which the detector's best epoch was chosen."
    return ""


def _check_belongs(weights: Path, file: Path) -> None:
    """Compare the record with the hash in the card: weights and records can be mixed up."""
    card = detector_card_beside(weights)
    if card is None or card.seen is None:
        return
    if card.seen.sha256 != hashlib.sha256(file.read_bytes()).hexdigest():
        raise InputError(f"{file}: Expected the record that {card.path} names, but got another's")


def _in_several_parts(table: SampleTable) -> set[str]:
    parts = table.loc[table["split"] != ""].groupby("group")["split"].nunique()
    return set(parts.index[parts > 1].astype(str))


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size  # noqa: PTH116 - a million of them
    except OSError:
        return -1


def _keys(groups: Iterable[str], group_keys: Mapping[str, str] | None) -> list[str]:
    return [str(group) if group_keys is None else group_keys.get(group, group) for group in groups]


def _isin(values: Hashes, known: Hashes) -> Mask:
    """Whether each of `values` is in `known`, which is sorted."""
    if not len(known):
        return np.zeros(len(values), bool)
    place = np.searchsorted(known, values)
    return known[np.minimum(place, len(known) - 1)] == values


def rows_digest(table: SampleTable, hashes: Hashes) -> str:
    """Of contents, labels and groups, whatever the order and wherever the files lie."""
    groups = group_hashes(table["group"].astype(str).tolist())
    label = table["label"].to_numpy(np.uint64)
    rows = np.stack([hashes, label, groups], axis=1)
    ordered = rows[np.lexsort(rows.T)]
    return hashlib.sha256(ordered.tobytes()).hexdigest()[:16]
