"""What training saw is found again, wherever it lies; records that do not belong are refused."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from blurprint.errors import InputError
from blurprint.lab.datasets.contents import Contents, group_hashes, read_contents
from blurprint.lab.datasets.read import Reading, ReadOptions, read_described
from blurprint.lab.datasets.seen import (
    SeenRecord,
    compare,
    listing_digest,
    make_record,
    read_record,
    require_unseen,
    seen_before,
    seen_file,
    write_record,
)
from trees import noise


@pytest.fixture
def reading(tmp_path) -> Reading:
    """Twenty groups of one real and one fake, each of its own content."""
    for index in range(20):
        for label in ("real", "fake"):
            noise(tmp_path / "data" / label / f"{index:02}" / "0.png")
    return read_described([f"folder:{tmp_path / 'data'}"])


def part(reading: Reading, *names: str) -> Reading:
    table = reading.whole[reading.whole["split"].isin(names)].reset_index(drop=True)
    return replace(reading, table=table)


def record_of(reading: Reading) -> SeenRecord:
    parts = {}
    for name in ("train", "val"):
        table = part(reading, name).table
        parts[name] = (table, read_contents(table["path"].tolist(), workers=0))
    return make_record(
        parts,
        reading.group_keys,
        listing=listing_digest(reading.whole),
        spaces=reading.spaces,
    )


@pytest.fixture
def weights(reading, tmp_path):
    file = tmp_path / "run" / "detector.safetensors"
    file.parent.mkdir()
    file.write_bytes(b"weights")
    write_record(record_of(reading), file)
    return file


def test_an_unseen_part_passes_in_silence(weights, reading):
    assert require_unseen(weights, part(reading, "test"), workers=0) == []


def test_pictures_that_were_seen_are_counted_and_refused(weights, reading):
    counts = reading.whole["split"].value_counts()
    total, trained, validated = len(reading.whole), counts["train"], counts["val"]
    words = f"{trained} of {total} test pictures were trained on, {validated} validated on"
    with pytest.raises(InputError, match=rf"{words}.*--allow-seen"):
        require_unseen(weights, reading, workers=0)
    (said,) = require_unseen(weights, reading, allow=True, workers=0)
    assert words in said


def test_a_change_of_the_data_is_said_where_they_should_be_the_same(weights, reading):
    tested = part(reading, "test")
    assert require_unseen(weights, tested, same_data=True, workers=0) == []
    swapped = reading.whole.assign(label=1 - reading.whole["label"])
    changed = replace(tested, whole=swapped)
    (said,) = require_unseen(weights, changed, same_data=True, workers=0)
    assert said.startswith("The data have changed since training")
    assert require_unseen(weights, changed, workers=0) == []


def test_copies_elsewhere_and_under_other_names_are_seen(weights, reading, tmp_path):
    for index, path in enumerate(part(reading, "train").table["path"][:3]):
        noise(tmp_path / "other" / "fake" / f"{index}.png")
        (tmp_path / "other" / "real").mkdir(exist_ok=True, parents=True)
        shutil.copy(path, tmp_path / "other" / "real" / f"renamed-{index}.png")
    other = read_described([f"folder:{tmp_path / 'other'}"])
    with pytest.raises(InputError, match="3 of 6 test pictures were trained on, 0 validated on"):
        require_unseen(weights, other, workers=0)


def test_new_pictures_of_a_group_that_was_seen_are_refused(weights, reading, tmp_path):
    table = part(reading, "train").table
    group = table["group"][0]
    noise(tmp_path / "data" / "real" / group / "1.png")
    again = read_described([f"folder:{tmp_path / 'data'}"], ReadOptions(frames=0))
    new = again.table[again.table["path"].str.endswith("1.png")].reset_index(drop=True)
    with pytest.raises(InputError, match="1 of 1 test pictures belong to groups"):
        require_unseen(weights, replace(again, table=new), workers=0)


def test_a_group_of_that_name_in_another_folder_is_another(weights, tmp_path):
    for index in range(20):
        for label in ("real", "fake"):
            noise(tmp_path / "elsewhere" / label / f"{index:02}" / "0.png")
    elsewhere = read_described([f"folder:{tmp_path / 'elsewhere'}"])
    (said,) = require_unseen(weights, elsewhere, workers=0)
    assert "other data, so that groups" in said and "cannot be compared" in said


def test_groups_that_the_split_itself_parts_are_said_and_not_refused(weights, reading):
    table = reading.whole.copy()
    seen = table.loc[table["split"] == "train", "group"].iloc[0]
    first = table.index[(table["group"] == seen)][0]
    noise_path = table.loc[first, "path"]
    table.loc[first, "split"] = "test"
    noise(Path(noise_path))  # another picture of the group
    tested = table.loc[[first]].reset_index(drop=True)
    both = replace(reading, table=tested, whole=table)
    (said,) = require_unseen(weights, both, workers=0)
    assert "1 of 1 test pictures belong to groups" in said and "into several parts itself" in said


def test_without_a_record_it_is_said_that_nothing_is_known(reading, tmp_path):
    (said,) = require_unseen(tmp_path / "other.safetensors", reading, workers=0)
    assert "unknown" in said and "other.seen.npz" in said


CARD = {"format": "blurprint-detector-1", "config": {"model": "rgb", "views": {}}}


def test_a_record_of_other_weights_is_refused(weights, reading):
    card = weights.with_suffix(".json")
    card.write_text(json.dumps({**CARD, "seen": {"sha256": "0" * 64}}))
    with pytest.raises(InputError, match=r"seen\.npz: Expected the record that .*detector\.json"):
        require_unseen(weights, part(reading, "test"), workers=0)
    digest = hashlib.sha256(seen_file(weights).read_bytes()).hexdigest()
    for own in (CARD, {**CARD, "seen": {"sha256": digest}}, {"seen": "somebody else's"}):
        card.write_text(json.dumps(own))
        assert require_unseen(weights, part(reading, "test"), workers=0) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "a card in JSON"),
        ("[]", "a card, an object"),
        (json.dumps(CARD | {"seen": 3}), "`seen` to be a table of names and values, but got 3"),
        (json.dumps(CARD | {"seen": {}}), "`seen.sha256`, which is missing"),
        (json.dumps({"format": CARD["format"]}), "`config`, which is missing"),
    ],
)
def test_a_damaged_card_beside_the_record_is_named(text, said, weights, reading):
    weights.with_suffix(".json").write_text(text)
    with pytest.raises(InputError, match=rf"detector\.json: Expected {said}"):
        require_unseen(weights, part(reading, "test"), workers=0)


def test_a_broken_record_is_named(weights, reading):
    seen_file(weights).write_bytes(b"PK broken")
    with pytest.raises(InputError, match=r"detector\.seen\.npz: Expected the record"):
        require_unseen(weights, part(reading, "test"), workers=0)


def test_arrays_of_another_form_are_named(weights, reading):
    file = seen_file(weights)
    with np.load(file) as stored:
        content = dict(stored)
    for damaged in (
        {**content, "train_groups": content["train_groups"][:, None]},
        {**content, "val_pictures": np.array(["a"])},
        {name: array for name, array in content.items() if name != "digest"},
    ):
        np.savez(file, **damaged)
        with pytest.raises(InputError, match=r"detector\.seen\.npz: Expected the record"):
            read_record(file)
    with file.open("wb") as opened:
        np.save(opened, np.zeros(3))
    with pytest.raises(InputError, match=r"detector\.seen\.npz: Expected the record"):
        read_record(file)


def test_one_picture_is_recognised(weights, reading):
    for name, words in (("train", "trained on"), ("val", "best epoch")):
        picture = Path(part(reading, name).table["path"][0])
        assert words in seen_before(weights, picture.read_bytes())
    other = Path(part(reading, "test").table["path"][0])
    assert seen_before(weights, other.read_bytes()) == ""


def test_a_record_comes_back_as_it_was(weights, reading):
    stored, made = read_record(seen_file(weights)), record_of(reading)
    assert stored.digest == made.digest
    assert np.array_equal(stored.train_pictures, made.train_pictures)
    assert (np.diff(stored.train_pictures.astype(object)) > 0).all()


def test_the_digest_knows_labels_and_groups_but_not_places_and_order(reading):
    table = part(reading, "train").table
    contents = read_contents(table["path"].tolist(), workers=0)

    def digest(rows, of=contents):
        return make_record({"train": (rows, of), "val": (rows, of)}).digest

    order = np.arange(len(table))[::-1]
    turned = Contents(contents.hashes[order], {})
    assert digest(table) == digest(table.iloc[order].assign(path="x"), turned)
    assert digest(table) != digest(table.assign(label=1 - table["label"]))
    assert digest(table) != digest(table.assign(group="one"))


def million_and_record(folder) -> tuple:
    rng = np.random.default_rng(0)
    hashes = np.unique(rng.integers(1, 2**63, 1_000_000, dtype=np.uint64))
    groups = group_hashes([str(index) for index in range(1000)])
    record = SeenRecord(hashes, hashes[:0], np.sort(groups), groups[:0], "d")
    weights = folder / "detector.safetensors"
    write_record(record, weights)
    tested = np.concatenate([hashes[::4], rng.integers(2**63, 2**64, 750_000, dtype=np.uint64)])
    return hashes, seen_file(weights), tested


def test_a_million_hashes_are_stored_small_and_compared(tmp_path):
    hashes, file, tested = million_and_record(tmp_path)
    assert file.stat().st_size < 9_000_000
    overlap = compare(read_record(file), tested, np.zeros(len(tested), np.uint64))
    assert overlap.trained_on == len(hashes[::4]) and overlap.validated_on == 0


@pytest.mark.timing
def test_a_million_hashes_are_compared_within_two_seconds(tmp_path):
    _, file, tested = million_and_record(tmp_path)
    start = time.process_time()  # not of others on this machine
    compare(read_record(file), tested, np.zeros(len(tested), np.uint64))
    assert time.process_time() - start < 2


@pytest.mark.parametrize("workers", [0, 2])
def test_unreadable_files_are_found(tmp_path, workers):
    good = noise(tmp_path / "a.png")
    (tmp_path / "b.png").write_bytes(good.read_bytes()[:60])
    paths = [str(tmp_path / name) for name in ("a.png", "b.png", "gone.png")]
    found = read_contents(paths, decode=True, workers=workers)
    assert found.readable.tolist() == [True, False, False]
    assert list(found.unreadable) == paths[1:]
    assert all(why.startswith(path) for path, why in found.unreadable.items())
    assert read_contents(paths, workers=0).readable.tolist() == [True, True, False]
