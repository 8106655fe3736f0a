"""A clip from its file to its report."""

from __future__ import annotations

import json
import tracemalloc
from dataclasses import replace
from importlib.resources import files
from typing import cast

import cv2
import jsonschema
import numpy as np
import pytest

import blurprint
from blurprint.clips.analyze_clip import _Analysis, analyze_clip
from blurprint.clips.clip_results import ClipSettings
from blurprint.clips.row import clip_row, frame_rows, row_of_clip
from blurprint.clips.source import clip_file
from blurprint.errors import InputError, OutputError, PhotoError
from blurprint.evidence.measure_faces import FACE_MEASURES
from blurprint.photos.video_table import VideoLimits
from blurprint.scan.rows import row_of
from blurprint.scan.settings import ANALYSED, Job, Outcome
from videos import moving, numbered, portrait, write_of_sizes, write_video, write_with_cover

RNG = np.random.default_rng(3)
NOISE = [RNG.integers(0, 256, (48, 64, 3), np.uint8) for _ in range(4)]
FIELDS = {"x264-params": "tff=1", "qp": "4"}


@pytest.fixture(scope="module")
def portrait_clip(tmp_path_factory):
    return write_video(tmp_path_factory.mktemp("clip") / "astronaut.mp4", moving(40, 1))


@pytest.fixture(scope="module")
def report(portrait_clip):
    return blurprint.analyze_clip(portrait_clip, frames=6)


@pytest.fixture(scope="module")
def schema():
    return json.loads(files("blurprint.report").joinpath("report.schema.json").read_text("utf-8"))


def test_a_face_is_followed(report):
    assert [len(frame.faces) for frame in report.frames] == [1] * 6
    (track,) = report.tracks
    assert [face.frame for face in track.faces] == [9, 10, 11, 29, 30, 31]
    centres = [face.face.centre[0] for face in track.faces]
    assert np.allclose(np.diff(centres), [1, 1, 18, 1, 1], atol=3)  # it moves by 1 pixel a frame


def test_a_frame_is_measured_as_a_picture_is(report):
    shown = report.shown[0]
    picture = blurprint.analyze(shown.report.photo)
    face = shown.row.faces[0]
    assert shown.row.evidence["blur_median"].value == picture["blur_median"].value
    assert face.difference.value == picture.faces.measured[0]["face_inner_ring"].value
    assert face.logit == picture.judged.faces[0].reading.logit
    assert face.ratio == picture.judged.faces[0].facts.ratio


