"""Folders of results: those of the input again, no two the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from blurprint.scan.names import FoundPicture, result_names


def names(*files: str) -> list[str]:
    return result_names([FoundPicture(Path(file), Path(file).parent.parts) for file in files])


def test_equal_stems_keep_apart_whatever_their_case():
    assert names("a.jpg", "a.png", "A.tif") == ["a.jpg", "a.png", "A.tif"]


def test_a_picture_beside_a_folder_of_its_name():
    assert names("cat.jpg", "cat/x.jpg") == ["cat.jpg", "cat/x"]


@pytest.mark.parametrize("name", ["index.html.jpg", "report.json.png", "thumbnail.webp.jpg"])
def test_no_result_takes_the_name_of_a_file_of_ours(name):
    assert names(name) == [name]


def test_equal_names_given_from_two_folders_are_numbered():
    sources = [FoundPicture(Path(path), ()) for path in ("x/a.jpg", "y/a.jpg", "z/a.jpg")]
    assert result_names(sources) == ["a.jpg", "a.jpg-2", "a.jpg-3"]


@pytest.mark.parametrize("name", ["..jpg", "...png", " .jpg"])
def test_no_result_leaves_its_folder(name):
    assert names(name) == [name]


def test_names_do_not_collide_in_thousands():
    files = [f"d{i % 7}/p{i % 500}.{suffix}" for i in range(3500) for suffix in ("jpg", "png")]
    found = names(*files)
    assert len({name.casefold() for name in found}) == len(files)
