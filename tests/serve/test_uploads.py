"""Bodies as clients send them, whole, cut off, slow and hostile, to files on disk."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from blurprint.serve.names import shown_name
from blurprint.serve.problem import Problem
from blurprint.serve.uploads import Received, receive

TYPE = "multipart/form-data; boundary=EDGE"


@dataclass(frozen=True)
class Small:
    max_files: int = 3
    max_file_bytes: int = 100
    max_request_bytes: int = 1000
    idle_s: float = 0.2
    upload_s: float = 0.5


def part(content: bytes, name: str = "files", file: str | None = "a.jpg") -> bytes:
    said = f'Content-Disposition: form-data; name="{name}"'
    said += "" if file is None else f'; filename="{file}"'
    return b"--EDGE\r\n" + said.encode() + b"\r\n\r\n" + content + b"\r\n"


END = b"--EDGE--\r\n"


def received(
    folder: Path, *chunks: bytes, kind: str = TYPE, length: str | None = None, pause: float = 0.0
) -> Received:
    ids = iter("abcdefgh")

    def new_file() -> tuple[str, Path]:
        one = next(ids)
        return one, folder / one

    async def stream() -> AsyncIterator[bytes]:
        for chunk in chunks:
            await asyncio.sleep(pause)
            yield chunk

    async def run() -> Received:
        return await receive(stream(), kind, length, Small(), new_file)

    return asyncio.run(run())


def problem(folder: Path, *chunks: bytes, **options: object) -> Problem:
    with pytest.raises(Problem) as caught:
        received(folder, *chunks, **options)
    assert list(folder.iterdir()) == [], "nothing is left of it"
    return caught.value


def refused(folder: Path, *chunks: bytes, **options: object) -> tuple[int, str]:
    found = problem(folder, *chunks, **options)
    return found.status, found.code


def test_files_and_fields_come_as_they_were_sent(tmp_path):
    body = part(b"one\r\n--EDG") + part(b"0.3", "prior", None) + part(b"two", file="b.png") + END
    for size in (1, 7, len(body)):
        folder = tmp_path / str(size)
        folder.mkdir()
        got = received(folder, *(body[at : at + size] for at in range(0, len(body), size)))
        assert got.files == [("a", "a.jpg"), ("b", "b.png")]
        assert got.fields == {"prior": "0.3"}
        assert (folder / "a").read_bytes() == b"one\r\n--EDG"
        assert (folder / "b").read_bytes() == b"two"


def test_a_form_in_which_nothing_was_chosen_holds_no_file(tmp_path):
    assert received(tmp_path, part(b"", file="") + END).files == []
    assert list(tmp_path.iterdir()) == []
    assert received(tmp_path, part(b"", file="empty.jpg") + END).files == [("a", "empty.jpg")]


def test_bounds(tmp_path):
    assert refused(tmp_path, part(b"x" * 101) + END) == (413, "file_too_large")
    assert refused(tmp_path, part(b"x") * 4 + END) == (413, "too_many_files")
    assert refused(tmp_path, b"x" * 1001) == (413, "request_too_large")
    assert refused(tmp_path, b"", length="1001") == (413, "request_too_large")
    assert refused(tmp_path, part(b"", "priors", None) + END) == (422, "invalid")
    assert refused(tmp_path, part(b"", "prior", None) * 2 + END) == (422, "invalid")
    assert refused(tmp_path, part(b"x", "prior", "a.jpg") + END) == (422, "invalid")
    long = [part(b"x" * 90, "prior", None)[:-2], *[b"x" * 90] * 12]
    assert refused(tmp_path, *long) == (413, "request_too_large")
    assert len(received(tmp_path, part(b"x" * 100) * 3 + END).files) == 3


def disposed(said: bytes, content: bytes = b"x") -> bytes:
    return b"--EDGE\r\nContent-Disposition: form-data; " + said + b"\r\n\r\n" + content + b"\r\n"


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (b'name="files"', "A part `files` has no `filename`"),
        (b"name=\"files\"; filename*=UTF-8''a.jpg", "`filename*` is not taken in forms"),
        (b'name="prior"; filename="a"', "The field `prior` is text, not a file"),
        (b'name="pri\xe9r"', "Expected no fields but files, method, prior; got `pri\\xe9r`."),
        (b'name="file"; filename="a"', "got `file`."),
    ],
)
def test_a_field_that_is_not_taken_is_named_with_the_reason(tmp_path, said, message):
    found = problem(tmp_path, disposed(said) + END)
    assert (found.status, found.code) == (422, "invalid")
    assert message in found.message


def test_what_is_too_large_is_named(tmp_path, monkeypatch):
    body = part(b"x") + part(b"x" * 101, file="C:\\big.png") + part(b"x") + END
    found = problem(tmp_path, body)
    assert found.code == "file_too_large"
    assert found.message.startswith("big.png: is larger than 100 bytes. Nothing of the request")
    monkeypatch.setattr("blurprint.serve.uploads._LONGEST_VALUE", 10)
    found = problem(tmp_path, part(b"x" * 11, "prior", None))
    assert found.message.startswith("The field `prior` is too long.")


def test_names_come_as_their_senders_wrote_them(tmp_path):
    """Bytes that are no UTF-8, what browsers escape, and signs that Linux takes in names."""
    sent = [b"\xe9 \xfc.jpg", b"a %22q%22.jpg", b"b\\c.jpg"]
    body = b"".join(disposed(b'name="files"; filename="' + name + b'"') for name in sent)
    names = [name for _, name in received(tmp_path, body + END).files]
    assert names == ["\\xe9 \\xfc.jpg", 'a "q".jpg', "b\\c.jpg"]


def test_a_long_field_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("blurprint.serve.uploads._LONGEST_VALUE", 10)
    assert refused(tmp_path, part(b"x" * 11, "prior", None)) == (413, "field_too_large")


def test_cut_off_bodies(tmp_path):
    body = part(b"one") + part(b"two") + END
    for end in range(len(body) - 2):
        assert refused(tmp_path, body[:end]) == (400, "bad_multipart"), end


def test_slow_bodies(tmp_path):
    body = part(b"one") + END
    assert refused(tmp_path, body, pause=0.3) == (408, "slow_body")
    one_by_one = [body[at : at + 1] for at in range(len(body))]
    assert refused(tmp_path, *one_by_one, pause=0.02) == (408, "slow_body")


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("", 415),
        ("application/json", 415),
        ("multipart/form-data", 415),
        ("multipart/form-data; boundary=", 415),
        ("multipart/mixed; boundary=EDGE", 415),
        (f"multipart/form-data; boundary={'E' * 300}", 400),
        ("multipart/form-data; boundary=OTHER", 400),
    ],
)
def test_other_bodies(tmp_path, kind, status):
    assert refused(tmp_path, part(b"one") + END, kind=kind)[0] == status


@pytest.mark.parametrize(
    "body",
    [
        b"--EDGE\r\n\r\nno header\r\n" + END,
        b"--EDGE\r\nContent-Disposition: attachment\r\n\r\nx\r\n" + END,
        b"--EDGE\r\nContent-Disposition: form-data; filename=a\r\n\r\nx\r\n" + END,
        b"--EDGE\r\n" + b"X: y\r\n" * 100 + b"\r\nx\r\n" + END,
        b"--EDGE\r\nX: " + b"y" * 900,
        b"--EDGE\r\nX\0: y\r\n\r\n",
        b"--EDGEX",
    ],
)
def test_broken_parts(tmp_path, body):
    assert refused(tmp_path, body) == (400, "bad_multipart")


def test_a_full_disk_is_said(tmp_path, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "open", full)
    found = problem(tmp_path, part(b"one") + END)
    assert (found.status, found.code) == (507, "no_room")
    assert found.message.startswith("a.jpg: cannot be stored (No space left on device).")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../../etc/passwd", "passwd"),
        ("\\windows\\win.ini", "win.ini"),
        ("\\\\server\\photos\\me.jpg", "me.jpg"),
        ("..\\..\\windows\\win.ini", "..\\..\\windows\\win.ini"),
        ("photos/b\\c.jpg", "b\\c.jpg"),
        ("50%25 %22 %2F%0D%0A.jpg", '50%25 " %2F\\r\\n.jpg'),
        ("a.jpg\r\n", "a.jpg\\r\\n"),
        ("C:photo.jpg", "C:photo.jpg"),
        ("C:\\photos\\me.jpg", "me.jpg"),
        ("..", ".."),
        ("/", "unnamed"),
        ("", "unnamed"),
        ("a\0b.jpg", "a\\x00b.jpg"),
        ("a\r\nX-Evil: 1.jpg", "a\\r\\nX-Evil: 1.jpg"),
        ("photo\u202egpj.exe", "photo\\u202egpj.exe"),
        ("caf\u00e9 \U0001f4f7.jpg", "caf\u00e9 \U0001f4f7.jpg"),
        ("<script>alert(1)<.jpg", "<script>alert(1)<.jpg"),
        ("x" * 200, "x" * 200),
        ("x" * 300 + ".jpg", "x" * 139 + "…" + "x" * 56 + ".jpg"),
        ("\u202e" * 300, "\\u202e" * 23 + "…" + "\\u202e" * 10),
    ],
)
def test_names_are_text_and_never_a_path(name, shown):
    assert shown_name(name.encode()) == shown
    assert len(shown) <= 200