def test_the_clip_has_the_median_of_its_frames(report):
    values = [frame.evidence["blur_median"].value for frame in report.frames]
    assert report["blur_median"].value == pytest.approx(np.median(values))
    logs = [face.ratio.log10 for face in report.tracks[0].faces if face.ratio is not None]
    if report.score.likelihood_ratio is not None:
        assert np.log10(report.score.likelihood_ratio) == pytest.approx(
            sorted(logs)[(len(logs) - 1) // 2]
        )


def test_the_same_clip_gives_the_same_numbers(portrait_clip, report):
    again = analyze_clip(portrait_clip, frames=6).to_dict()
    before = report.to_dict()
    for content in (again, before):
        del content["created"]
    assert again == before


def test_the_json_is_that_of_a_picture_and_more(report, schema):
    content = json.loads(report.to_json())
    jsonschema.validate(content, schema)
    picture = report.shown[0].report.to_dict()
    assert set(content) == set(picture) | {"clip", "frames"}
    assert [row["name"] for row in content["evidence"]] == [
        row["name"] for row in picture["evidence"]
    ]
    assert content["clip"]["analysed"] == len(content["frames"]) == 6
    assert content["faces"][0]["frame"] in [frame["index"] for frame in content["frames"]]
    assert [row["name"] for row in content["faces"][0]["evidence"]] == [
        *FACE_MEASURES,
        "face_flicker",
        "face_noise_flicker",
        "face_logit_flicker",
    ]


def test_its_words_name_frames_faces_and_compression(report):
    text = report.finding.text
    assert "1 face was followed through 6 frames" in text
    assert "6 of its 40 frames in 1.6 s were analysed." in report.notes[0]
    if report.score.likelihood_ratio is not None:
        assert "h264" in report.score_notes[0]


def test_rows_for_tables(report, portrait_clip):
    rows = report.rows()
    assert len(rows) == 6
    assert rows[0]["track"] == 1
    assert rows[0]["face_eyes_px"] == pytest.approx(rows[0]["face_eyes_native_px"])
    document = report.to_dict()
    flat = row_of(Outcome(Job(0, portrait_clip, "astronaut"), ANALYSED, document))
    assert flat["clip_frames_analysed"] == 6
    assert flat["blur_median_px"] == report["blur_median"].value
    assert flat["faces"] == 1


def test_a_row_and_its_frames_for_scans(report, tmp_path):
    row, frames = row_of_clip(report), frame_rows(report)
    assert row["faces"] == 1
    assert row["clip_frames_analysed"] == 6
    assert row["sha256"] == report.sha256
    assert [one["face"] for one in frames] == ["face 1"] * 6
    assert all(isinstance(one, (str, int, float, type(None))) for one in row.values())
    video = write_video(tmp_path / "a.mp4", NOISE)
    row, frames = clip_row(video, frames=3, method="edge")
    assert (row["label"], row["abstain_code"]) == ("unsure", "no_face")
    assert [one["face"] for one in frames] == [None] * 3


def test_files_are_written_whole_and_not_over_others(report, tmp_path):
    written = report.save(tmp_path / "out")
    assert sorted(path.name for path in written.values()) == [
        "defocus.npz",
        "report.html",
        "report.json",
    ]
    with pytest.raises(OutputError, match="exists already"):
        report.save(tmp_path / "out")
    report.save(tmp_path / "out", overwrite=True)
    assert json.loads(written["json"].read_text("utf-8")) == report.to_dict()


def test_the_page_loads_nothing_and_has_its_parts(report):
    page = report.to_html()
    assert "<script" not in page
    assert "default-src &#39;none&#39;" in page
    for part in ("Finding", "Over time", "Frames and their map", "Score", "Faces", "Frames"):
        assert f">{part}" in page
    assert page.count("<circle cx=") >= 6
    assert "http" not in page.replace("http-equiv", "").replace("http://www.w3.org", "")


def test_a_clip_without_faces(tmp_path, schema):
    found = analyze_clip(write_video(tmp_path / "a.mp4", NOISE * 5), frames=6, method="edge")
    assert found.tracks == ()
    assert (found.score.label, found.score.abstain_code) == ("unsure", "no_face")
    assert "No face was found in 6 frames." in found.finding.faces
    jsonschema.validate(found.to_dict(), schema)
    assert "nothing to show over time" in found.to_html()
    assert [row["track"] for row in found.rows()] == [None] * 6


def test_a_clip_that_shows_no_blur_says_only_that(tmp_path):
    flat = [np.full((64, 96, 3), 128, np.uint8)] * 5
    report = analyze_clip(write_video(tmp_path / "a.mp4", flat), method="edge")
    assert report.finding.unusual == report.finding.otherwise == ""
    assert "How usual that is" not in report.finding.text
    assert report.notes[0] == "All its 5 frames in 0.2 s were analysed."


def test_of_frames_without_blur_everything_says_why(tmp_path, schema):
    shot = portrait()
    video = write_video(tmp_path / "a.mp4", [np.full_like(shot, 128)] * 2 + [shot])
    report = analyze_clip(video, frames="all", method="edge")
    empty = [frame for frame in report.frames if frame.evidence["blur_median"].value is None]
    assert 1 <= len(empty) < len(report.frames)
    document = report.to_dict()
    jsonschema.validate(document, schema)
    for frame, entry, row in zip(report.frames, document["frames"], report.rows(), strict=True):
        said = frame.evidence["blur_median"].why
        assert entry["why_not"] == frame.why_not == said
        assert row["why_not_measured"] == (said or None)
        assert bool(said) == (frame in empty)
    assert report.to_html().count(empty[0].why_not) >= len(empty)


def test_a_clip_without_any_blur_says_so_in_its_row(tmp_path):
    flat = [np.full((64, 96, 3), 128, np.uint8)] * 3
    row = row_of_clip(analyze_clip(write_video(tmp_path / "a.mp4", flat), method="edge"))
    assert row["blur_median_px"] is None
    assert "None of 3 frames gives anything to measure" in str(row["notes"])


def test_the_page_says_that_provenance_of_videos_is_not_read(report):
    page = report.to_html()
    assert "Where the file comes from" in page
    assert "in pictures only, not in videos" in page and "Signed manifest (C2PA)" in page


def test_of_one_frame_nothing_is_judged(tmp_path, schema):
    found = analyze_clip(write_video(tmp_path / "a.mp4", [portrait()]))
    assert len(found.frames) == 1
    assert found.score.abstain_code == "too_few_frames"
    assert found.facts.duration_s is None
    jsonschema.validate(found.to_dict(), schema)
    assert found.to_html()


def test_frames_that_change_their_size(tmp_path):
    large = [np.kron(one, np.ones((2, 2, 1), np.uint8)) for one in NOISE]
    video = write_of_sizes(tmp_path / "a.ts", NOISE * 3, large * 3)
    found = analyze_clip(video, frames="all", method="edge")
    assert {row.native_size for row in found.frames} == {(64, 48), (128, 96)}
    assert any("change their size: 64 × 48, 128 × 96" in note for note in found.notes)


def test_hdr_and_fields_are_said(tmp_path):
    hdr = analyze_clip(write_video(tmp_path / "a.mp4", NOISE, transfer=16), frames=3, method="edge")
    assert hdr.facts.transfer == "PQ"
    assert any("HDR (PQ)" in note for note in hdr.notes)
    options = {"x264-params": "tff=1", "qp": "4"}
    video = write_video(tmp_path / "b.mp4", NOISE, options=options, interlaced=True)
    woven = analyze_clip(video, frames=3, method="edge")
    assert {(row.size, row.native_size) for row in woven.frames} == {((32, 24), (64, 48))}
    assert any("Interlaced" in note for note in woven.notes)


def test_a_name_that_no_text_holds(tmp_path):
    plain = write_video(tmp_path / "a.mp4", NOISE)
    for name in (b"caf\xe9.mp4", b"a:b %03d.mp4", b"file:x.mp4"):
        odd = tmp_path / name.decode("utf-8", "surrogateescape")
        odd.write_bytes(plain.read_bytes())
        found = analyze_clip(odd, frames=1, method="edge")
        assert json.loads(found.to_json())["input"]["source"]
        assert found.to_html().encode("utf-8")


def test_a_cut_ends_all_tracks(tmp_path):
    other = np.ascontiguousarray(255 - portrait()[::-1])
    video = write_video(tmp_path / "a.mp4", [portrait(), portrait(), other, portrait()])
    found = analyze_clip(video, frames="all")
    assert [row.index for row in found.frames if row.cut] == [2, 3]
    assert {face.track for face in found.frames[0].faces}.isdisjoint(
        face.track for face in found.frames[3].faces
    )
    assert any("2 times the scene changes" in note for note in found.notes)


def test_large_frames_are_reduced_and_small_ones_refused(tmp_path):
    video = write_video(tmp_path / "a.mp4", numbered(6))
    told: list[tuple[int, int]] = []

    def note(done: int, of: int) -> None:
        told.append((done, of))

    found = analyze_clip(video, frames=3, max_side=48, method="edge", progress=note)
    assert told == [(1, 3), (2, 3), (3, 3)]
    assert found.frames[0].size == (48, 32)
    assert found.frames[0].native_size == (96, 64)
    assert found.shown[0].report.photo.scale == 0.5
    with pytest.raises(PhotoError, match=r"a\.mp4: 8 x 5 pixels are too few"):
        analyze_clip(video, frames=3, max_side=8, progress=note)
    assert told[3:] == [(1, 3), (2, 3), (3, 3)], "frames that are left out count as well"
    with pytest.raises(
        PhotoError, match=r"a\.mp4: has frames of 96 x 64 pixels; at most 1,000 are"
    ):
        analyze_clip(video, max_pixels=1000)


def test_a_damaged_clip_gives_what_decodes(tmp_path):
    video = write_video(tmp_path / "a.ts", NOISE * 15)
    data = bytearray(video.read_bytes())
    for place in range(len(data) // 3, 2 * len(data) // 3, 188):
        data[place + 20 : place + 150] = bytes(130)
    video.write_bytes(data)
    found = analyze_clip(video, frames="all", method="edge")
    assert 10 <= len(found.frames) < 60 or found.missing == 0
    assert len(found.frames) + found.missing == found.facts.frames


def test_limits_are_said(tmp_path):
    video = write_video(tmp_path / "a.mp4", NOISE * 15)
    found = analyze_clip(video, frames=3, method="edge", limits=VideoLimits(seconds=1.0))
    assert (found.facts.frames, found.facts.met) == (60, 26)
    assert found.frames[-1].time_s <= 1.0
    assert any("limit of seconds" in note for note in found.notes)


@pytest.mark.parametrize(
    ("data", "why"),
    [(b"words, no video at all", "cannot be read as a video"), (b"", "the file is empty")],
)
def test_what_is_no_video_is_named(tmp_path, data, why):
    file = tmp_path / "a.mp4"
    file.write_bytes(data)
    with pytest.raises(PhotoError, match=rf"a\.mp4: {why}"):
        analyze_clip(file)


def test_sound_alone_and_a_cover_are_no_video(tmp_path):
    cover = np.full((64, 64, 3), 90, np.uint8)
    sound = write_with_cover(tmp_path / "a.mp4", cover, sound=True)
    with pytest.raises(PhotoError, match="only a picture"):
        analyze_clip(sound)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"frames": 0}, "Expected `frames`"),
        ({"prior": 1.0}, "Expected `prior`"),
        ({"method": "none"}, "Expected `method`"),
        ({"max_side": 3}, "Expected `max_side`"),
    ],
)
def test_wrong_arguments_are_refused_before_the_file_is_read(wrong, why):
    with pytest.raises(InputError, match=why):
        analyze_clip("missing.mp4", **wrong)


