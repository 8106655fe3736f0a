"""Archives are read to their very end: check sums, what follows, and what no directory names."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import struct
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from blurprint.scan.items import tars
from blurprint.scan.items.item import Item, ItemError
from scan_engines import found

MOST = 1 << 20
ONE, TWO = b"\xff\xd8\xff one" * 200, b"\x89PNG\r\n\x1a\n two" * 300
PACK: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
}
PACKINGS = [*PACK]
BEGIN = "cannot be read as a tar archive to its end"


def tar_of(**members: bytes) -> bytes:
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as tar:
        for name, data in members.items():
            info = tarfile.TarInfo(f"{name}.jpg")
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return plain.getvalue()


def zip_of(method: int = zipfile.ZIP_STORED, **members: bytes) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", method) as opened:
        for name, content in members.items():
            opened.writestr(f"{name}.jpg", content)
    return data.getvalue()


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def names(items: list[Item]) -> list[str]:
    return [item.path.partition("!")[2] for item in items]


def problem(path: Path) -> str:
    """Why an archive of two pictures, which have rows, cannot be read to its end."""
    items, account = found(path)
    assert names(items[:-1]) == ["a.jpg", "b.jpg"]
    assert items[-1].path == str(path) and account.problems.count == 1
    return items[-1].problem


def test_content_that_does_not_fit_the_check_sum_of_gzip_is_said(tmp_path) -> None:
    data = bytearray(gzip.compress(tar_of(a=ONE, b=TWO), 0))
    data[data.index(b" two")] ^= 1
    why = problem(write(tmp_path / "t.tar.gz", bytes(data)))
    assert why.startswith(f"{BEGIN} (its check sum is another than that of its content)")
    assert "2 items came before, which may be damaged too" in why


@pytest.mark.parametrize("packing", PACKINGS)
def test_one_damaged_bit_is_never_unsaid(tmp_path, packing) -> None:
    noise = random.Random(0).randbytes(4000)
    whole = PACK[packing](tar_of(a=ONE, b=noise))
    for seed in range(40):
        data = bytearray(whole)
        data[random.Random(seed).randrange(len(data) // 4, len(data))] ^= 1 << seed % 8
        items, account = found(write(tmp_path / f"t.tar.{packing}", bytes(data)))
        assert account.problems.count == 1 and BEGIN in items[-1].problem


@pytest.mark.parametrize("packing", PACKINGS)
@pytest.mark.parametrize("missing", [1, 4, 8])
def test_a_check_sum_that_is_cut_off_is_said(tmp_path, packing, missing) -> None:
    data = PACK[packing](tar_of(a=ONE, b=TWO))
    why = problem(write(tmp_path / f"t.tar.{packing}", data[:-missing]))
    assert "it is cut off" in why and "may be damaged" in why


@pytest.mark.parametrize("packing", PACKINGS)
@pytest.mark.parametrize(
    "junk",
    [b"x", b"PK\x03\x04 a zip" * 9, bytes(512) + b"junk of any kind"],
    ids=["a byte", "a zip", "zeros and junk"],
)
def test_what_follows_the_compressed_content_is_said(tmp_path, packing, junk) -> None:
    data = PACK[packing](tar_of(a=ONE, b=TWO)) + junk
    why = problem(write(tmp_path / f"t.tar.{packing}", data))
    assert "something else follows" in why or "it is cut off" in why
    assert "may be damaged" not in why, "their check sum was compared"


@pytest.mark.parametrize("packing", PACKINGS)
def test_content_in_several_streams_with_padding_is_whole(tmp_path, packing) -> None:
    plain, pack = tar_of(a=ONE, b=TWO), PACK[packing]
    data = pack(plain[:700]) + pack(b"") + bytes(8) + pack(plain[700:]) + bytes(1024)
    items, account = found(write(tmp_path / f"t.tar.{packing}", data))
    assert names(items) == ["a.jpg", "b.jpg"] and not account.problems.count
    assert [item.read(MOST) for item in items] == [ONE, TWO]


@pytest.mark.parametrize("packing", ["", *PACKINGS])
@pytest.mark.parametrize("padding", [0, 512, 200_192])
def test_tars_that_follow_each_other_are_read_on(tmp_path, packing, padding) -> None:
    pack, end = PACK.get(packing, bytes), f".{packing}" if packing else ""
    parts = [tar_of(a=ONE), tar_of() + bytes(padding), tar_of(b=TWO, a=TWO)]
    for name, data in (("in", pack(b"".join(parts))), ("out", b"".join(map(pack, parts)))):
        items, account = found(write(tmp_path / f"{name}.tar{end}", data))
        assert names(items) == ["a.jpg", "b.jpg"] and not account.problems.count
        assert [item.read(MOST) for item in items] == [ONE, TWO]
        assert account.left_out["members of a name that the archive has before"].count == 1


@pytest.mark.parametrize("packing", ["", *PACKINGS])
@pytest.mark.parametrize("offset", [0, 512, 700])
def test_what_follows_the_end_of_a_tar_and_is_none_is_said(tmp_path, packing, offset) -> None:
    plain = tar_of(a=ONE, b=TWO)
    data = PACK.get(packing, bytes)(plain + bytes(offset) + b"junk" + bytes(100_000))
    path = write(tmp_path / f"t.tar{f'.{packing}' if packing else ''}", data)
    why = problem(path)
    assert f"something that is no archive follows its end, at byte {len(plain) + offset:,}" in why


def test_a_header_that_became_zeros_does_not_end_an_archive(tmp_path) -> None:
    data = tar_of(a=ONE, b=TWO, c=ONE)
    header = data.index(b"c.jpg")
    data = data[:header] + bytes(512) + data[header + 512 :]
    assert "follows its end" in problem(write(tmp_path / "t.tar", data))


@pytest.mark.parametrize("packing", PACKINGS)
def test_zeros_after_the_end_are_unpacked_no_further_than_allowed(
    tmp_path, packing, monkeypatch
) -> None:
    monkeypatch.setattr(tars, "_FREE", 1 << 16)
    data = PACK[packing](tar_of(a=ONE, b=TWO) + bytes(30 << 20))
    assert "200 times" in problem(write(tmp_path / f"t.tar.{packing}", data))


def test_a_member_of_a_zip_that_is_named_like_a_folder_has_a_row(tmp_path) -> None:
    with zipfile.ZipFile(tmp_path / "z.zip", "w") as opened:
        opened.writestr("folder/", b"")
        opened.writestr("evil.jpg/", ONE)
        opened.writestr("text/", b"of no kind that is known")
    items, account = found(tmp_path / "z.zip")
    assert names(items) == ["evil.jpg/"] and items[0].read(MOST) == ONE
    assert account.left_out["other files"].names == [f"{tmp_path}/z.zip!text/"]


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (zip_of(c=TWO), "another archive, whose members get no row"),
        (b"x", "1 bytes before its first member are other data"),
        (TWO, "are other data"),
    ],
    ids=["a zip", "a byte", "a picture"],
)
def test_what_stands_before_the_members_of_a_zip_is_said(tmp_path, before, words) -> None:
    why = problem(write(tmp_path / "z.zip", before + zip_of(a=ONE, b=TWO)))
    assert words in why and f"{len(before):,} bytes" in why


@pytest.mark.parametrize("cut", [1, 100])
def test_a_zip_whose_beginning_is_missing_is_said(tmp_path, cut) -> None:
    path = write(tmp_path / "z.zip", zip_of(a=ONE, b=TWO)[cut:])
    assert problem(path) == f"is cut off: its first {cut} bytes are missing"
    first, second, _ = found(path)[0]
    assert second.read(MOST) == TWO
    with pytest.raises(ItemError, match="is not where the archive says"):
        first.read(MOST)


def test_an_empty_zip_after_another_hides_no_member(tmp_path) -> None:
    path = write(tmp_path / "z.zip", zip_of(a=ONE, b=TWO) + zip_of())
    items, account = found(path)
    assert "another archive" in items[0].problem and account.problems.count == 1


@pytest.mark.parametrize(
    "program", [b"MZ\x90" + bytes(900), b"#!/bin/sh\nexec unzip $0\n"], ids=["Windows", "a shell"]
)
def test_a_program_that_unpacks_a_zip_is_counted(tmp_path, program) -> None:
    items, account = found(write(tmp_path / "z.zip", program + zip_of(a=ONE, b=TWO)))
    assert [item.read(MOST) for item in items] == [ONE, TWO] and not account.problems.count
    kind = "programs at the beginning of archives that unpack themselves"
    assert account.left_out[kind].count == 1


@pytest.mark.parametrize("mark", [b"PK\x07\x08", b"PK00"])
def test_the_mark_of_a_zip_that_was_once_divided_is_no_content(tmp_path, mark) -> None:
    items, account = found(write(tmp_path / "z.zip", mark + zip_of(a=ONE, b=TWO)))
    assert names(items) == ["a.jpg", "b.jpg"] and not account.problems.count


@pytest.mark.parametrize("comment", [b"", b"a comment"])
def test_what_follows_the_end_of_a_zip_is_said(tmp_path, comment) -> None:
    path = tmp_path / "z.zip"
    write(path, zip_of(a=ONE, b=TWO))
    with zipfile.ZipFile(path, "a") as opened:
        opened.comment = comment
    assert not found(path)[1].problems.count
    cut = zip_of(c=TWO)[:-50]
    why = problem(write(path, path.read_bytes() + cut))
    assert f"{len(cut):,} bytes follow its end" in why


@pytest.mark.parametrize("last", [False, True])
def test_a_member_that_the_directory_does_not_name_is_said(tmp_path, last) -> None:
    order = {"a": ONE, "b": TWO, "c": TWO} if last else {"a": ONE, "c": TWO, "b": TWO}
    data = zip_of(**order)
    entry = data.rindex(b"c.jpg") - 46  # of c, in the directory
    size, end = 46 + len("c.jpg"), len(data) - 22
    record = bytearray(data[end:])
    directory = struct.unpack_from("<I", record, 12)[0]
    struct.pack_into("<HHI", record, 8, 2, 2, directory - size)
    why = problem(write(tmp_path / "z.zip", data[:entry] + data[entry + size : end] + record))
    assert "bytes between its members belong to none" in why


def test_long_headers_of_members_are_no_gaps(tmp_path) -> None:
    with zipfile.ZipFile(tmp_path / "z.zip", "w") as opened:
        for number in range(3):
            info = zipfile.ZipInfo(f"{'x' * 3000}{number}.jpg")
            info.extra = struct.pack("<HH", 0xD935, 4000) + bytes(4000)
            opened.writestr(info, ONE)
    items, account = found(tmp_path / "z.zip")
    assert len(items) == 3 and not account.problems.count
