"""Patterns match what Python's glob matches, name what they cannot look at, and end in loops."""

from __future__ import annotations

import os
from glob import glob
from pathlib import Path
from typing import Any

import pytest

from blurprint.scan.items.account import Account
from blurprint.scan.items.patterns import LocalTree, covers, matches
from scan_engines import found

JPEG = b"\xff\xd8\xff\xe0 not much of a picture"

FILES = (
    *("a.jpg", "B.JPG", "10.jpg", "9.jpg", ".e.jpg", "[1].jpg", "x/a.jpg", "x/y/b.jpg"),
    *("x/.h/c.jpg", ".h/d.jpg", "x/[2]/q.png", "z 1/a.jpg", "é/1.png", "x1/a.jpg", "a**/b.jpg"),
)
PATTERNS = (
    *("*", "*.jpg", "*.JPG", "?.jpg", "[ab].jpg", "[!a]*", "[A-Z]*", "[[]1].jpg", "[0-9]*.jpg"),
    *("*/", "*/*", "x/*", "x//*", "./*.jpg", "x/../*.jpg", "*/a.jpg", "*/y/*", "*/nope/*", "x*/"),
    *("**", "**/", "**/*", "**/*.jpg", "**/a.jpg", "./**/*.jpg", "x/**", "x/**/", "*/**/*.jpg"),
    *(
        "**/y",
        "**/y/*",
        "**/**/a.jpg",
        "**/**/*.jpg",
        "x/**/y/**",
        "a**",
        "**a",
        "a**/*",
        "x/**/*/",
    ),
    *(".*", "*/.*", "**/.*", "**/.h/*", ".h/*", "nope/*", "a.jpg/*", "*.gif", "*/."),
)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "tree"
    for name in FILES:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(JPEG)
    (root / "x/empty").mkdir()
    return root


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_matches_what_glob_does(tree, pattern, monkeypatch) -> None:
    monkeypatch.chdir(tree)
    for text in (pattern, f"{tree}/{pattern}"):
        account = Account()
        names = matches(text, LocalTree(account, None))
        assert sorted(names) == sorted(set(glob(text, recursive=True)))  # noqa: PTH207
        assert not account.problems.count and not account.left_out


def test_links_do_not_lead_a_pattern_round_and_round(tmp_path) -> None:
    root = tmp_path / "g"
    (root / "x").mkdir(parents=True)
    (root / "x/a.jpg").write_bytes(JPEG)
    (root / "x/up").symlink_to("..")
    (root / "y").symlink_to("x")
    (root / "self").symlink_to("self")
    for pattern in ("**/*.jpg", "**", "*/*.jpg", "*/a.jpg", "*/**/*.jpg"):
        items, account = found(root / pattern)
        read = [item.path for item in items if not item.problem]
        assert read == [f"{root}/x/a.jpg"], pattern
        assert f"{root}/y (is {root}/x" in " ".join(account.left_out["folders met twice"].names)
        assert not account.problems.count


@pytest.mark.parametrize("scheme", ["", "file://"])
@pytest.mark.parametrize(
    ("pattern", "count"), [("**/b/*", 4), ("**/b/**", 4), ("**/x/*", 2), ("**/*/*", 4), ("**", 4)]
)
def test_folders_that_match_below_any_folder_are_entered(tmp_path, scheme, pattern, count) -> None:
    for name in ("b/q.jpg", "b/sub/p.jpg", "x/b/q.jpg", "x/b/sub/p.jpg"):
        (tmp_path / "pat" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "pat" / name).write_bytes(JPEG)
    items, account = found(f"{scheme}{tmp_path}/pat/{pattern}")
    assert len({item.path for item in items}) == len(items) == count
    assert not account.problems.count and not account.left_out


def test_a_link_to_a_file_is_a_name_of_its_own(tree) -> None:
    (tree / "x/link.jpg").symlink_to("a.jpg")
    assert len(found(tree / "x/*.jpg")[0]) == 2


@pytest.fixture
def locked(tree: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that cannot be listed, for the superuser too."""
    scandir = os.scandir

    def refuse(path: Any) -> Any:
        if str(path).endswith("/y"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    return tree / "x/y"


@pytest.mark.parametrize("pattern", ["**/*.jpg", "**", "x/*/*.jpg", "x/y/*.jpg", "x/**/b*"])
def test_a_folder_that_a_pattern_cannot_list_is_named_once(tree, locked, pattern) -> None:
    _, account = found(tree / pattern)
    assert account.problems.names == [f"{locked}: cannot be listed (Permission denied)"]


def test_a_name_that_cannot_be_looked_at_is_named(tree, monkeypatch) -> None:
    lstat = os.lstat

    def refuse(path: str) -> os.stat_result:
        if str(path).endswith("/y/b.jpg"):
            raise PermissionError(13, "Permission denied")
        return lstat(path)

    monkeypatch.setattr(os, "lstat", refuse)
    _, account = found(tree / "x/*/b.jpg")
    assert account.problems.names == [f"{tree}/x/y/b.jpg: cannot be read (Permission denied)"]


def test_the_folder_of_results_is_not_entered_by_a_pattern(tree) -> None:
    (tree / "out").mkdir()
    (tree / "out/rows.jsonl").write_text("{}")
    items, account = found(tree / "**/*.jsonl", out=str(tree / "out"))
    assert items == [] and account.left_out["folder of the results"].count == 1


def test_folders_that_match_are_entered_unless_the_pattern_does_so(tree) -> None:
    assert len(found(tree / "**/y")[0]) == 1
    assert not covers("**/y") and not covers("y**") and covers("y/**")
    items, account = found(tree / "x/**")
    assert len(items) == 3 and "folders met twice" not in account.left_out


def test_a_pattern_that_matches_nothing_of_use_is_a_problem(tree) -> None:
    for pattern, why in (
        ("*.gif", "matches no file"),
        ("x/em*", "matches nothing that gets a row"),
    ):
        items, account = found(tree / pattern)
        assert items == [] and account.problems.names == [f"{tree}/{pattern}: {why}"]
