"""Layouts of single pictures: CIFAKE, COCO, DiffusionDB, GenImage."""

from __future__ import annotations

from collections import Counter

import pandas as pd
import pytest

from blurprint.errors import InputError
from blurprint.lab.datasets.account import Account
from blurprint.lab.datasets.layouts.cifake import read_cifake
from blurprint.lab.datasets.layouts.coco import read_coco
from blurprint.lab.datasets.layouts.diffusiondb import read_diffusiondb
from blurprint.lab.datasets.layouts.genimage import read_genimage
from blurprint.lab.datasets.layouts.options import ReadOptions
from trees import grow, write_json


def test_cifake_validates_on_a_tenth_of_each_class(tmp_path):
    for name in ("REAL", "FAKE"):
        for index in range(20):
            grow(tmp_path, f"train/{name}/{index:04} (2).jpg")
        grow(tmp_path, f"test/{name}/0000 (2).jpg")
    table = read_cifake(tmp_path, ReadOptions(), Account())
    assert Counter(zip(table["label"], table["split"], strict=True)) == {
        (label, part): count
        for label in (0, 1)
        for part, count in (("train", 18), ("val", 2), ("test", 1))
    }
    assert table["group"].is_unique
    assert (table["clip"] == table["path"]).all()
    assert (table["path"].str.contains("FAKE") == (table["label"] == 1)).all()


def test_cifake_errors(tmp_path):
    grow(tmp_path, "train/REAL/a.jpg", "train/FAKE/a.jpg", "test/REAL/a.jpg")
    with pytest.raises(InputError, match=r"test: Expected pictures in .*but got REAL/"):
        read_cifake(tmp_path, ReadOptions(), Account())
    with pytest.raises(InputError, match=r'cifake has \(official\), but got "identity"'):
        read_cifake(tmp_path, ReadOptions(split="identity"), Account())


def test_coco_is_real(tmp_path):
    for part, count in (("train", 20), ("val", 5), ("test", 5), ("unlabeled", 3)):
        for index in range(count):
            grow(tmp_path, f"{part}2017/{part}{index:012}.jpg")
    write_json(tmp_path / "annotations/instances_val2017.json", {})
    table = read_coco(tmp_path, ReadOptions(), Account())
    assert Counter(table["split"]) == {"train": 23, "val": 5, "test": 5}
    assert set(table["label"]) == {0}
    drawn = read_coco(tmp_path, ReadOptions(split="identity"), Account())
    assert Counter(drawn["split"]) == {"train": 23, "val": 3, "test": 7}


def test_coco_with_one_folder_is_drawn(tmp_path):
    for index in range(10):
        grow(tmp_path, f"val2017/{index:012}.jpg")
    table = read_coco(tmp_path, ReadOptions(), Account())
    assert Counter(table["split"]) == {"train": 7, "val": 1, "test": 2}
    inside = read_coco(tmp_path / "val2017", ReadOptions(), Account())
    assert table["split"].tolist() == inside["split"].tolist()
    official = read_coco(tmp_path / "val2017", ReadOptions(split="official"), Account())
    assert set(official["split"]) == {"val"}


def test_coco_errors(tmp_path):
    with pytest.raises(InputError, match="Expected pictures in train2017/"):
        read_coco(tmp_path, ReadOptions(), Account())
    grow(tmp_path, "holiday/a.jpg")
    with pytest.raises(InputError, match=r"a.jpg: Expected pictures in train2017/"):
        read_coco(tmp_path, ReadOptions(split="official"), Account())


def diffusiondb(root, prompts_in=write_json):
    for number in (1, 2):
        part = f"part-{number:06}"
        rows = {}
        for index in range(20):
            name = f"{number}-{index}.png"
            grow(root, f"{part}/{name}")
            # Seeds of one prompt lie in both folders, written with other capitals and spaces.
            rows[name] = {"p": f"A cat {index // 2}" if number == 1 else f"a  cat {index // 2}"}
        prompts_in(root / part / f"{part}.json", rows)
    return root


