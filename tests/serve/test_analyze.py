"""Pictures through the service: the same results as without it, and nothing else."""

from __future__ import annotations

import io
import json
from importlib.resources import files

import jsonschema
import numpy as np
import pytest
from PIL import Image
from skimage import data

from blurprint import DefocusMap, analyze
from videos import moving, write_video

SCHEMA = json.loads(files("blurprint.report").joinpath("report.schema.json").read_text("utf-8"))


def encoded(picture: np.ndarray, container: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, container, **options)
    return buffer.getvalue()


def assert_same(ours: object, theirs: object, place: str) -> None:
    """Numbers to nine digits, since sums depend on the number of threads; all else exactly."""
    if isinstance(theirs, dict) and isinstance(ours, dict):
        assert ours.keys() == theirs.keys(), place
        for name, value in theirs.items():
            assert_same(ours[name], value, f"{place}.{name}")
    elif isinstance(theirs, list | tuple) and isinstance(ours, list):
        assert len(ours) == len(theirs), place
        for number, (one, other) in enumerate(zip(ours, theirs, strict=True)):
            assert_same(one, other, f"{place}.{number}")
    elif isinstance(theirs, float):
        assert ours == pytest.approx(theirs, rel=1e-6, abs=1e-9), place
    else:
        assert ours == theirs, place


@pytest.fixture(scope="module")
def portrait() -> bytes:
    exif = Image.Exif()
    exif[0x010F] = "Secret Camera"
    # What a camera states, of a picture of half the size: it was enlarged.
    exif.get_ifd(0x8769).update(
        {
            0x829D: 2.0,
            0x920A: 50.0,
            0xA405: 75,
            0xA002: 125,
            0xA003: 100,
            0x9003: "2020:01:01 00:00:00",
        }
    )
    return encoded(data.astronaut()[:200, 100:350], "JPEG", quality=92, exif=exif)


@pytest.fixture(scope="module")
def analysed(real, portrait):
    answer = real.post(
        "/v1/analyze",
        files=[("files", ("../me.jpg", portrait)), ("files", ("page.jpg", b"<html>hello</html>"))],
        data={"prior": "0.2"},
    )
    assert answer.status_code == 200, answer.text
    return answer.json()["results"]


@pytest.mark.parametrize("wish", ["respond-async", 'wait=9, Respond-Async; foo="bar"'])
def test_a_client_that_prefers_so_is_answered_before_the_result_is_there(real, portrait, wish):
    answer = real.post(
        "/v1/analyze", files={"files": ("me.jpg", portrait)}, headers={"Prefer": wish}
    )
    assert answer.status_code == 202, "the service would wait for 60 s"
    [state] = answer.json()["results"]
    assert state["state"] in ("queued", "running")
    assert answer.headers["Location"] == state["links"]["self"]
    assert real.delete(state["links"]["self"]).status_code == 204


def test_the_report_is_that_of_analyze(analysed, portrait, tmp_path):
    state = analysed[0]
    assert (state["state"], state["name"]) == ("done", "me.jpg")
    report = state["report"]
    jsonschema.validate(report, SCHEMA)
    file = tmp_path / "me.jpg"
    file.write_bytes(portrait)
    own = analyze(file, prior=0.2).to_dict()  # of the file, which the service has no more
    assert {one["name"]: one["found"] for one in own["doubts"]}["enlarged"], "by its EXIF"
    assert "EXIF" in own["camera_limits"]["missing"], "it contradicts itself"
    same = ("defocus", "evidence", "faces", "score", "provenance", "doubts", "method")
    for name in (*same, "camera_limits"):
        assert_same(report[name], own[name], name)
    assert report["input"]["source"] == "me.jpg"
    assert report["input"]["sha256"] == own["input"]["sha256"]
    assert report["faces"], "the portrait has a face"


def test_what_is_no_picture_fails_alone(analysed):
    state = analysed[1]
    assert (state["state"], state["name"]) == ("failed", "page.jpg")
    assert state["error"] == {
        "code": "unreadable",
        "message": "not a picture in a format that can be read",
    }
    assert set(state["links"]) == {"self"}
    assert "report" not in state


def test_a_result_has_its_files(real, analysed, portrait):
    links = analysed[0]["links"]
    assert real.get(links["self"]).json() == analysed[0]
    page = real.get(links["report_html"])
    assert "me.jpg" in page.text
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert real.get(links["report_json"]).json() == analysed[0]["report"]
    for name in ("map_png", "confidence_png"):
        picture = Image.open(io.BytesIO(real.get(links[name]).content))
        assert (picture.format, picture.size) == ("PNG", (250, 200))
    whole = DefocusMap.load(io.BytesIO(real.get(links["defocus_npz"]).content))
    expected = analyze(portrait).defocus
    np.testing.assert_allclose(whole.sigma, expected.sigma, rtol=1e-3)
    missing = real.get(f"{links['self']}/index.sqlite")
    assert missing.status_code == 404


def test_the_photograph_is_encoded_anew(real, analysed, portrait):
    content = real.get(analysed[0]["links"]["picture"]).content
    picture = Image.open(io.BytesIO(content))
    assert (picture.format, picture.size) == ("JPEG", (250, 200))
    assert b"Secret Camera" in portrait
    assert b"Secret" not in content
    assert np.abs(np.asarray(picture).astype(int) - data.astronaut()[:200, 100:350]).mean() < 4


