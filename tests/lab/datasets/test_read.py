"""The door: specifications, joining, and what is kept."""

from __future__ import annotations

import pytest

from blurprint.errors import InputError
from blurprint.lab.datasets.read import (
    LAYOUTS,
    ReadOptions,
    read_data,
    read_described,
    require_both_classes,
)
from trees import grow, write_json


@pytest.fixture
def root(tmp_path):
    for index in range(20):
        grow(tmp_path, f"coco/val2017/{index:012}.jpg")
        grow(tmp_path, f"diffusiondb/part-000001/{index}.png")
        grow(tmp_path, f"own/real/{index}.png", f"own/gan/fake/{index}.png")
        grow(tmp_path, f"own/diffusion/fake/{index}.png")
    prompts = {f"{index}.png": {"p": f"prompt {index}"} for index in range(20)}
    write_json(tmp_path / "diffusiondb/part-000001/part-000001.json", prompts)
    return tmp_path


def test_real_of_one_and_fake_of_another(root):
    table = read_data([f"coco:{root / 'coco'}", f"diffusiondb:{root / 'diffusiondb'}"])
    assert table.groupby("label").size().tolist() == [20, 20]
    assert table.index.tolist() == list(range(40))
    assert table["label"].dtype == "int8"
    require_both_classes(table, "Training")


def test_groups_of_the_same_name_are_told_apart(root):
    for name in ("a", "b"):
        for index in range(10):
            grow(root, f"{name}/real/{index}/0.png", f"{name}/fake/{index}/0.png")
    alone = read_data([f"folder:{root / 'a'}"])
    assert set(alone["group"]) == set("0123456789")
    both = read_data([f"folder:{root / 'a'}", f"folder:{root / 'b'}"])
    assert both["group"].nunique() == 20
    assert f"folder:{root / 'a'}/3" in set(both["group"])


def test_groups_of_one_data_set_in_two_folders_stay_one(root):
    for index in range(5):
        grow(root, f"c/original_sequences/youtube/c23/videos/{index:03}.mp4")
        grow(root, f"d/manipulated_sequences/Deepfakes/c23/videos/{index:03}_{index + 5:03}.mp4")
    data = [f"faceforensics:{root / 'c'}", f"faceforensics:{root / 'd'}"]
    assert read_data(data)["group"].nunique() == 5  # the same names and sizes, the same draw
    # More originals make another draw: the halves no longer agree, which must not pass.
    grow(root, *(f"c/original_sequences/youtube/c23/videos/9{n:02}.mp4" for n in range(40)))
    with pytest.raises(InputError, match=r"groups in one part each, but .*give one folder"):
        read_data(data)
    assert len(read_data(data, ReadOptions(split="authors"))) == 50


def test_parts_and_types(root):
    own = [f"folder:{root / 'own'}"]
    parts = {part: read_data(own, part=part) for part in ("train", "val", "test")}
    assert sum(map(len, parts.values())) == len(read_data(own)) == 60
    assert all(set(table["split"]) == {part} for part, table in parts.items())
    one = read_data(own, fake_types=["gan"])
    assert set(one["method"]) == {"gan", "real"}
    assert (one["label"] == 0).sum() == 20


def test_errors(root):
    own = f"folder:{root / 'own'}"
    with pytest.raises(InputError, match=r'fake types among diffusion, gan, but got "vae"'):
        read_data([own], fake_types=["vae"])
    with pytest.raises(InputError, match="train, val, test or all"):
        read_data([own], part="exam")
    with pytest.raises(InputError, match="at least one"):
        read_data([])
    with pytest.raises(InputError, match=r"every file once, but 60 are read twice"):
        read_data([own, own])
    for wrong in ("pictures", "pictures:/a", "folder:", "C:\\pictures"):
        with pytest.raises(InputError, match=r"one of faceforensics, .*table, but got"):
            read_data([wrong])
    grow(root, "one/real/a.png")
    with pytest.raises(InputError, match=r"rows of part test, but got only train \(1 rows\)"):
        read_data([f"folder:{root / 'one'}"], part="test")
    table = read_data([f"coco:{root / 'coco'}"])
    with pytest.raises(InputError, match="Training: Expected reals and fakes, but got 20 real, 0"):
        require_both_classes(table, "Training")


def test_options_are_checked():
    labels = [{"labels": {"x": value}} for value in (2, -1, True, "fake", None)]
    for wrong in ({"split": "random"}, {"compression": "c99"}, {"frames": -1}, *labels):
        with pytest.raises(InputError, match=f"Expected `{next(iter(wrong))}`"):
            ReadOptions(**wrong)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_missing_folder_is_named(layout, tmp_path):
    with pytest.raises(InputError, match=r"nowhere: Expected .*but got nothing there"):
        read_data([f"{layout}:{tmp_path / 'nowhere'}"])


@pytest.mark.parametrize("layout", LAYOUTS)
def test_an_empty_folder_is_named(layout, tmp_path):
    with pytest.raises(InputError, match=r"Expected .*but got (an empty|a) folder"):
        read_data([f"{layout}:{tmp_path}"])


def test_what_was_left_out_warns_and_what_was_inferred_does_not(root):
    grow(root, "own/loose/a.png")
    with pytest.warns(UserWarning, match=r"1 picture or video in no folder named as a label"):
        read_data([f"folder:{root / 'own'}"])
    read_data([f"coco:{root / 'coco'}"])  # which it takes for real: no warning


def test_what_was_inferred_is_told_by_data_set(root):
    data = [f"coco:{root / 'coco'}", f"diffusiondb:{root / 'diffusiondb'}"]
    reading = read_described(data, ReadOptions(labels={"Typo": 1}))
    assert f"{data[0]}: every picture is taken for a real photograph" in reading.account.inferred
    assert "--label Typo met no such name" in reading.account.inferred
    assert reading.lines()[0] == 'Labels: real = "val2017/" (20); fake = "part-000001/" (20)'


def test_fake_types_that_are_kept_are_counted(root):
    reading = read_described([f"folder:{root / 'own'}"], fake_types=["gan"])
    assert reading.account.inferred == [
        "methods of fakes from folders above their class: diffusion, gan",
        "20 of 40 fakes, those of gan, as asked",
    ]


def test_a_folder_that_cannot_be_listed_is_named(root, monkeypatch):
    def refuse(folder):
        raise PermissionError(13, "Permission denied", str(folder))

    monkeypatch.setattr("os.scandir", refuse)
    with pytest.raises(InputError, match=r"own.*: cannot be read \(Permission denied\)"):
        read_data([f"folder:{root / 'own'}"])
