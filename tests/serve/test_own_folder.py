"""Which folders the service takes: its own and new ones. Files of others are never touched."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from blurprint.errors import OutputError
from blurprint.serve.store import Store
from served import acting_service, client_of

ID = "d41d8cd98f00b204e9800998ecf8427e"  # the form of an id, as of many other names


def opened(folder: Path) -> None:
    Store(folder, keep_seconds=60, keep_bytes=10**6).close()


def contents(folder: Path) -> dict[str, bytes | None]:
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
    }


@pytest.mark.parametrize(
    "names",
    [
        ["results/holiday/IMG_1/report.html", "uploads/IMG_1.jpg"],
        [f"results/{ID}/report.html"],
        [f"uploads/{ID}"],
        ["photo.jpg"],
        [".hidden"],
        ["index.sqlite-wal"],
    ],
)
def test_a_folder_of_others_is_refused_and_stays_as_it_is(tmp_path, names):
    folder = tmp_path / "mine"
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"of a user")
    folder.chmod(0o755)
    before = contents(folder)
    with pytest.raises(OutputError) as caught:
        opened(folder)
    assert str(folder) in str(caught.value)
    assert names[0].partition("/")[0] in str(caught.value)
    assert "empty or a new folder" in str(caught.value)
    assert contents(folder) == before
    assert folder.stat().st_mode & 0o777 == 0o755


def test_names_are_counted_where_there_are_many(tmp_path):
    for number in range(9):
        (tmp_path / f"{number}.jpg").touch()
    with pytest.raises(OutputError, match=r"holds 0\.jpg, 1\.jpg, 2\.jpg and 6 more"):
        opened(tmp_path)


def test_a_lock_of_another_program_keeps_its_content(tmp_path):
    (tmp_path / ".lock").write_text("4711")
    with pytest.raises(OutputError, match=r"\.lock"):
        opened(tmp_path)
    assert (tmp_path / ".lock").read_text() == "4711"


def test_the_database_of_another_program_is_not_written_to(tmp_path):
    file = tmp_path / "index.sqlite"
    with closing(sqlite3.connect(file)) as other:
        other.execute("CREATE TABLE results (id TEXT, mine TEXT)")
        other.commit()
    before = contents(tmp_path)
    with pytest.raises(OutputError, match="of another program"):
        opened(tmp_path)
    assert contents(tmp_path) == before


@pytest.mark.parametrize(
    "names", [[], ["lost+found/"], [".lock"], ["uploads/"], ["uploads/", "results/", ".lock"]]
)
def test_new_empty_and_half_made_folders_are_taken(tmp_path, names):
    for name in names:
        (tmp_path / name).mkdir() if name.endswith("/") else (tmp_path / name).touch()
    opened(tmp_path)
    (tmp_path / "notes.txt").write_text("added by a user later")
    opened(tmp_path)
    assert (tmp_path / "notes.txt").exists()
    opened(tmp_path / "new" / "deep")


@pytest.mark.parametrize("left", ["nothing", "header", "journal"])
def test_an_end_while_the_index_is_made_leaves_a_folder_that_can_be_used(tmp_path, left):
    (tmp_path / "uploads").mkdir()
    (tmp_path / "results").mkdir()
    index = tmp_path / "index.sqlite"
    index.touch()
    if left == "header":
        with closing(sqlite3.connect(index)) as made:
            made.execute("PRAGMA journal_mode=WAL")
        assert index.stat().st_size
        (tmp_path / "index.sqlite-wal").touch()
    if left == "journal":
        (tmp_path / "index.sqlite-journal").write_bytes(b"")
    opened(tmp_path)
    (tmp_path / "results" / ID).mkdir()
    opened(tmp_path)


def test_a_database_without_tables_does_not_make_a_folder_ours(tmp_path):
    with closing(sqlite3.connect(tmp_path / "index.sqlite")) as empty:
        empty.execute("PRAGMA user_version=0")
        empty.execute("VACUUM")
    (tmp_path / "uploads").mkdir()
    (tmp_path / "uploads" / ID).write_bytes(b"of a user")
    with pytest.raises(OutputError, match="holds uploads, but no index"):
        opened(tmp_path)


def test_a_copy_made_while_it_was_in_use_is_taken(tmp_path):
    store = Store(tmp_path / "a", keep_seconds=60, keep_bytes=10**6)
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    store.close()
    (tmp_path / "b" / "index.sqlite-shm").unlink()
    assert (tmp_path / "b" / "index.sqlite-wal").stat().st_size, "the tables are in the journal"
    opened(tmp_path / "b")


def test_only_strays_with_the_form_of_ids_are_removed(tmp_path, caplog):
    opened(tmp_path / "served")
    uploads, results = tmp_path / "served" / "uploads", tmp_path / "served" / "results"
    for name in ("IMG_1.jpg", ID, f"{ID}.jpg"):
        (uploads / name).write_bytes(b"x")
        (results / name).mkdir()
    (uploads / ID[::-1]).mkdir()
    (results / ID[::-1]).write_bytes(b"x")
    (results / ("l" * 32)).symlink_to(tmp_path)
    with caplog.at_level("INFO", logger="blurprint.serve"), client_of(acting_service(tmp_path)):
        pass
    assert {path.name for path in uploads.iterdir()} == {"IMG_1.jpg", f"{ID}.jpg", ID[::-1]}
    assert {path.name for path in results.iterdir()} == {
        *("IMG_1.jpg", f"{ID}.jpg", ID[::-1], "l" * 32)
    }
    facts = [getattr(record, "facts", {}) for record in caplog.records]
    assert {"requeued": 0, "strays": 2} in facts
    assert {"files": 7} in facts


def test_what_is_made_is_private_and_what_was_there_keeps_its_mode(tmp_path, caplog):
    there = tmp_path / "there"
    there.mkdir()
    there.chmod(0o755)
    opened(there)
    assert there.stat().st_mode & 0o777 == 0o755
    assert [getattr(one, "facts", None) for one in caplog.records] == [{"mode": "0755"}]
    opened(tmp_path / "new")
    assert len(caplog.records) == 1
    for folder in (there, tmp_path / "new"):
        for name in ("uploads", "results"):
            assert (folder / name).stat().st_mode & 0o777 == 0o700
        assert (folder / "index.sqlite").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700


def test_nothing_is_written_beside_the_database_of_another_program(tmp_path):
    with closing(sqlite3.connect(tmp_path / "index.sqlite")) as other:
        other.execute("PRAGMA journal_mode=WAL")
        other.execute("CREATE TABLE mine (id TEXT)")
        other.commit()
    before = contents(tmp_path)
    with pytest.raises(OutputError, match="of another program"):
        opened(tmp_path)
    assert contents(tmp_path) == before


def test_a_first_start_that_was_killed_within_a_transaction_is_gone_on_with(tmp_path):
    there, folder = tmp_path / "there", tmp_path / "mine"
    for one in (there, folder):
        one.mkdir()
    with closing(sqlite3.connect(there / "index.sqlite", isolation_level=None)) as half:
        half.execute("PRAGMA user_version=1")
        half.execute("PRAGMA synchronous=OFF")  # else the journal counts for nothing yet
        half.execute("BEGIN IMMEDIATE")
        half.execute("PRAGMA user_version=2")
        for name in ("index.sqlite", "index.sqlite-journal"):
            shutil.copyfile(there / name, folder / name)
    assert (folder / "index.sqlite-journal").stat().st_size > 0
    opened(folder)
    assert not (folder / "index.sqlite-journal").exists()