def test_memory_does_not_grow_with_the_length(tmp_path):
    def peak(count: int) -> int:
        video = write_video(tmp_path / f"{count}.mp4", NOISE * (count // 4))
        tracemalloc.start()
        analyze_clip(video, frames=6, method="edge")
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(40)  # what is loaded once
    short, long = peak(40), peak(2000)
    assert long - short < 64 * 2000  # bytes: a frame is 9,216, and its time 8


def test_bytes_are_no_path():
    with pytest.raises(InputError, match="Expected `path` to be the path of a video, but got byt"):
        analyze_clip(cast(str, b"\0\0\0\x18ftypmp42"))


def test_lengths_of_one_field_are_those_of_the_file(tmp_path, schema):
    soft = [np.asarray(cv2.GaussianBlur(portrait(), (0, 0), 2.5), np.uint8)] * 4
    plain = analyze_clip(write_video(tmp_path / "p.mp4", soft), frames=3)
    woven = analyze_clip(
        write_video(tmp_path / "i.mp4", soft, options=FIELDS, interlaced=True), frames=3
    )
    jsonschema.validate(woven.to_dict(), schema)
    for report, scale in ((plain, 1.0), (woven, 0.5)):
        row, content = row_of_clip(report), report.to_dict()
        source = content["input"]
        assert (row["native_width_px"], row["native_height_px"]) == (480, 360)
        assert (source["native_width"], source["native_height"]) == (480, 360)
        assert (content["clip"]["width"], content["clip"]["height"]) == (480, 360)
        assert row["scale"] == source["scale"] == scale
        assert content["frames"][0]["native_width"] == 480
        assert content["frames"][0]["interlaced"] == (scale == 0.5)
        assert row["blur_median_native_px"] == pytest.approx(row["blur_median_px"] / scale)
        percentiles = content["defocus"]["percentiles_native"]
        assert percentiles["p50"] == pytest.approx(row["blur_p50_px"] / scale)
    assert woven["blur_median"].native == pytest.approx(plain["blur_median"].native, rel=0.15)
    eyes = [report.rows()[0]["face_eyes_native_px"] for report in (plain, woven)]
    assert eyes[1] == pytest.approx(eyes[0], rel=0.05)
    assert "px native" in woven.to_html() and "px native" not in plain.to_html()


def test_a_clip_that_becomes_interlaced_is_measured_frame_by_frame(tmp_path, schema):
    shots = [np.ascontiguousarray(portrait()[200:320, 160:320])] * 12  # a spacesuit
    plain = write_video(tmp_path / "p.ts", shots).read_bytes()
    woven = write_video(tmp_path / "i.ts", shots, options=FIELDS, interlaced=True).read_bytes()
    for name, data, sizes in (
        ("pi.ts", plain + woven, [160] * 3 + [80] * 3),
        ("ip.ts", woven + plain, [80] * 3 + [160] * 3),
    ):
        (tmp_path / name).write_bytes(data)
        found = analyze_clip(tmp_path / name, frames=6, method="edge")
        assert [row.size[0] for row in found.frames] == sizes
        assert {row.native_size for row in found.frames} == {(160, 120)}
        times = [row.time_s for row in found.frames]
        assert times == pytest.approx([row.index / 25 for row in found.frames], abs=1e-6)
        notes = " ".join(found.notes)
        assert "3 of 6 frames are interlaced" in notes and found.facts.interlaced
        assert "jump back once at frame 12" in notes
        assert "several scales" in notes and "change their size" not in notes
        assert "3 of 6 frames are interlaced" in str(row_of_clip(found)["notes"])
        content = found.to_dict()
        jsonschema.validate(content, schema)
        assert [row["interlaced"] for row in content["frames"]] == [size == 80 for size in sizes]
        natives = [row.percentiles["p50"] / row.scale for row in found.frames if row.percentiles]
        assert content["defocus"]["percentiles_native"]["p50"] == pytest.approx(np.median(natives))


@pytest.mark.parametrize(("name", "total"), [("a.mp4", 16), ("a.mkv", None)])
def test_of_a_long_clip_the_counts_are_the_files(tmp_path, schema, name, total):
    times = [360_000 * index for index in range(16)]  # an hour each
    found = analyze_clip(
        write_video(tmp_path / name, NOISE * 4, times=times), frames="all", method="edge"
    )
    assert len(found.frames) == found.facts.met == 13, "those of the first 12 hours"
    row, content = row_of_clip(found), found.to_dict()
    jsonschema.validate(content, schema)
    assert (row["clip_frames"], row["clip_frames_analysed"]) == (total, 13)
    assert row["clip_seconds"] == content["clip"]["duration_s"] == pytest.approx(54_000, abs=1)
    assert content["clip"]["met_s"] == pytest.approx(46_800)
    notes = " ".join(found.notes)
    assert "All its" not in notes + found.to_html()
    assert "Only its first 13 frames in 46,800.0 s were looked at, the limit of seconds" in notes
    known = "13 of the 16 frames that the file states in 54,000.0 s were analysed."
    unknown = "13 frames were analysed; how many the file has is unknown (it states 54,000.0 s)."
    assert found.notes[0] == (known if total else unknown)


def test_of_the_beginning_of_a_stream_the_length_is_unknown(tmp_path):
    video = write_video(tmp_path / "a.mkv", NOISE * 10)
    with clip_file(video) as file:
        beginning = replace(file, note="It is a stream that had not ended.")
        settings = ClipSettings(3, "edge", 0.5, 0)
        found = _Analysis("a", beginning, settings, VideoLimits(), 1 << 20, None).report()
    assert found.facts.met == 40
    assert row_of_clip(found)["clip_frames"] is None
    assert found.notes[0].startswith("3 frames were analysed; how many the file has is unknown")


def test_later_frames_that_are_too_large_are_left_out(tmp_path):
    large = [np.kron(one, np.ones((2, 2, 1), np.uint8)) for one in NOISE]
    video = write_of_sizes(tmp_path / "a.ts", NOISE, large)
    found = analyze_clip(video, frames="all", method="edge", max_pixels=64 * 48)
    assert len(found.frames) == 4
    assert {index: "--max-pixels" in why for index, why in found.failed.items()} == dict.fromkeys(
        range(4, 8), True
    )
