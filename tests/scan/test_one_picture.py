"""One picture: when earlier results are kept, replaced or in the way."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import blurprint
from blurprint import DefocusMap
from blurprint.scan import earlier_result, one_picture
from blurprint.scan.one_picture import analyze_one
from blurprint.scan.rows import row_of
from blurprint.scan.settings import ANALYSED, FAILED, KEPT, Job, Outcome, Settings
from calls import Calls
from videos import numbered, write_video


def paint(path: Path, seed: int = 0, size: tuple[int, int] = (40, 48)) -> None:
    noise = np.random.default_rng(seed).integers(0, 256, (*size, 3), np.uint8)
    Image.fromarray(noise).save(path)


@pytest.fixture
def job(tmp_path: Path) -> Job:
    paint(tmp_path / "a.png")
    return Job(0, tmp_path / "a.png", "sub/a")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings("edge", 2048, 10**8, out=tmp_path / "o", formats=("html", "json"), half=True)


def again(settings: Settings, job: Job, **changes: object) -> Outcome:
    return analyze_one(dataclasses.replace(settings, **changes), job)


def content(settings: Settings) -> dict[str, bytes]:
    assert settings.out is not None
    return {file.name: file.read_bytes() for file in (settings.out / "sub/a").iterdir()}


def test_a_picture_is_decoded_once_and_its_map_computed_once(settings, job, monkeypatch):
    calls = Calls(
        monkeypatch,
        "blurprint.photos.decode.open_picture",
        "blurprint.optics.estimate.apply_estimator",
    )
    everything = {"formats": ("html", "json", "npz"), "thumbnails": True}
    assert again(settings, job, **everything).status == ANALYSED
    assert calls.taken() == {"open_picture": 1, "apply_estimator": 1}
    assert again(settings, job, **everything, skip_existing=True).status == KEPT
    assert calls.taken() == {"open_picture": 0, "apply_estimator": 0}


def test_equal_results_are_kept(settings, job):
    first = analyze_one(settings, job)
    assert (first.status, first.error) == (ANALYSED, "")
    before = content(settings)
    kept = again(settings, job, skip_existing=True)
    assert kept.status == KEPT
    assert row_of(kept) == {**row_of(first), "status": KEPT}
    assert content(settings) == before
    refused = again(settings, job)
    assert refused.status == FAILED
    assert "exists already" in refused.error


@pytest.mark.parametrize(
    ("changes", "word"),
    [({"method": "paper"}, 'method "edge"'), ({"max_side": 20}, "another size, 48 px")],
)
def test_results_of_other_settings_are_neither_kept_nor_replaced_unasked(
    settings, job, changes, word
):
    analyze_one(settings, job)
    before = content(settings)
    refused = again(settings, job, skip_existing=True, **changes)
    assert refused.status == FAILED
    assert word in refused.error
    assert content(settings) == before
    assert again(settings, job, skip_existing=True, overwrite=True, **changes).status == ANALYSED
    assert again(settings, job, skip_existing=True, **changes).status == KEPT


@pytest.mark.parametrize("interlaced", [False, True])
def test_a_clip_is_kept_at_every_side_that_changes_nothing(settings, tmp_path, interlaced):
    options = {"x264-params": "tff=1", "qp": "4"}
    video = write_video(tmp_path / "a.ts", numbered(4), options=options, interlaced=interlaced)
    job = Job(0, video, "sub/a")
    assert again(settings, job, frames=2).status == ANALYSED
    for side in (2048, 0, 96):  # the file has 96 x 64 pixels, a field half as many each way
        kept = again(settings, job, frames=2, skip_existing=True, max_side=side)
        assert kept.status == KEPT, kept.error
    refused = again(settings, job, frames=2, skip_existing=True, max_side=40)
    assert "another size" in refused.error


def test_a_picture_that_changed_and_another_of_its_name(settings, job, tmp_path):
    analyze_one(settings, job)
    other = dataclasses.replace(job, path=tmp_path / "b.png")
    paint(other.path, seed=1)
    assert "another picture" in again(settings, other, skip_existing=True).error
    paint(job.path, seed=2)
    assert "before it changed" in again(settings, job, skip_existing=True).error
    done = again(settings, job, skip_existing=True, overwrite=True)
    assert done.status == ANALYSED
    assert again(settings, job, skip_existing=True).status == KEPT


def test_another_version_is_another_result(settings, job, monkeypatch):
    analyze_one(settings, job)
    monkeypatch.setattr(earlier_result, "__version__", "99.0.0")
    refused = again(settings, job, skip_existing=True)
    assert f"version {blurprint.__version__}" in refused.error


def test_other_weights_are_another_result(settings, job, monkeypatch):
    net = dataclasses.replace(settings, method="net")
    analyze_one(net, job)
    assert again(net, job, skip_existing=True).status == KEPT
    monkeypatch.setattr(earlier_result, "weights_of", lambda method: "0" * 64)
    assert "other weights" in again(net, job, skip_existing=True).error


class Killed(BaseException):
    """What no handler catches, as the end of a process."""


@pytest.mark.parametrize("overwritten", [False, True])
def test_a_run_may_be_killed_between_two_files(settings, job, monkeypatch, overwritten):
    replace = Path.replace

    def kill_after_one(path: Path, target: Path) -> None:
        replace(path, target)
        raise Killed

    if overwritten:
        analyze_one(settings, job)
        paint(job.path, seed=5)
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(Path, "replace", kill_after_one)
        again(settings, job, overwrite=True)
    done = again(settings, job, skip_existing=True, overwrite=overwritten)
    assert done.status == ANALYSED, "nothing stale is kept, and what is there is not in the way"
    page = content(settings)["report.html"].decode()
    assert json.loads(content(settings)["report.json"])["input"]["sha256"][:16] in page


def test_stale_files_go_with_the_results_that_they_belong_to(settings, job):
    again(settings, job, formats=("html", "json", "npz"))
    assert again(settings, job, overwrite=True).status == ANALYSED
    assert "defocus.npz" in content(settings), "it is of this very picture"
    paint(job.path, seed=3)
    assert again(settings, job, overwrite=True).status == ANALYSED
    assert set(content(settings)) == {"report.html", "report.json"}


def test_files_that_are_missing_are_added_to_results_that_are_kept(settings, job):
    analyze_one(settings, job)
    before = content(settings)
    more = {"skip_existing": True, "formats": ("html", "json", "npz"), "thumbnails": True}
    assert again(settings, job, **more).status == ANALYSED
    after = content(settings)
    assert set(after) == {*before, "defocus.npz", "thumbnail.webp"}
    assert {name: after[name] for name in before} == before


def test_maps_of_folders_are_half_as_exact_and_large(settings, job):
    again(settings, job, formats=("json", "npz"))
    path = settings.out / "sub/a/defocus.npz"
    with np.load(path) as stored:
        assert stored["sigma"].dtype == stored["confidence"].dtype == np.float16
    exact = blurprint.estimate_defocus(blurprint.read_photo(job.path), method="edge")
    assert np.allclose(DefocusMap.load(path).sigma, exact.sigma, rtol=1e-3, atol=1e-4)


def test_results_without_report_json_are_of_an_unknown_picture(settings, job):
    again(settings, job, formats=("html",))
    assert "no report.json" in again(settings, job, skip_existing=True).error
    report = settings.out / "sub/a/report.json"
    report.write_text(json.dumps({"input": 3}))
    assert "no report.json" in again(settings, job, skip_existing=True).error


def test_no_error_leaves(settings, job, monkeypatch):
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr(one_picture, "analyze", broken)
    outcome = analyze_one(settings, job)
    assert outcome.status == FAILED
    assert "ZeroDivisionError: by zero" in outcome.error


def test_columns_name_their_units(settings, job):
    row = row_of(analyze_one(settings, job))
    assert row["working_width_px"] == 48
    assert {"blur_median_px", "measured_share_percent", "local_variance_px2"} <= set(row)
    paper = row_of(again(settings, job, out=None, method="paper"))
    assert "blur_median_map_units" in paper
    assert not any(name.startswith("blur") and name.endswith("_px") for name in paper)