@pytest.mark.parametrize("above", ["images", "."])
def test_seeds_of_one_prompt_stay_together(tmp_path, above):
    diffusiondb(tmp_path / above)
    table = read_diffusiondb(tmp_path, ReadOptions(), Account())
    assert set(table["label"]) == {1}
    assert table["group"].value_counts().tolist() == [4] * 10
    assert table.groupby("group")["split"].nunique().max() == 1
    assert Counter(table["split"]) == {"train": 28, "val": 4, "test": 8}


def test_prompts_from_the_metadata(tmp_path):
    prompts: dict[str, str] = {}
    diffusiondb(
        tmp_path / "images",
        lambda _, rows: prompts.update({name: row["p"] for name, row in rows.items()}),
    )
    account = Account()
    assert read_diffusiondb(tmp_path, ReadOptions(), account)["group"].is_unique
    assert account.left_out[0].startswith("prompts of 40 of 40 pictures are unknown")
    frame = pd.DataFrame({"image_name": list(prompts), "prompt": list(prompts.values()), "seed": 1})
    frame.to_parquet(tmp_path / "metadata.parquet")
    assert read_diffusiondb(tmp_path, ReadOptions(), Account())["group"].nunique() == 10


def test_diffusiondb_errors(tmp_path):
    grow(tmp_path, "images/a.txt")
    with pytest.raises(InputError, match=r"Expected images/part-000001/.*but got images/"):
        read_diffusiondb(tmp_path, ReadOptions(), Account())
    diffusiondb(tmp_path)
    write_json(tmp_path / "part-000001/part-000001.json", {"1-0.png": "a cat"})
    with pytest.raises(InputError, match=r"part-000001.json: Expected .*the prompt"):
        read_diffusiondb(tmp_path, ReadOptions(), Account())
    (tmp_path / "part-000001/part-000001.json").unlink()
    pd.DataFrame({"name": ["a"]}).to_parquet(tmp_path / "metadata.parquet")
    with pytest.raises(InputError, match=r"metadata.parquet: Expected the columns image_name"):
        read_diffusiondb(tmp_path, ReadOptions(), Account())
    with pytest.raises(InputError, match=r"diffusiondb has \(identity\)"):
        read_diffusiondb(tmp_path, ReadOptions(split="official"), Account())


def genimage(home, photographs):
    for part, count in (("train", 20), ("val", 5)):
        for index in range(count):
            grow(home, f"{part}/ai/{part}_{index}.png")
            grow(home, f"{part}/nature/n01440764_{photographs}_{part}_{index}.JPEG")
    return home


def test_genimage_tests_on_val(tmp_path):
    genimage(tmp_path / "stable_diffusion_v_1_5/imagenet_ai_0424_sdv5", 1)
    genimage(tmp_path / "BigGAN", 1)
    table = read_genimage(tmp_path, ReadOptions(), Account())
    assert Counter(table["split"]) == {"train": 72, "val": 8, "test": 20}
    assert set(table.loc[table["label"] == 1, "method"]) == {"stable_diffusion_v_1_5", "BigGAN"}
    assert set(table.loc[table["label"] == 0, "method"]) == {"real"}
    assert table.loc[table["split"] == "test", "path"].str.contains("/val/").all()
    # Both generators came with the same photographs.
    nature = table[table["label"] == 0]
    assert nature["group"].value_counts().tolist() == [2] * 25
    assert table.groupby("group")["split"].nunique().max() == 1


def test_genimage_may_be_one_generator(tmp_path):
    table = read_genimage(genimage(tmp_path / "Midjourney", 1), ReadOptions(), Account())
    assert set(table["method"]) == {"real", "Midjourney"}
    with pytest.raises(InputError, match=r"GENERATOR/.*but got ai/, nature/"):
        read_genimage(tmp_path / "Midjourney/train", ReadOptions(), Account())


