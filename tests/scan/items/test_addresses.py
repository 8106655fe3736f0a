"""Addresses: fetched only where a scheme is given, by the file systems of fsspec."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from typing import Any

import fsspec
import pytest

from blurprint.errors import InputError
from blurprint.scan.items import addresses
from blurprint.scan.items.file_systems import is_address
from blurprint.scan.items.find import check_addresses
from blurprint.scan.items.item import ItemError
from scan_engines import found

JPEG = b"\xff\xd8\xff\xe0 not much of a picture"


@pytest.fixture
def bucket() -> Iterator[Any]:
    files = fsspec.filesystem("memory")
    for name in ("/b/10.jpg", "/b/9.jpg", "/b/c/x.mp4", "/b/c/.h.png", "/b/notes.txt", "/b/noname"):
        files.pipe(name, JPEG)
    yield files
    files.rm("/", recursive=True)
    files.store.clear()


def test_a_bucket_gives_all_below_and_counts_the_rest(bucket) -> None:
    items, account = found("memory://b")
    assert [item.path for item in items] == [
        "memory:///b/9.jpg",
        "memory:///b/10.jpg",
        "memory:///b/c/x.mp4",
    ]
    assert items[0].read(100) == JPEG and items[0].size == len(JPEG) and items[2].kind == "video"
    assert {kind: one.count for kind, one in account.left_out.items()} == {
        "other files": 2,
        "hidden files and folders": 1,
    }


def test_files_patterns_and_ranges(bucket) -> None:
    assert [one.path for one in found("memory://b/*.jpg")[0]] == [
        "memory:///b/9.jpg",
        "memory:///b/10.jpg",
    ]
    assert len(found("memory://b/{9..10}.jpg")[0]) == 2
    assert found("memory://b/noname")[0][0].read(100) == JPEG, "it was named"


def test_what_is_not_there_is_a_row_and_a_problem(bucket) -> None:
    items, account = found("memory://b/none/", "memory://b/*.gif")
    assert [item.problem for item in items] == ["no such file", "no such file"]
    assert account.problems.count == 2
    with pytest.raises(ItemError, match="no such file"):
        found("memory://b/none.jpg")[0][0].read(100)


def test_archives_at_addresses_are_read_by_member(bucket, tmp_path) -> None:
    with zipfile.ZipFile(tmp_path / "z.zip", "w") as opened:
        opened.writestr("a.jpg", JPEG)
    bucket.pipe("/b/z.zip", (tmp_path / "z.zip").read_bytes())
    items, _ = found("memory://b/z.zip")
    assert items[0].path == "memory://b/z.zip!a.jpg" and items[0].read(100) == JPEG


def test_local_files_by_their_scheme(tmp_path) -> None:
    (tmp_path / "a.jpg").write_bytes(JPEG)
    items, _ = found(f"file://{tmp_path}")
    assert [item.read(100) for item in items] == [JPEG]
    with pytest.raises(ItemError, match="read at most") as error:
        found(f"file://{tmp_path}/a.jpg")[0][0].read(3)
    assert error.value.status == "too_large"


def test_what_fails_is_tried_three_times(bucket, monkeypatch) -> None:
    tries = []

    def failing(path: str, mode: str) -> Any:
        tries.append(path)
        if len(tries) < 3:
            raise TimeoutError("slow")
        return original(path, mode)

    original = bucket.open
    monkeypatch.setattr(addresses, "_PAUSE_S", 0.0)
    monkeypatch.setattr(type(bucket), "open", lambda _, path, mode: failing(path, mode))
    item = found("memory://b/9.jpg")[0][0]
    assert item.read(100) == JPEG and len(tries) == 3
    tries.clear()
    monkeypatch.setattr(addresses, "_TRIES", 2)
    with pytest.raises(ItemError, match=r"slow\), tried 2 times"):
        item.read(100)


def test_without_a_connection_a_file_is_not_said_to_be_missing(monkeypatch) -> None:
    monkeypatch.setattr(addresses, "_PAUSE_S", 0.0)
    item = found("http://127.0.0.1:9/a.jpg")[0][0]  # nobody listens there
    with pytest.raises(ItemError, match=r"cannot be fetched \(.*connect.*, tried 3 times"):
        item.read(100)


def test_a_missing_package_is_named(monkeypatch) -> None:
    def missing(*_: Any, **__: Any) -> Any:
        raise ImportError("Install s3fs to access S3")

    monkeypatch.setattr("fsspec.core.url_to_fs", missing)
    with pytest.raises(InputError, match=r"s3:// needs a package .*s3fs"):
        check_addresses(["s3://bucket/a.jpg"])
    items, account = found("s3://bucket/folder/")
    assert "s3fs" in items[0].problem and account.problems.count == 1


def test_nothing_without_a_scheme_is_an_address() -> None:
    for text in ("a.jpg", "C:/a", "//host/share", "mailto:x", "/s3://x"):
        assert not is_address(text)
    with pytest.raises(InputError, match="nosuch"):
        check_addresses(["nosuch://x"])
