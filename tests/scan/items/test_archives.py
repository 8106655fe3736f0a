"""Members of archives: read one by one, also of archives that are hostile or damaged."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import pickle
import random
import tarfile
import threading
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from blurprint.scan.items import places, tars, zips
from blurprint.scan.items.account import Account
from blurprint.scan.items.item import Item, ItemError
from scan_engines import found

MOST = 1 << 20
ONE, TWO = b"\xff\xd8\xff one", b"\x89PNG\r\n\x1a\n two" * 300
PACK = {".tar": bytes, ".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress}
TARS = ("t.tar", "t.tar.gz", "t.tar.bz2", "t.tar.xz")


def make_tar(path: Path, members: dict[str, bytes]) -> Path:
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as tar:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    path.write_bytes(PACK[path.suffix](plain.getvalue()))
    return path


def make_zip(path: Path, members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as opened:
        for name, data in members.items():
            opened.writestr(name, data)
    return path


def inner(items: list[Item]) -> list[str]:
    return [item.path.partition("!")[2] for item in items]


MEMBERS = {
    "b.jpg": ONE,
    "b.json": b"{}",
    "../../etc/a.png": TWO,
    "/abs/ü\n.png": TWO,
    "__MACOSX/._b.jpg": b"x",
    "noname": ONE,
    "in.zip": b"PK",
}
ITEMS = ["b.jpg", "../../etc/a.png", "/abs/ü\n.png", "noname"]


@pytest.mark.parametrize("name", TARS)
def test_the_pictures_of_a_tar_are_items_in_its_order(tmp_path, name) -> None:
    items, account = found(make_tar(tmp_path / name, MEMBERS))
    assert inner(items) == ITEMS
    assert [item.read(MOST) for item in items] == [ONE, TWO, TWO, ONE]
    assert items[0].read(MOST) == ONE, "an earlier member can be read again"
    assert account.left_out["archives within archives"].count == 1
    assert account.left_out["other files"].count == 1
    assert pickle.loads(pickle.dumps(items)) == items


@pytest.mark.parametrize(
    "method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
)
def test_the_pictures_of_a_zip_are_items_in_its_order(tmp_path, method) -> None:
    items, account = found(make_zip(tmp_path / "z.zip", MEMBERS, method))
    assert inner(items) == ITEMS
    assert [item.read(MOST) for item in items] == [ONE, TWO, TWO, ONE]
    assert account.sniffed.count == 1
    assert list(tmp_path.iterdir()) == [tmp_path / "z.zip"], "nothing is unpacked"


def test_two_threads_that_search_a_zip_read_each_in_a_file_of_its_own(
    tmp_path, monkeypatch
) -> None:
    """As a scan and what counts its items meanwhile do."""
    path = make_zip(tmp_path / "z.zip", {f"m{number}": ONE for number in range(100)})
    readers: dict[int, set[str]] = {}

    class Watched(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            readers.setdefault(id(self), set()).add(threading.current_thread().name)
            return super().read(size)

    files = [Watched(path.read_bytes()) for _ in range(4)]
    left = iter(files)
    for module in (zips, places):
        monkeypatch.setattr(module, "open_place", lambda _: next(left))
    both: list[tuple[list[Item], Account]] = []
    threads = [threading.Thread(target=lambda: both.append(found(path))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [len(items) for items, _ in both] == [100, 100] and both[0] == both[1]
    assert sorted(map(len, readers.values())) == [1, 1]


def test_a_member_whose_first_bytes_cannot_be_read_is_said(tmp_path) -> None:
    path = make_zip(tmp_path / "z.zip", {"readme": b"words", "pic": ONE}, zipfile.ZIP_STORED)
    data = bytearray(path.read_bytes())
    data[data.index(b"pic") - 30] ^= 1
    path.write_bytes(data)
    items, account = found(path)
    assert items == [] and account.left_out["other files"].names == [f"{path}!readme"]
    left = account.left_out["files of unknown kind that cannot be read"]
    assert left.names == [f"{path}!pic (is not where the archive says)"]


def test_shards_of_webdataset_are_named_by_a_range(tmp_path) -> None:
    for number in range(2):
        make_tar(
            tmp_path / f"train-{number:03d}.tar", {"0.jpg": ONE, "0.cls": b"1", "0.json": b"{}"}
        )
    items, account = found(f"{tmp_path}/train-{{000..001}}.tar")
    assert [Path(item.path).name for item in items] == [
        "train-000.tar!0.jpg",
        "train-001.tar!0.jpg",
    ]
    assert account.left_out["other files"].count == 4


@pytest.mark.parametrize("name", ["z.zip", "t.tar"])
def test_a_name_that_comes_twice_is_taken_once_and_said(tmp_path, name) -> None:
    path = tmp_path / name
    if name == "z.zip":
        with zipfile.ZipFile(path, "w") as opened, pytest.warns(UserWarning, match="Duplicate"):
            opened.writestr("a.jpg", ONE)
            opened.writestr("a.jpg", TWO)
    else:
        with tarfile.open(path, "w") as tar:
            for data in (ONE, TWO):
                info = tarfile.TarInfo("a.jpg")
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
    items, account = found(path)
    assert [item.read(MOST) for item in items] == [ONE]
    assert account.left_out["members of a name that the archive has before"].count == 1


def test_an_encrypted_member_is_an_item_that_says_so(tmp_path) -> None:
    path = make_zip(tmp_path / "z.zip", {"a.jpg": ONE, "b.jpg": TWO}, zipfile.ZIP_STORED)
    data = bytearray(path.read_bytes())
    entry = data.index(b"PK\x01\x02")
    data[entry + 8] |= 1
    path.write_bytes(data)
    items, _ = found(path)
    with pytest.raises(ItemError, match="encrypted"):
        items[0].read(MOST)
    assert items[1].read(MOST) == TWO


def test_a_bomb_is_not_unpacked_further_than_allowed(tmp_path) -> None:
    zeros = b"\xff\xd8\xff" + bytes(50 << 20)
    items, _ = found(make_zip(tmp_path / "z.zip", {"a.jpg": zeros}))
    with pytest.raises(ItemError, match="bytes") as error:
        items[0].read(MOST)
    assert error.value.status == "too_large"
    lying = items[0].source
    with pytest.raises(ItemError, match="more bytes") as error:
        lying.read(MOST)  # whatever size the listing claims
    assert error.value.status == "too_large"


def test_a_compressed_tar_that_grows_beyond_measure_is_left(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(tars, "_FREE", 1 << 16)
    path = make_tar(tmp_path / "t.tar.gz", {"a.jpg": ONE, "b.jpg": bytes(30 << 20), "c.jpg": ONE})
    items, account = found(path)
    assert inner(items) == ["a.jpg", ""]
    assert "200 times" in items[1].problem and account.problems.count == 1


@pytest.mark.parametrize("name", [*TARS, "z.zip"])
@pytest.mark.parametrize("share", [0.0, 0.3, 0.7, 0.98])
def test_an_archive_that_is_cut_off_says_so(tmp_path, name, share) -> None:
    path = tmp_path / name
    noise = random.Random(0).randbytes(20_000)
    members = {"a.jpg": noise, "b.jpg": noise[::-1]}
    make_zip(path, members) if name == "z.zip" else make_tar(path, members)
    data = path.read_bytes()
    # Beyond the members a plain tar has zeros up to a block of 10,240 bytes.
    end = 512 * 2 + 2 * 20_480 if name == "t.tar" else len(data)
    path.write_bytes(data[: int(end * share)])
    items, account = found(path)
    assert account.problems.count == 1
    assert items[-1].path == str(path) and "cannot be read" in items[-1].problem


def test_a_tar_that_is_damaged_between_members_says_so(tmp_path) -> None:
    path = make_tar(tmp_path / "t.tar", {"a.jpg": ONE, "b.jpg": TWO})
    data = bytearray(path.read_bytes())
    data[1024:1536] = b"\x55" * 512
    path.write_bytes(data)
    items, account = found(path)
    assert inner(items) == ["a.jpg", ""] and account.problems.count == 1


def test_links_and_sparse_members_are_told(tmp_path) -> None:
    with tarfile.open(tmp_path / "t.tar", "w") as tar:
        link = tarfile.TarInfo("l.jpg")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    items, account = found(tmp_path / "t.tar")
    assert items == [] and account.left_out["links and devices in archives"].count == 1


def test_sizes_that_an_archive_claims_are_not_believed(tmp_path, monkeypatch) -> None:
    path = make_zip(
        tmp_path / "z.zip", {"a.jpg": ONE, "b.jpg": random.Random(0).randbytes(5 << 20)}
    )
    data = bytearray(path.read_bytes())
    entry = data.index(b"PK\x01\x02")
    data[entry + 20 : entry + 24] = (2**32 - 2).to_bytes(4, "little")  # packed bytes of a.jpg
    path.write_bytes(data)
    asked: list[int] = []

    class Watched(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            asked.append(size or 0)
            return super().read(size)

    monkeypatch.setattr(zips._places, "get", lambda _: Watched(bytes(data)))
    assert found(path)[0][0].read(1000) == ONE
    assert max(asked) < 2 << 20
    monkeypatch.setattr(zips, "_MOST_DIRECTORY", 40)
    items, account = found(make_zip(tmp_path / "many.zip", {f"{n}.jpg": ONE for n in range(9)}))
    assert "claims a header" in items[0].problem and account.problems.count == 1


def test_content_that_does_not_fit_its_check_sum_is_damaged(tmp_path) -> None:
    path = make_zip(tmp_path / "z.zip", {"a.jpg": ONE}, zipfile.ZIP_STORED)
    path.write_bytes(path.read_bytes().replace(b" one", b" two", 1))
    with pytest.raises(ItemError, match="check sum"):
        found(path)[0][0].read(MOST)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_damage_anywhere_never_raises_but_an_error_of_an_item(tmp_path, data) -> None:
    kind = data.draw(st.sampled_from([*TARS, "z.zip"]))
    path = tmp_path / kind
    members = {"a.jpg": ONE * 50, "b.png": TWO}
    make_zip(path, members) if kind == "z.zip" else make_tar(path, members)
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    path.write_bytes(content)
    for item in found(path)[0]:
        try:
            item.read(MOST)
        except ItemError as error:
            assert error.status in ("unreadable", "too_large")
