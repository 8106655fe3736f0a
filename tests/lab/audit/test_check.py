"""What the check of a data set finds, and what it leaves in peace."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageOps
from skimage import data

from blurprint.errors import InputError
from blurprint.lab.audit.check import check_table
from blurprint.lab.audit.file_facts import inspect_file
from blurprint.lab.datasets.table import Sample, make_table


def textures(count: int, seed: int = 0) -> list[Image.Image]:
    """Blurred noise: no two show the same."""
    rng = np.random.default_rng(seed)
    pictures = []
    for _ in range(count):
        noise = cv2.GaussianBlur(rng.normal(size=(96, 128, 3)), (0, 0), 6)
        scaled = 128 + 50 * noise / noise.std() + rng.normal(size=noise.shape) * 4
        pictures.append(Image.fromarray(np.clip(scaled, 0, 255).astype(np.uint8)))
    return pictures


def save(file: Path, picture: Image.Image, **options: object) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    picture.save(file, **options)
    return file


def sample(file: Path, label: int, split: str = "train", **other: str) -> Sample:
    fields = {"method": "GAN" if label else "real", "group": file.stem, "clip": str(file)}
    return Sample(path=str(file), label=label, split=split, **{**fields, **other})


def auc(result) -> dict[str, float]:
    return {one.feature: one.auc for one in result.shortcuts}


def test_fakes_in_png_and_reals_in_jpeg_are_warned_about(tmp_path):
    rows = []
    for index, picture in enumerate(textures(40)):
        label = index % 2
        name = tmp_path / (f"{index}.png" if label else f"{index}.jpg")
        rows.append(sample(save(name, picture), label))
    result = check_table(make_table(rows))
    assert auc(result)["format"] == pytest.approx(1.0)
    assert auc(result)["all together"] == pytest.approx(1.0)
    assert any("format alone predicts the label: AUC 1.00" in line for line in result.warnings)
    assert not any("edge" in line for line in result.warnings)


def test_jpeg_quality_is_found_to_tell(tmp_path):
    rows = [
        sample(save(tmp_path / f"{index}.jpg", picture, quality=95 if index % 2 else 75), index % 2)
        for index, picture in enumerate(textures(40))
    ]
    (found,) = [one for one in check_table(make_table(rows)).shortcuts if "quality" in one.feature]
    assert (found.auc, found.real, found.fake) == (1.0, "75", "95")


def test_a_balanced_data_set_has_no_warnings(tmp_path):
    rows = []
    for index, picture in enumerate(textures(120)):
        split = ("train", "val", "test")[index % 3]
        file = save(tmp_path / f"{index}.jpg", picture, quality=90)
        rows.append(sample(file, index // 3 % 2, split))
    result = check_table(make_table(rows))
    assert result.warnings == ()
    assert result.copies == ()
    assert {one.split for one in result.shortcuts} == {"train", "val", "test"}
    assert sum(one.pictures for one in result.counts) == 120
    assert result.sampled == 120


def test_copies_across_splits_and_labels_are_found(tmp_path):
    names = ("astronaut", "coffee", "rocket", "chelsea")
    pictures = {name: Image.fromarray(getattr(data, name)()) for name in names}
    rows = [sample(save(tmp_path / f"train/{name}.png", one), 0) for name, one in pictures.items()]
    small = ImageOps.contain(pictures["coffee"], (200, 200))
    rows += [
        # resized and encoded again, in another split
        sample(save(tmp_path / "test/a.jpg", small, quality=60), 0, "test"),
        # the same file as a fake
        sample(save(tmp_path / "train/b.png", pictures["rocket"]), 1),
        # a copy in the same split and of the same label is nobody's concern
        sample(save(tmp_path / "train/c.jpg", pictures["chelsea"]), 0),
    ]
    result = check_table(make_table(rows))
    found = {
        (Path(one.first).name, Path(one.second).name, one.across_splits, one.identical)
        for one in result.copies
    }
    assert found == {("a.jpg", "coffee.png", True, False), ("b.png", "rocket.png", False, True)}
    text = "\n".join(result.warnings)
    assert "1 pair of clips or pictures show the same in different splits" in text
    assert "1 pair of identical files with different labels" in text


def test_clips_that_share_frames_are_one_pair(tmp_path):
    rows = []
    for clip, split in (("a", "train"), ("b", "test")):
        for index, picture in enumerate(textures(5)):
            file = save(tmp_path / clip / f"{index}.png", picture)
            rows.append(sample(file, 0, split, clip=clip, group=clip))
    (copy,) = check_table(make_table(rows)).copies
    assert (copy.bits, copy.identical, copy.pairs) == (0, True, 5)


def test_groups_and_clips_that_straddle(tmp_path):
    files = [save(tmp_path / f"{index}.png", one) for index, one in enumerate(textures(6))]
    rows = [
        sample(files[0], 0, "train", group="anna"),
        sample(files[1], 1, "test", group="anna"),
        sample(files[2], 0, "train", group="ben", clip="x"),
        sample(files[3], 1, "train", group="ben", clip="x"),
        sample(files[4], 0, "", group="carl"),  # not decided
        sample(files[5], 0, "train", group="carl"),
    ]
    found = [
        (one.kind, one.name, one.across, one.values)
        for one in check_table(make_table(rows)).straddles
    ]
    assert found == [
        ("group", "anna", "split", ("test", "train")),
        ("clip", "x", "label", ("0", "1")),
    ]


def test_unreadable_pictures_are_listed_and_the_rest_is_checked(tmp_path):
    good, bad = save(tmp_path / "a.png", textures(1)[0]), tmp_path / "b.png"
    bad.write_bytes(good.read_bytes()[:200])
    rows = [sample(good, 0), sample(bad, 0), sample(tmp_path / "none.png", 0)]
    result = check_table(make_table(rows))
    assert [Path(one.path).name for one in result.unreadable] == ["b.png", "none.png"]
    assert all(one.reason.startswith(one.path) for one in result.unreadable)
    assert "2 pictures cannot be read" in result.warnings


def test_the_sample_is_drawn_by_seed_and_bounded(tmp_path):
    rows = [
        sample(save(tmp_path / f"{index}.png", picture), index % 2)
        for index, picture in enumerate(textures(60))
    ]
    table = make_table(rows)
    first, again, other = (check_table(table, sample=15, seed=seed) for seed in (1, 1, 2))
    assert first.sampled == 30
    assert first.to_json() == again.to_json()
    assert first.shortcuts != other.shortcuts
    assert check_table(table, sample=15, seed=1, workers=2).to_json() == first.to_json()


def test_the_files_hold_the_findings(tmp_path):
    picture = textures(1)[0]
    rows = [
        sample(save(tmp_path / "a.png", picture), 0),
        sample(save(tmp_path / "b,c.png", picture), 0, "test"),
    ]
    check_table(make_table(rows)).write(tmp_path / "out")
    content = json.loads((tmp_path / "out/check.json").read_text("utf-8"))
    assert content["schema_version"] == 1
    assert content["copies"]["across_splits"] == 1
    assert len(content["warnings"]) == 1
    with (tmp_path / "out/check.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert Path(row["second"]).name == "b,c.png"
    assert (row["bits"], row["first_split"], row["second_split"]) == ("0", "train", "test")


@pytest.mark.parametrize("quality", [5, 30, 49, 50, 75, 90, 95, 100])
def test_the_quality_of_a_jpeg_is_the_encoders_setting(tmp_path, quality):
    file = save(tmp_path / "a.jpg", textures(1)[0], quality=quality, subsampling="4:4:4")
    facts = inspect_file(file).facts
    assert (facts.jpeg_quality, facts.chroma_subsampling, facts.format) == (
        quality,
        "4:4:4",
        "JPEG",
    )


def test_facts_of_a_file(tmp_path):
    exif = Image.Exif()
    exif[0x010F] = "Maker"
    exif[0x0112] = 6  # stored on its side
    file = save(tmp_path / "a.jpg", textures(1)[0], exif=exif)
    facts = inspect_file(file).facts
    assert (facts.width, facts.height, facts.has_exif) == (96, 128, "yes")
    assert facts.aspect_ratio == pytest.approx(0.75)
    assert facts.file_size == file.stat().st_size
    assert facts.bytes_per_pixel == pytest.approx(facts.file_size / (96 * 128))
    png = inspect_file(save(tmp_path / "a.png", textures(1)[0])).facts
    assert (png.jpeg_quality, png.chroma_subsampling, png.has_exif) == (None, None, "no")


def test_edge_density_follows_the_edges_not_the_size(tmp_path):
    page, sky = data.page(), np.full((200, 300), 200, np.uint8)
    dense = inspect_file(save(tmp_path / "page.png", Image.fromarray(page))).facts.edge_density
    large = cv2.resize(page, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    twice = inspect_file(save(tmp_path / "large.png", Image.fromarray(large))).facts.edge_density
    assert inspect_file(save(tmp_path / "sky.png", Image.fromarray(sky))).facts.edge_density == 0
    assert dense > 0.05
    assert twice == pytest.approx(dense, rel=0.25)


def test_wrong_tables_are_named(tmp_path):
    with pytest.raises(InputError, match="but it is empty"):
        check_table(make_table([]))
    with pytest.raises(InputError, match=r"a\.mp4: is a video"):
        check_table(make_table([sample(tmp_path / "a.mp4", 0)]))
    with pytest.raises(InputError, match="lacks"):
        check_table(make_table([]).drop(columns="clip"))
    with pytest.raises(InputError, match="`sample` to be at least 1"):
        check_table(make_table([sample(tmp_path / "a.png", 0)]), sample=0)