def test_values_are_those_of_the_map(real, analysed):
    links = analysed[0]["links"]
    answer = real.get(links["values"])
    width, height = int(answer.headers["x-width"]), int(answer.headers["x-height"])
    sigma, confidence = np.frombuffer(answer.content, "<f2").reshape(2, height, width)
    whole = DefocusMap.load(io.BytesIO(real.get(links["defocus_npz"]).content))
    np.testing.assert_array_equal(sigma, whole.sigma)
    np.testing.assert_array_equal(confidence, whole.confidence)
    assert answer.headers["x-unit"] == "px"
    assert float(answer.headers["x-scale"]) == 1


def test_uploads_are_deleted_and_files_have_no_names_of_strangers(real, analysed):
    store = real.app.state.service.store
    assert list(store.uploads.iterdir()) == []
    names = {path.name for path in store.folder.rglob("*")}
    assert not any("me" in name and "jpg" in name for name in names)
    assert (store.folder.stat().st_mode & 0o777) == 0o700


def test_large_and_transparent_pictures_in_cells(real):
    picture = np.dstack([data.coffee(), np.full(data.coffee().shape[:2], 255, np.uint8)])
    picture[:200] = 0
    answer = real.post("/v1/analyze", files={"files": ("c.png", encoded(picture))})
    state = answer.json()["results"][0]
    assert state["state"] == "done", state
    values = real.get(state["links"]["values"])
    shape = (2, int(values.headers["x-height"]), int(values.headers["x-width"]))
    assert shape == (2, 341, 512)
    assert (values.headers["x-map-width"], values.headers["x-map-height"]) == ("600", "400")
    sigma, confidence = np.frombuffer(values.content, "<f2").reshape(shape)
    assert np.isnan(sigma[:165]).all(), "no photograph"
    assert np.isnan(confidence[:165]).all()
    whole = DefocusMap.load(io.BytesIO(real.get(state["links"]["defocus_npz"]).content))
    centre = np.nanmedian(sigma[200:320, 100:400].astype(np.float32))
    assert centre == pytest.approx(np.median(whole.sigma[235:375, 117:470]), rel=0.05)


def test_a_video_is_a_clip_with_the_frame_that_stands_for_it(real, tmp_path):
    content = write_video(tmp_path / "clip.mp4", moving(3)).read_bytes()
    answer = real.post("/v1/analyze", files={"files": ("../me.mp4", content, "image/png")})
    state = answer.json()["results"][0]
    assert state["state"] == "done", state
    report = state["report"]
    jsonschema.validate(report, SCHEMA)
    assert report["input"]["source"] == "me.mp4"
    assert len(report["frames"]) == 3
    picture = Image.open(io.BytesIO(real.get(state["links"]["picture"]).content))
    assert picture.size == (480, 360)
    folder = str(real.app.state.service.store.folder)
    for name in ("report_html", "report_json"):
        assert folder not in real.get(state["links"][name]).text
    answer = real.post("/v1/analyze", files={"files": ("cut.mp4", content[:900])})
    error = answer.json()["results"][0]["error"]
    assert error["code"] == "unreadable"
    assert "cannot be read as a video" in error["message"]
    assert "/" not in error["message"]
    assert real.get("/v1/limits").json()["videos"]


def test_delete(real, portrait):
    answer = real.post("/v1/analyze", files={"files": ("a.jpg", portrait)})
    links = answer.json()["results"][0]["links"]
    store = real.app.state.service.store
    folder = store.files_of(answer.json()["results"][0]["id"])
    assert folder.is_dir()
    assert real.delete(links["self"]).status_code == 204
    assert not folder.exists()
    for link in links.values():
        assert real.get(link).status_code == 404
    assert real.delete(links["self"]).status_code == 404


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"prior": "1"}, 422),
        ({"prior": "nan"}, 422),
        ({"prior": "0.1_5"}, 422),
        ({"prior": "much"}, 422),
        ({"method": "magic"}, 422),
        ({"method": "edge", "prior": ""}, 200),
    ],
)
def test_fields(real, fields, status):
    picture = encoded(data.coffee()[:64, :64])
    answer = real.post("/v1/analyze", files={"files": ("a.png", picture)}, data=fields)
    assert answer.status_code == status
    if status == 200:
        assert answer.json()["results"][0]["report"]["method"]["name"] == fields["method"]
    else:
        assert answer.json()["error"]["code"] == "invalid"
    assert list(real.app.state.service.store.uploads.iterdir()) == []


def test_no_files(real):
    answer = real.post("/v1/analyze", files={"prior": (None, b"0.5")})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "no_files")
    answer = real.post("/v1/analyze", files={"other": ("a.png", b"x")})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid")


def test_metrics_and_health(real, analysed):
    text = real.get("/metrics").text
    assert 'blurprint_files_total{code="",state="done"}' in text
    assert 'blurprint_files_total{code="unreadable",state="failed"}' in text
    assert 'route="/v1/results/{id}"' in text
    assert analysed[0]["id"] not in text
    assert real.get("/v1/healthz").json() == {"status": "ok"}
    assert real.get("/v1/readyz").json() == {"status": "ready"}
