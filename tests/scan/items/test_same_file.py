"""Which names are of the same file."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blurprint.scan.items.addresses import Address
from blurprint.scan.items.item import Item
from blurprint.scan.items.same_file import identity_of, place_of, working_folder
from scan_engines import found

posix = pytest.mark.skipif(os.sep != "/", reason="of names of POSIX")


@posix
@pytest.mark.parametrize(
    "path",
    [
        "a.jpg",
        "./a.jpg",
        "x/../a.jpg",
        "x//..//a.jpg",
        "/here/a.jpg",
        "//here/a.jpg",
        "../here/a.jpg",
    ],
)
def test_names_of_one_file_are_one_place(path) -> None:
    assert place_of(path, "/here") == "/here/a.jpg"


@posix
@pytest.mark.parametrize("path", ["A.jpg", "a.jpg ", "a..jpg", "..a.jpg", "x/a.jpg", "../a.jpg"])
def test_other_names_are_other_places(path) -> None:
    assert place_of(path, "/here") != "/here/a.jpg"


@posix
def test_a_windows_path_is_a_name_like_any_other_on_posix() -> None:
    assert place_of(r"C:\x\..\a.jpg", "/here") == r"/here/C:\x\..\a.jpg"
    assert place_of(r"x\a.jpg", "/here") != place_of("x/a.jpg", "/here")


@posix
def test_parents_are_those_of_what_a_link_leads_to(tmp_path) -> None:
    (tmp_path / "far/inner").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "far/inner")
    here = str(tmp_path)
    assert place_of("link/../a.jpg", here) == place_of("far/a.jpg", here)
    assert place_of("link/a.jpg", here) != place_of("far/inner/a.jpg", here), "links keep names"


@posix
@given(st.lists(st.sampled_from(["a", "b", ".", "..", ""]), max_size=6))
def test_a_place_leads_to_the_same_file_as_its_name(parts) -> None:
    path = "/".join(parts)
    place = place_of(path, "/nowhere/x/y")
    assert place_of(place, "/elsewhere") == place
    whole = path if path.startswith("/") else f"/nowhere/x/y/{path}"
    assert place == os.path.normpath(whole).replace("//", "/")


def test_members_have_the_place_of_their_archive_and_their_own_name(tmp_path) -> None:
    (tmp_path / "in").mkdir()
    with zipfile.ZipFile(tmp_path / "in/x.zip", "w") as archive:
        archive.writestr("a.jpg", b"one")
        archive.writestr("./a.jpg", b"other")
    ways = [found(tmp_path / way)[0] for way in ("in/x.zip", "in/../in/./x.zip")]
    places = [[identity_of(item, "/") for item in items] for items in ways]
    assert places[0] == places[1]
    assert len(set(places[0])) == 2, "members are what the archive says they are"


def test_an_address_is_compared_as_it_is() -> None:
    items = [Item(url, Address(url)) for url in ("s3://b/x/../a.jpg", "s3://b/a.jpg")]
    assert [identity_of(item, "/") for item in items] == [item.path for item in items]


@posix
def test_the_working_folder_has_the_name_by_which_it_was_entered(tmp_path, monkeypatch) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    monkeypatch.chdir(tmp_path / "link")
    monkeypatch.setenv("PWD", str(tmp_path / "link"))
    assert working_folder() == str(tmp_path / "link")
    monkeypatch.setenv("PWD", str(tmp_path))
    assert working_folder() == str((tmp_path / "real").resolve())
    monkeypatch.delenv("PWD")
    assert Path(working_folder()).samefile(tmp_path / "real")
