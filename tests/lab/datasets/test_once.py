"""Every file once, whatever its path is spelt like; what contradicts itself is refused."""

from __future__ import annotations

import pytest

from blurprint.errors import InputError
from blurprint.lab.datasets.once import real_paths
from blurprint.lab.datasets.read import read_data, read_described
from trees import grow, write_json


def own_table(root, *rows, header="path,label"):
    (root / "t.csv").write_text("\n".join([header, *rows]))
    return [f"table:{root / 't.csv'}"]


@pytest.fixture
def root(tmp_path):
    return grow(tmp_path, *(f"{name}/{index}.png" for name in "rf" for index in range(10)))


@pytest.mark.parametrize("again", ["r/1.png", "./r/1.png", "r/../r/1.png", "link/1.png", "one.png"])
def test_a_file_that_is_listed_again_counts_once(root, again):
    (root / "link").symlink_to(root / "r")
    (root / "one.png").symlink_to("r/1.png")
    header = "path,label,group"
    rows = [f"{path},{label},{index}" for index in range(10) for path, label in pairs(index)]
    reading = read_described(own_table(root, *rows, f"{again},0,1", header=header))
    assert len(reading.table) == 20
    assert reading.account.left_out == ["1 row that lists a file again"]
    assert (
        sum(real == str((root / "r/1.png").resolve()) for real in real_paths(reading.table.path))
        == 1
    )


def pairs(index):
    return ((f"r/{index}.png", 0), (f"f/{index}.png", 1))


@pytest.mark.parametrize("again", ["r/1.png", "./r/1.png", "r/../r/1.png", "link/1.png", "one.png"])
def test_a_file_with_both_labels_is_refused(root, again):
    (root / "link").symlink_to(root / "r")
    (root / "one.png").symlink_to("r/1.png")
    rows = [f"{path},{label}" for index in range(10) for path, label in pairs(index)]
    with pytest.raises(InputError, match=r"png: Expected a file with one label, but got") as e:
        read_data(own_table(root, *rows, f"{again},fake"))
    assert "real" in str(e.value)
    assert "fake" in str(e.value)


def test_a_file_in_two_parts_is_refused(root):
    rows = ["r/0.png,0,train", "f/0.png,1,val", "r/../r/0.png,0,test"]
    with pytest.raises(InputError, match=r"Expected a file in one part, but got .*test .*train"):
        read_data(own_table(root, *rows, header="path,label,split"))


def test_a_fake_of_two_methods_is_refused(root):
    rows = ["r/0.png,0,", "f/0.png,1,GAN", "f/0.png,1,VAE"]
    with pytest.raises(InputError, match="with one method, but got GAN and VAE"):
        read_data(own_table(root, *rows, header="path,label,method"))


def test_data_of_one_folder_that_is_spelt_differently_are_refused(root, monkeypatch):
    grow(root, "own/real/a.png", "own/fake/a.png")
    (root / "alias").symlink_to(root / "own")
    monkeypatch.chdir(root)
    for other in ("folder:alias", "folder:own", f"folder:{root / 'own/../own'}"):
        with pytest.raises(InputError, match=r"every file once, but 2 are read twice, first .*own"):
            read_data([f"folder:{root / 'own'}", other])


def test_pictures_that_are_real_here_and_fake_there_are_refused(root):
    with pytest.raises(
        InputError, match=r"one label, but got real in coco:.* and fake in diffusio"
    ):
        read_data([f"coco:{root / 'r'}", f"diffusiondb:{root / 'r'}"])


@pytest.mark.parametrize(
    ("header", "rows", "message"),
    [
        ("path,label,clip", ["r/0.png,0,a", "f/0.png,1,a"], "one label, .* a have fake and real"),
        (
            "path,label,clip,method",
            ["f/0.png,1,a,GAN", "f/1.png,1,a,VAE"],
            r"one method, .* a have GAN and VAE \(1 clip so\)",
        ),
        (
            "path,label,clip,group",
            ["r/0.png,0,a,x", "r/1.png,0,a,y", "f/0.png,1,b,x", "f/1.png,1,b,y"],
            r"one group, .* b have x and y \(2 clips so\)",
        ),
    ],
)
def test_clips_that_contradict_themselves_are_refused(root, header, rows, message):
    with pytest.raises(InputError, match=message):
        read_data(own_table(root, *rows, header=header))


def test_clips_of_one_name_in_two_tables_are_told_apart(root):
    for name, label in (("r", 0), ("f", 1)):
        rows = [f"{index}.png,{label},0" for index in range(3)]
        (root / name / "t.csv").write_text("\n".join(["path,label,clip", *rows]))
    table = read_data([f"table:{root / name / 't.csv'}" for name in "rf"])
    assert set(table["clip"]) == {f"table:{root / name / 't.csv'}/0" for name in "rf"}


def test_frames_that_two_clips_list_are_counted_or_refused(tmp_path):
    frames = [f"D/c/{index}.png" for index in range(4)]
    grow(tmp_path, *frames, *(f"D/r/{index}.png" for index in range(4)))
    real = {"train": {"r": {"label": "real", "frames": [one.replace("c", "r") for one in frames]}}}

    def of(**parts):
        fake = {
            part: {name: {"label": "fake", "frames": frames} for name in names.split()}
            for part, names in parts.items()
        }
        file = write_json(tmp_path / "D.json", {"D": {"real": real, "fake": fake}})
        return [f"deepfakebench:{file}"]

    said = r"in one part, but got (train|val) in clip .*/c and test in clip .*/other \(4 files so\)"
    with pytest.raises(InputError, match=said):
        read_data(of(train="c", test="other"))
    reading = read_described(of(val="c other"))
    assert reading.account.left_out == ["4 rows that list a file again"]
    assert len(reading.table) == 8
