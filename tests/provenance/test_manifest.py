"""A C2PA manifest: valid, changed, cut off, elsewhere or none; offline, and never a crash."""

from __future__ import annotations

import http.server
import io
import threading
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image
from skimage import data as samples

from blurprint import read_provenance
from blurprint.provenance import manifest
from blurprint.provenance.provenance import ProvenanceRow
from blurprint.provenance.source_type import source_type_in_words
from signed_pictures import SIGNER, signed

MIME = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}


def file_of(container: str) -> bytes:
    file = io.BytesIO()
    Image.fromarray(samples.astronaut()[:160, :200]).save(file, container)
    return file.getvalue()


def row_of(data: bytes) -> ProvenanceRow:
    return read_provenance(data)["manifest"]


@pytest.mark.parametrize("container", MIME)
def test_a_signed_file_is_valid_and_says_what_made_it(container: str) -> None:
    row = row_of(signed(file_of(container), MIME[container]))
    assert (row.status, row.details["state"]) == ("found", "valid")
    assert row.details["signer"] == SIGNER
    assert row.details["digital_source_types"] == ("trainedAlgorithmicMedia",)
    assert row.details["actions"] == ("created by A generator",)
    assert row.details["reasons"] == ()
    for words in (
        "valid",
        SIGNER,
        "Test organisation",
        "signer not checked against a trust list",
        "Test tool 1.5",
        "declared as made by a generative model",
    ):
        assert words in row.found
    assert row.brief == "manifest valid, declared as made by a generative model"


def test_another_source_type_is_another_sentence() -> None:
    row = row_of(signed(file_of("PNG"), MIME["PNG"], source_type="digitalCapture"))
    assert "declared as taken by a digital camera" in row.found
    assert "generative" not in row.found


@pytest.mark.parametrize("container", MIME)
def test_changed_pixels_make_it_invalid_with_the_reason(container: str) -> None:
    data = bytearray(signed(file_of(container), MIME[container]))
    plain = file_of(container)
    place = bytes(data).index(plain[len(plain) // 2 : len(plain) // 2 + 32])
    data[place + 4] ^= 1  # inside the compressed pixels
    row = row_of(bytes(data))
    assert row.details["state"] == "invalid"
    assert "the file's bytes are not those that were signed" in row.found
    assert row.brief.startswith("manifest invalid")


def test_a_changed_statement_makes_it_invalid() -> None:
    data = signed(file_of("JPEG"), MIME["JPEG"])
    assert data.count(b"A generator") == 1
    row = row_of(data.replace(b"A generator", b"A gEnerator"))
    assert row.details["state"] == "invalid"
    assert "a statement was changed after signing" in row.found


def test_a_source_whose_manifest_fails_makes_it_partial() -> None:
    source = signed(file_of("JPEG"), MIME["JPEG"])
    sound = signed(file_of("JPEG"), MIME["JPEG"], ingredient=source)
    assert row_of(sound).details["state"] == "valid"
    broken = bytearray(source)
    broken[-100] ^= 1
    row = row_of(signed(file_of("JPEG"), MIME["JPEG"], ingredient=bytes(broken)))
    assert row.details["state"] == "partial"
    assert "of a source: the file's bytes are not those that were signed" in row.found


@pytest.mark.parametrize("container", MIME)
@pytest.mark.parametrize("kept", [0.05, 0.3, 0.6, 0.95])
def test_cut_off_files_are_never_valid_and_never_raise(container: str, kept: float) -> None:
    data = signed(file_of(container), MIME[container])
    row = row_of(data[: int(len(data) * kept)])
    assert row.details.get("state") != "valid"
    assert row.status in ("found", "unknown", "none")


def test_a_manifest_cut_off_inside_is_not_called_none() -> None:
    data = signed(file_of("JPEG"), MIME["JPEG"])
    row = row_of(data[: data.index(b"c2pa.assertions") + 500])
    assert (row.status, row.details["state"]) == ("found", "invalid")
    assert "damaged" in row.found


@pytest.mark.parametrize("container", [*MIME, "TIFF", "GIF", "BMP", "AVIF"])
def test_no_manifest_is_none_and_no_fault(container: str) -> None:
    row = row_of(file_of(container))
    assert (row.status, row.details["state"], row.brief) == ("none", "none", "")
    assert "none says nothing" in row.does_not_mean


def test_the_words_alone_are_no_manifest() -> None:
    row = row_of(file_of("PNG") + b"jumb c2pa")
    assert row.details["state"] == "partial"
    assert "pieces of a manifest" in row.found


class Heard(http.server.BaseHTTPRequestHandler):
    requests: list[str] = []  # noqa: RUF012

    def do_GET(self) -> None:
        Heard.requests.append(self.path)
        self.send_error(404)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def address() -> Iterator[str]:
    Heard.requests.clear()
    with http.server.HTTPServer(("127.0.0.1", 0), Heard) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/one.c2pa"
        server.shutdown()
        thread.join()


def test_a_manifest_elsewhere_is_not_fetched(address: str) -> None:
    row = row_of(signed(file_of("JPEG"), MIME["JPEG"], remote=address))
    assert (row.status, row.details["state"]) == ("found", "partial")
    assert "lies elsewhere" in row.found
    assert "not fetched" in row.found
    assert address in row.found
    assert Heard.requests == []


def test_without_the_extra_it_is_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manifest, "find_spec", lambda name: None)
    row = row_of(signed(file_of("JPEG"), MIME["JPEG"]))
    assert row.status == "not looked at"
    assert "install blurprint[provenance]" in row.found


def test_no_extra_and_no_manifest() -> None:
    assert row_of(file_of("PNG")).status == "none"


def test_a_reader_that_hangs_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manifest, "TIMEOUT_S", 0.001)
    row = row_of(signed(file_of("JPEG"), MIME["JPEG"]))
    assert row.status == "unknown"
    assert "longer than 0.001 seconds" in row.found


def test_a_reader_that_crashes_costs_its_row_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manifest.sys, "executable", "/bin/false")
    rows = read_provenance(signed(file_of("JPEG"), MIME["JPEG"]))
    assert rows["manifest"].status == "unknown"
    assert "ended early" in rows["manifest"].found
    assert rows["jpeg"].status == "found"


def test_an_interpreter_that_is_missing_costs_its_row_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(manifest.sys, "executable", "/nowhere/python")
    row = row_of(signed(file_of("JPEG"), MIME["JPEG"]))
    assert row.status == "unknown"


def test_random_damage_never_raises() -> None:
    data = signed(file_of("JPEG"), MIME["JPEG"])
    rng = np.random.default_rng(0)
    start = data.index(b"jumb")
    for _ in range(12):
        broken = bytearray(data)
        for place in rng.integers(start, start + 8000, 20):
            broken[place] = rng.integers(256)
        assert row_of(bytes(broken)).details.get("state") != "valid"


def test_texts_of_a_manifest_are_marked_and_bounded() -> None:
    agent = "evil\u202e\n" + "x" * 5000
    row = row_of(signed(file_of("PNG"), MIME["PNG"], agent=agent))
    assert "\u202e" not in row.found
    assert "\\u202e" in row.found
    assert len(row.found) < 1000


def test_unknown_source_types_are_quoted() -> None:
    assert source_type_in_words("somethingNew") == "declared as “somethingNew”"


@pytest.mark.parametrize("store", [None, [], {"manifests": 3}, {"manifests": {}}])
def test_unexpected_answers_are_damage(store: object) -> None:
    row = manifest._judged({"store": store}, "", embedded=True)
    assert row.details["state"] == "invalid"
