"""Whether a row still tells of what is there."""

from __future__ import annotations

import pytest

from blurprint.scan.items.item import Item
from blurprint.scan.items.local import LocalFile
from blurprint.scan.store import stamps
from blurprint.scan.store.stamps import can_be_read_now, differs, is_measured, stamp_of
from blurprint.scan.table.row import ItemRows

WELL, FAILED = ItemRows({"status": "ok"}), ItemRows({"status": "unreadable"})
REFUSED = FAILED._replace(refused=True)
NO_PACKAGE = ItemRows({"status": "video_unsupported"})


def item(stamp: str, file_stamp: str = "", path: str = "a") -> Item:
    return Item(path, LocalFile(path), stamp=stamp, file_stamp=file_stamp)


@pytest.mark.parametrize("rows", [WELL, FAILED, REFUSED, NO_PACKAGE])
def test_a_stamp_is_of_what_a_listing_says_and_nothing_says_nothing(rows) -> None:
    one, none = stamp_of(item("1"), rows), stamp_of(item(""), rows)
    assert one == stamp_of(item("1", path="b"), rows) != stamp_of(item("2"), rows)
    assert not differs(one, item("1")) and differs(one, item("2"))
    assert not differs(one, item("")) and not differs(none, item("1"))
    assert is_measured(one) == is_measured(none) == (rows is WELL)
    assert one < 2**64


def test_an_archive_is_compared_for_what_failed_in_it_alone() -> None:
    assert not differs(stamp_of(item("1", "old"), WELL), item("1", "new"))
    assert differs(stamp_of(item("1", "old"), FAILED), item("1", "new"))
    assert differs(stamp_of(item("", "old"), FAILED), item("", "new"))
    assert not differs(stamp_of(item("1", "old"), FAILED), item("1", "old"))


def test_what_stood_in_the_way_is_looked_for_again(tmp_path, monkeypatch) -> None:
    path = str(tmp_path / "a")
    one = item("1", path=path)
    stamp = stamp_of(one, REFUSED)
    assert not can_be_read_now(stamp, one)
    (tmp_path / "a").write_bytes(b"1")
    assert can_be_read_now(stamp, one)
    assert not any(can_be_read_now(stamp_of(one, rows), one) for rows in (WELL, FAILED))
    for package in (None, object()):
        monkeypatch.setattr(stamps, "find_spec", lambda _, package=package: package)
        assert can_be_read_now(stamp_of(one, NO_PACKAGE), one) == (package is not None)
    assert not can_be_read_now(stamp, item("1", path="s3://bucket/a")), "nobody is asked"