def test_a_small_genimage_whose_val_has_no_reals(tmp_path):
    genimage(tmp_path / "sdv5", 1)
    for picture in (tmp_path / "sdv5/val/nature").iterdir():
        picture.unlink()
    grow(tmp_path, "sdv5/train/nature/n01440764/0.JPEG", "other/0.png")
    account = Account()
    table = read_genimage(tmp_path, ReadOptions(), account)
    assert account.lines(table)[-1] == "Warning: part test has no reals"
    assert account.inferred == ["sdv5/val/nature/ holds no pictures"]
    assert account.parts == {"train": {"train": 40}, "test": {"val": 5}}
    assert account.left_out == [
        "2 pictures or videos where the layout has none: other/ (1), sdv5/train/nature/n01440764/"
        " (1)"
    ]


@pytest.mark.parametrize("folder", [".", "images", "a/b"])
def test_a_flat_folder_of_diffusiondb(tmp_path, folder):
    grow(tmp_path / folder, *(f"{index}.png" for index in range(10)))
    account = Account()
    table = read_diffusiondb(tmp_path, ReadOptions(), account)
    assert len(table) == 10
    assert set(table["label"]) == {1}
    assert account.inferred[0] == "no folder part-NNNNNN: the pictures of all folders are taken"
    assert account.left_out[0].startswith("prompts of 10 of 10 pictures are unknown")


def test_pictures_beside_the_parts_of_diffusiondb_are_counted(tmp_path):
    diffusiondb(tmp_path)
    grow(tmp_path, "a.png", "more/b.png")
    account = Account()
    assert len(read_diffusiondb(tmp_path, ReadOptions(), account)) == 40
    assert account.left_out == [
        "2 pictures or videos where the layout has none: the folder itself (1), more/ (1)"
    ]


def test_pictures_beside_the_folders_of_cifake_are_counted(tmp_path):
    grow(
        tmp_path,
        *(f"{part}/{name}/0.jpg" for part in ("train", "test") for name in ("REAL", "FAKE")),
    )
    grow(tmp_path, "train/REAL/more/1.jpg", "samples/2.jpg")
    account = Account()
    assert len(read_cifake(tmp_path, ReadOptions(), account)) == 4
    assert account.left_out == [
        "2 pictures or videos where the layout has none: samples/ (1), train/REAL/more/ (1)"
    ]


def test_parts_of_coco_that_are_not_followed_are_said(tmp_path):
    grow(tmp_path, *(f"val2017/{index}.jpg" for index in range(10)), "val2017/a.mp4")
    account = Account()
    read_coco(tmp_path, ReadOptions(), account)
    assert account.inferred == [
        "every picture is taken for a real photograph",
        "the parts of COCO's folders are not followed, for one of train, val, test is missing",
    ]
    assert account.left_out == ["1 video"]


def test_data_sets_of_one_label_refuse_folders_named_with_the_other(tmp_path):
    grow(tmp_path, "coco/train/fake/a.png", "db/train/real/a.png", "db/dev/b.png")
    with pytest.raises(InputError, match=r"real pictures alone, but got one named fake, which"):
        read_coco(tmp_path / "coco", ReadOptions(), Account())
    with pytest.raises(InputError, match=r"fake pictures alone, but got one named real, which"):
        read_diffusiondb(tmp_path / "db", ReadOptions(), Account())
    account = Account()
    table = read_diffusiondb(tmp_path / "db", ReadOptions(labels={"real": 1}), account)
    assert table["label"].tolist() == [1, 1]
    assert "the folders dev, train are not followed as parts" in account.inferred


def test_folders_that_are_no_data_and_names_that_are_no_parts_are_said(tmp_path):
    grow(tmp_path / "coco", *(f"my_test/{n}.jpg" for n in range(10)), "my_test/masks/0.png")
    account = Account()
    assert len(read_coco(tmp_path / "coco", ReadOptions(), account)) == 10
    assert account.left_out == [
        "1 picture or video in folders that are no data: my_test/masks/ (1)"
    ]
    assert "the folders my_test are not followed as parts" in account.inferred
    grow(tmp_path / "db", *(f"train_set/{n}.png" for n in range(10)), "__MACOSX/0.png")
    account = Account()
    assert len(read_diffusiondb(tmp_path / "db", ReadOptions(), account)) == 10
    assert "1 picture or video in folders that are no data: __MACOSX/ (1)" in account.left_out
    assert "the folders train_set are not followed as parts" in account.inferred
