"""Addresses: fetched only where a scheme is given, by the file systems of fsspec."""

from __future__ import annotations

import os
import socket
import threading
import time
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import fsspec
import pytest

from blurprint.errors import InputError
from blurprint.scan.items import fetching, file_systems
from blurprint.scan.items.account import Account
from blurprint.scan.items.address_folders import AddressTree
from blurprint.scan.items.file_systems import is_address
from blurprint.scan.items.find import check_addresses
from blurprint.scan.items.item import ItemError
from blurprint.scan.items.patterns import matches
from scan_engines import found

JPEG = b"\xff\xd8\xff\xe0 not much of a picture"


@pytest.fixture
def bucket() -> Iterator[Any]:
    files = fsspec.filesystem("memory")
    for name in ("/b/10.jpg", "/b/9.jpg", "/b/c/x.mp4", "/b/c/.h.png", "/b/notes.txt", "/b/noname"):
        files.pipe(name, b"words" if name.endswith(".txt") else JPEG)
    yield files
    files.rm("/", recursive=True)
    files.store.clear()


def test_a_bucket_gives_all_below_and_counts_the_rest(bucket) -> None:
    items, account = found("memory://b")
    assert [item.path for item in items] == [
        "memory:///b/9.jpg",
        "memory:///b/10.jpg",
        "memory:///b/noname",
        "memory:///b/c/x.mp4",
    ]
    assert items[0].read(100) == JPEG and items[0].size == len(JPEG) and items[3].kind == "video"
    assert items[2].kind == "picture" and account.sniffed.names == ["memory:///b/noname"]
    assert {kind: one.count for kind, one in account.left_out.items()} == {
        "other files": 1,
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
    monkeypatch.setattr(fetching, "_PAUSE_S", 0.0)
    monkeypatch.setattr(type(bucket), "open", lambda _, path, mode: failing(path, mode))
    item = found("memory://b/9.jpg")[0][0]
    assert item.read(100) == JPEG and len(tries) == 3
    tries.clear()
    monkeypatch.setattr(fetching, "_TRIES", 2)
    with pytest.raises(ItemError, match=r"slow\), tried 2 times"):
        item.read(100)


def test_without_a_connection_a_file_is_not_said_to_be_missing(monkeypatch) -> None:
    monkeypatch.setattr(fetching, "_PAUSE_S", 0.0)
    item = found("http://127.0.0.1:9/a.jpg")[0][0]  # nobody listens there
    with pytest.raises(ItemError, match=r"cannot be fetched \(.*connect.*, tried 3 times"):
        item.read(100)


def test_of_an_unknown_file_only_the_first_bytes_are_fetched(bucket, monkeypatch) -> None:
    asked = []
    original = type(bucket).cat_file

    def watched(self: Any, path: str, start: int, end: int) -> bytes:
        asked.append((path, start, end))
        return bytes(original(self, path, start=start, end=end))

    bucket.pipe("/b/empty", b"")
    bucket.pipe("/b/noname", JPEG + bytes(100_000))
    monkeypatch.setattr(type(bucket), "cat_file", watched)
    found("memory://b")
    assert sorted(asked) == [("/b/noname", 0, 4096), ("/b/notes.txt", 0, 4096)]


def test_first_bytes_that_cannot_be_read_are_a_row(bucket, monkeypatch) -> None:
    def failing(*_: Any, **__: Any) -> bytes:
        raise PermissionError("denied")

    monkeypatch.setattr(type(bucket), "cat_file", failing)
    items, _ = found("memory://b")
    problems = {item.path: item.problem for item in items if item.problem}
    assert set(problems) == {"memory:///b/noname", "memory:///b/notes.txt"}
    assert "denied" in problems["memory:///b/noname"]


def test_an_address_that_yields_nothing_is_a_problem(bucket) -> None:
    bucket.makedirs("/b/empty")
    bucket.pipe("/b/words/a.txt", b"words")
    with zipfile.ZipFile(bucket.open("/b/none.zip", "wb"), "w"):
        pass
    for url in ("memory://b/empty", "memory://b/words", "memory://b/none.zip", "memory://b/w*"):
        items, account = found(url)
        assert items == [] and account.problems.count == 1, url
        assert url in account.problems.names[0] and "nothing" in account.problems.names[0]


def test_patterns_name_the_folders_that_cannot_be_listed(bucket, monkeypatch) -> None:
    original = type(bucket).ls

    def failing(self: Any, path: str, **options: Any) -> Any:
        if path.rstrip("/").endswith("/c"):
            raise PermissionError("denied")
        return original(self, path, **options)

    bucket.pipe("/b/d/z.jpg", JPEG)
    monkeypatch.setattr(type(bucket), "ls", failing)
    for pattern in ("memory://b/*/*.jpg", "memory://b/**/z.jpg", "memory://b/**"):
        items, account = found(pattern)
        assert "memory:///b/d/z.jpg" in [item.path for item in items], items
        assert account.problems.names == ["memory:///b/c: cannot be listed (denied)"], pattern


@pytest.mark.parametrize(
    "pattern", ["b/*", "b/**/*.mp4", "b/?.jpg", "b/**/x.*", "b/c/.*", "b/[0-9]*", "none/*"]
)
def test_patterns_match_as_those_of_fsspec(bucket, pattern) -> None:
    wanted = [name for name in bucket.glob(f"/{pattern}") if bucket.isfile(name)]
    tree = AddressTree(bucket, Account())
    got = [name for name in matches(f"/{pattern}", tree) if bucket.isfile(name)]
    assert sorted(got) == sorted(wanted) and (wanted or pattern == "none/*")


def test_a_pattern_at_the_root_lists_the_root() -> None:
    tree = AddressTree(fsspec.filesystem("file"), Account())
    assert sorted(matches("/*", tree)) == sorted(map(str, Path("/").iterdir()))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes")
def test_pipes_of_this_machine_are_not_opened(tmp_path) -> None:
    for name in ("pipe", "pipe.jpg", "pipe.tar"):
        os.mkfifo(tmp_path / name)
    (tmp_path / "a.jpg").write_bytes(JPEG)
    items, account = found(f"file://{tmp_path}")
    assert [item.path for item in items] == [f"file://{tmp_path}/a.jpg"]
    assert account.left_out["pipes, sockets and devices"].count == 3
    for name in ("pipe", "pipe.jpg"):
        (item,), _ = found(f"file://{tmp_path}/{name}")
        with pytest.raises(ItemError, match="is a pipe, a socket or a device"):
            item.read(100)
    (item,), _ = found(f"file://{tmp_path}/pipe.tar")
    assert "is a pipe, a socket or a device" in item.problem


def test_links_of_this_machine_are_followed_once(tmp_path) -> None:
    root = tmp_path / "in"
    (root / "x").mkdir(parents=True)
    (root / "x/a.jpg").write_bytes(JPEG)
    (root / "x/up").symlink_to("..")
    (root / "gone.jpg").symlink_to("nowhere.jpg")
    (root / "gone").symlink_to("nowhere")
    items, account = found(f"file://{root}")
    assert [item.path for item in items] == [f"file://{root}/gone.jpg", f"file://{root}/x/a.jpg"]
    with pytest.raises(ItemError, match="no such file"):
        items[0].read(100)
    assert account.left_out["broken links"].names == [f"file://{root}/gone"]
    assert account.left_out["folders met twice"].names == [f"file://{root}/x/up (is file://{root})"]


def test_a_file_of_this_machine_that_is_missing_is_a_problem(tmp_path) -> None:
    items, account = found(f"file://{tmp_path}/none.jpg")
    assert items[0].problem == "no such file" and account.problems.count == 1


def test_what_cannot_be_listed_and_is_given_twice_is_one_problem(bucket, monkeypatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise PermissionError("Forbidden")

    monkeypatch.setattr(type(bucket), "ls", refuse)
    for url in ("memory://b", "memory://b/*.jpg"):
        _, account = found(url, url)
        assert account.problems.names == ["memory:///b: cannot be listed (Forbidden)"]
        assert account.problems.count == 1


@pytest.fixture
def silent() -> Iterator[str]:
    """Address of a server that takes connections, and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def test_a_server_that_does_not_answer_is_given_up(silent, monkeypatch) -> None:
    monkeypatch.setattr(fetching, "_PAUSE_S", 0.0)
    monkeypatch.setattr(fetching, "_TRIES", 1)
    monkeypatch.setattr(file_systems, "_ANSWER_S", 0.05)
    item = found(f"{silent}/a.jpg")[0][0]
    with pytest.raises(ItemError, match="does not answer in time"):
        item.read(100)
    (item,), account = found(f"{silent}/a.zip")
    assert "does not answer in time" in item.problem and account.problems.count == 1


class Pieces(BaseHTTPRequestHandler):
    """Sends a file in pieces, without its length."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for piece in (JPEG, JPEG, b""):
            self.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
            self.wfile.flush()
            time.sleep(0.05)

    def log_message(self, *_: Any) -> None:
        pass


def test_a_file_that_comes_in_pieces_is_read_to_its_end() -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Pieces) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        item = found(f"http://127.0.0.1:{server.server_port}/a.jpg")[0][0]
        assert item.read(100) == JPEG + JPEG
        server.shutdown()


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
