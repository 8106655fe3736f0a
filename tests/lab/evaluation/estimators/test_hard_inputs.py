"""Hard inputs: what is drawn has the blur that is said, and bars are met by the numbers alone."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from skimage import data
from typer.testing import CliRunner

from blurprint.cli.main import app
from blurprint.errors import InputError
from blurprint.lab.evaluation.estimators import hard_pictures
from blurprint.lab.evaluation.estimators.hard_inputs import (
    CONDITIONS,
    NOT_UNDER,
    RIGHT,
    SAID,
    UNBIASED,
    BarOutcome,
    HardCondition,
    read,
    read_hard_inputs,
    summarise,
)
from blurprint.lab.evaluation.estimators.hard_inputs_table import (
    HardInputs,
    missed,
    render_hard_inputs,
)
from blurprint.lab.pages.results_page import HARD_INPUTS, markers
from blurprint.lab.rendering.scenes import Sources
from blurprint.lab.rendering.sharp_sources import SharpPatch, split_of
from blurprint.lens.lens import to_linear
from blurprint.optics.defocus_map import DefocusMap

OUTCOME = BarOutcome(20, 0.5, 0.1, 0.01, 0.0, 0.0, math.nan, 0.0)


class Cat:
    """A source of one photograph, cut anywhere."""

    def draw(self, rng: np.random.Generator, size: int) -> SharpPatch:
        picture = to_linear(np.tile(data.chelsea(), (2, 2, 1)).astype(np.float32) / 255)
        top, left = (int(v) for v in rng.integers(0, 100, 2))
        cut = picture[top : top + size, left : left + size]
        return SharpPatch(np.ascontiguousarray(cut), np.ones((size, size), np.float32))


def always(sigma: float, confidence: float = 1.0):
    """A method that says the same of every pixel, of the lens."""

    def estimator(rgb: np.ndarray) -> DefocusMap:
        said = np.full(rgb.shape[:2], sigma, np.float32)
        return DefocusMap(said, np.full_like(said, confidence), "always", includes_pixel=False)

    return estimator


def drawn(render, seed: int = 0):
    sources: Sources = Cat()
    return render(np.random.default_rng(seed), sources)


def test_every_condition_draws_the_same_picture_again():
    for condition in CONDITIONS:
        first, again = drawn(condition.render), drawn(condition.render)
        assert first.photos[0].rgb.shape[:2] == first.where.shape, condition.name
        assert first.where.any() and first.true == again.true, condition.name
        np.testing.assert_array_equal(first.photos[0].rgb, again.photos[0].rgb, condition.name)


def test_readings_count_what_is_sure_and_wrong():
    picture = drawn(partial(hard_pictures.clean, sigma=2.0))
    right, half, unsure = (
        read(picture, method) for method in (always(2.2), always(0.9), always(0.9, 0.4))
    )
    assert right.measured == 1 and right.error == pytest.approx(0.2, abs=1e-5)
    assert right.bias == pytest.approx(0.1, abs=1e-5) and right.under == 0
    assert half.under == 1 and unsure.under == 0
    assert unsure.measured == 0 and math.isnan(unsure.error)


def test_a_sigma_that_includes_the_pixel_is_compared_without_it():
    picture = drawn(partial(hard_pictures.clean, sigma=1.0))

    def whole(rgb: np.ndarray) -> DefocusMap:
        return replace(always(math.sqrt(1 + 1 / 12))(rgb), includes_pixel=True)

    assert read(picture, whole).error == pytest.approx(0, abs=1e-4)


def test_shake_along_a_line_has_the_second_moment_of_one():
    rng = np.random.default_rng(3)
    for length in (9.0, 25.0):
        motion = hard_pictures.motion_kernel(hard_pictures.shake_path(rng, length, True))
        assert math.sqrt(motion.variance) == pytest.approx(length / math.sqrt(24), rel=0.06)
        path = hard_pictures.shake_path(rng, length, False)
        assert np.hypot(*(path[-1] - path[0])) < 0.97 * length


def test_frames_count_alone_and_the_photograph_in_them_must_not_change():
    for render in (hard_pictures.barred, hard_pictures.framed, hard_pictures.transparent):
        picture = drawn(render)
        found = read(picture, always(1.0))
        assert found.measured == 0 and found.spread < 0.1
        assert picture.inner is not None and not picture.where[picture.inner].any()

    def by_size(rgb: np.ndarray) -> DefocusMap:
        return always(float(rgb[:, :, 0].mean()) if rgb.shape[0] > 256 else 3.0)(rgb)

    wide = replace(drawn(hard_pictures.barred), photos=drawn(hard_pictures.barred).photos[::-1])
    assert wide.photos[0].rgb.shape[0] == 256
    assert read(drawn(hard_pictures.framed), by_size).spread == 0  # cut off before the estimate


def test_attitudes_that_differ_are_seen():
    picture = drawn(hard_pictures.attitudes)
    assert len({photo.rgb.tobytes() for photo in picture.photos}) == 8
    assert read(picture, always(2.0)).spread == 0

    def of_the_corner(rgb: np.ndarray) -> DefocusMap:
        return always(1 + float(rgb[:40, :40].mean()))(rgb)

    assert read(picture, of_the_corner).spread > 0.001


def test_rims_of_lights_are_what_counts():
    picture = drawn(partial(hard_pictures.lights, dark=True))
    assert 5 <= picture.true <= 10 and 0.005 < picture.where.mean() < 0.3


def test_means_weigh_pixels_alike():
    a = read(drawn(partial(hard_pictures.clean, sigma=2.0)), always(2.5))
    b = replace(a, measured=0.0, error=math.nan, bias=math.nan, said=True)
    both = summarise([a, b])
    assert both.measured == 0.5 and both.said == 0.5 and both.silent == 0.5
    assert both.error == pytest.approx(0.5, abs=1e-5)
    assert summarise([replace(a, pixels=0), a]).pictures == 1


@pytest.mark.parametrize(
    ("bar", "better", "worse"),
    [
        (RIGHT, replace(OUTCOME, error=0.5), replace(OUTCOME, error=0.51)),
        (RIGHT, replace(OUTCOME, measured=0.09, error=3), replace(OUTCOME, measured=0.1, error=3)),
        (NOT_UNDER, replace(OUTCOME, under=0.03), replace(OUTCOME, under=0.031)),
        (SAID, replace(OUTCOME, silent=0.05), replace(OUTCOME, silent=0.06)),
        (UNBIASED, replace(OUTCOME, bias=-0.05), replace(OUTCOME, bias=-0.06)),
        (UNBIASED, OUTCOME, replace(OUTCOME, bias=math.nan)),
    ],
)
def test_bars_divide_what_is_met_from_what_is_not(bar, better, worse):
    assert bar.met(better) and not bar.met(worse)


def test_the_table_says_what_is_missed():
    name = CONDITIONS[-1].name
    result = HardInputs({name: {"net": replace(OUTCOME, error=0.9)}}, 20, 0, 9, "f" * 64)
    assert missed(result, "net") == [name]
    text = render_hard_inputs(result)
    assert '"net" meets 0 of 1 bars' in text and f"| {name} | 20 |" in text and "**missed**" in text
    row = json.loads(result.to_json())["rows"][0]
    assert row["met"] is False and row["spread"] is None
    better = replace(result, outcomes={name: {"net": OUTCOME}})
    assert missed(better, "net") == [] and "**missed**" not in render_hard_inputs(better)


def test_progress_and_wrong_numbers():
    seen: list[tuple[int, int]] = []
    condition = HardCondition("clean", partial(hard_pictures.clean, sigma=2.0), RIGHT)
    found = read_hard_inputs(
        {"always": always(2.0)},
        Cat(),
        pictures=2,
        seed=0,
        conditions=[condition],
        progress=lambda done, wanted: seen.append((done, wanted)),
    )
    assert seen == [(1, 2), (2, 2)] and found["clean"]["always"].error == pytest.approx(0, abs=1e-5)
    with pytest.raises(InputError, match="at least 1 picture, but got 0"):
        read_hard_inputs({}, Cat(), pictures=0, seed=0)


def test_the_command_writes_the_table_into_a_page(tmp_path: Path):
    from PIL import Image

    folder, page = tmp_path / "photos", tmp_path / "page.md"
    folder.mkdir()
    for quality in range(60, 100):
        path = folder / f"{quality}.jpg"
        Image.fromarray(data.astronaut()).save(path, quality=quality)
        if split_of(path) == "test":
            break
        path.unlink()
    begin, end = markers(HARD_INPUTS)
    page.write_text(f"a {begin} {end} b")
    options = ["--photos", folder, "--out", tmp_path / "out", "--pictures", 1, "--page", page]
    run = ["benchmark", "inputs", *map(str, options), "--methods"]
    done = CliRunner().invoke(app, [*run, "edge"])
    assert done.exit_code == 0, done.output
    assert '"edge" meets' in page.read_text() and page.read_text().startswith(f"a {begin}\n\n###")
    rows = json.loads((tmp_path / "out" / "hard-inputs.json").read_text())["rows"]
    assert [row["condition"] for row in rows] == [condition.name for condition in CONDITIONS]
    refused = CliRunner().invoke(app, [*run, "paper"])
    assert refused.exit_code == 1 and 'but got "paper"' in refused.output
