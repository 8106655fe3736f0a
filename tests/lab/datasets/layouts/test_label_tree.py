"""Names of folders that say real and fake, train and test, in every order, and contradictions."""

from __future__ import annotations

from collections import Counter

import pytest

from blurprint.errors import InputError
from blurprint.lab.datasets.account import Account
from blurprint.lab.datasets.layouts.folder import read_folder
from blurprint.lab.datasets.layouts.imagefolder import read_imagefolder
from blurprint.lab.datasets.layouts.labels import part_of
from blurprint.lab.datasets.layouts.options import ReadOptions
from trees import grow

READERS = pytest.mark.parametrize("read", [read_folder, read_imagefolder])


def tree(root, *folders, count=10):
    """Pictures in each of the folders."""
    for folder in folders:
        grow(root, *(f"{folder}/{index}.png" for index in range(count)))
    return root


def counts(table):
    """Rows by part and label."""
    return Counter(zip(table["split"], table["label"], strict=True))


@READERS
@pytest.mark.parametrize("outer", ["ai", "original", "Nature", "data/ai", "ai/data", "generated"])
def test_an_outer_name_that_holds_both_labels_is_only_a_name(tmp_path, read, outer):
    for part in ("train", "test"):
        tree(tmp_path, f"{outer}/{part}/real", f"{outer}/{part}/fake")
    account = Account()
    table = read(tmp_path, ReadOptions(), account)
    assert (table["path"].str.contains("/fake/") == (table["label"] == 1)).all()
    assert Counter(table["split"]) == {"train": 18, "val": 2, "test": 20}
    assert (table["path"].str.contains("/test/") == (table["split"] == "test")).all()
    assert (table["path"] == table["clip"]).all()  # the inner folders are classes, not clips
    assert set(table.loc[table["label"] == 1, "method"]) == {outer.split("/")[0]}
    said = [text for text in account.inferred if "is no label" in text]
    assert said == [f"{outer.removesuffix('/data')} is no label: folders of both labels lie in it"]
    assert account.labels == {"real": {"real": 20}, "fake": {"fake": 20}}


def test_parts_outside_of_an_outer_name(tmp_path):
    tree(tmp_path, *(f"{p}/original/{c}" for p in ("train", "test") for c in ("real", "fake")))
    table = read_folder(tmp_path, ReadOptions(), Account())
    assert Counter(table["split"]) == {"train": 18, "val": 2, "test": 20}
    assert table["label"].sum() == 20


def test_an_outer_name_beside_other_methods_is_a_method(tmp_path):
    tree(tmp_path, "ai/real", "ai/fake", "progan/real", "progan/fake")
    table = read_folder(tmp_path, ReadOptions(), Account())
    fakes = table[table["label"] == 1]
    assert Counter(fakes["method"]) == {"ai": 10, "progan": 10}
    assert len(table) == 40


def test_one_label_said_twice_is_no_contradiction(tmp_path):
    tree(tmp_path, "real/x", "fake/ai")
    account = Account()
    table = read_folder(tmp_path, ReadOptions(), account)
    assert Counter(table["label"]) == {0: 10, 1: 10}
    assert set(table["clip"]) == {str(tmp_path / "real/x"), str(tmp_path / "fake/ai")}
    assert account.labels == {"real": {"real": 10}, "fake": {"fake": 10}}


def test_the_class_is_the_folder_at_the_level_of_the_others(tmp_path):
    tree(tmp_path, "ai/fake", "progan/real", "progan/fake", count=40)
    table = read_folder(tmp_path, ReadOptions(), Account())
    assert len(table) == 120  # ai/fake holds pictures, and is no clip of 32 frames
    assert Counter(table.loc[table["label"] == 1, "method"]) == {"ai": 40, "progan": 40}


def test_an_inner_name_in_both_classes_is_only_a_name(tmp_path):
    tree(tmp_path, "real/nature", "fake/nature", "real/cats", "fake/cats")
    account = Account()
    table = read_folder(tmp_path, ReadOptions(), account)
    assert (table["path"].str.contains("/fake/") == (table["label"] == 1)).all()
    assert set(table["group"]) == {"nature", "cats"}
    assert "nature in folders of both labels is no label" in account.inferred


@READERS
@pytest.mark.parametrize(
    ("folders", "outer", "inner"),
    [
        (["real/fake", "fake"], "real (real)", "real/fake (fake)"),
        (["fake/original", "real"], "fake (fake)", "fake/original (real)"),
        (["fake/original", "fake/generated", "real"], "fake (fake)", "fake/original (real)"),
        (["ai/real", "nature"], "ai (fake)", "ai/real (real)"),
        (["ai/real", "ai/fake", "nature"], "ai (fake)", "ai/real (real)"),
        (["ai/real", "ai/fake", "nature/real", "nature/fake"], "ai (fake)", "ai/real (real)"),
        (["ai/train/real", "ai/train/fake", "ai"], "ai (fake)", "ai/train/real (real)"),
        (
            ["train/fake/clip/real", "train/real/clip"],
            "train/fake (fake)",
            "train/fake/clip/real (real)",
        ),
    ],
)
def test_contradictions_name_both_folders(tmp_path, read, folders, outer, inner):
    tree(tmp_path, *folders)
    with pytest.raises(InputError) as raised:
        read(tmp_path, ReadOptions(), Account())
    assert "Expected the folders above a picture to say one label" in str(raised.value)
    assert f"but got {outer} and {inner}" in str(raised.value)


@READERS
@pytest.mark.parametrize(
    "order", ["{part}/{label}", "{label}/{part}", "x/{label}/{part}", "{label}/celebs/{part}"]
)
@pytest.mark.parametrize(
    "names", [("train", "val", "test"), ("TRAIN", "Dev", "eval"), ("training", "valid", "testing")]
)
def test_parts_above_and_below_classes_are_honoured_alike(tmp_path, read, order, names):
    for size, name in zip((4, 2, 3), names, strict=True):
        for label in ("real", "fake"):
            tree(tmp_path, order.format(part=name, label=label), count=size)
    account = Account()
    table = read(tmp_path, ReadOptions(), account)
    assert counts(table) == {
        (part, label): size
        for part, size in (("train", 4), ("val", 2), ("test", 3))
        for label in (0, 1)
    }
    assert account.parts == {
        part: {name: 2 * size}
        for part, name, size in zip(("train", "val", "test"), names, (4, 2, 3), strict=True)
    }
    assert account.rules == []


@pytest.mark.parametrize(
    ("name", "part"),
    [
        *(("train", "train"), ("training", "train")),
        *((name, "val") for name in ("val", "valid", "validation", "dev", "development")),
        *((name, "test") for name in ("test", "testing", "eval", "evaluation")),
    ],
)
@pytest.mark.parametrize("case", [str.lower, str.upper, str.title])
def test_names_of_parts(tmp_path, name, part, case):
    tree(tmp_path, f"{case(name)}/real", f"{case(name)}/fake", "val/real", "val/fake")
    table = read_folder(tmp_path, ReadOptions(), Account())
    inside = table["path"].str.contains(f"/{case(name)}/")
    assert set(table.loc[inside, "split"]) == {part}


def test_a_clip_and_its_fake_are_one_group_wherever_the_part_stands(tmp_path):
    for clip in ("alice", "bob"):
        tree(tmp_path, f"train/real/{clip}", f"fake/train/{clip}", count=2)
    table = read_folder(tmp_path, ReadOptions(), Account())
    assert table.groupby("group")["label"].unique().map(sorted).to_dict() == {
        "alice": [0, 1],
        "bob": [0, 1],
    }


def test_pictures_of_a_part_are_single_and_their_own_groups(tmp_path):
    tree(tmp_path, "real/train", "real/test", "fake/train", "fake/test", count=40)
    table = read_folder(tmp_path, ReadOptions(), Account())
    assert len(table) == 160
    # 0.png of train and 0.png of test are different pictures.
    assert table["group"].is_unique


@pytest.mark.parametrize("path", ["train/real/test", "train/test/real", "real/dev/eval"])
def test_two_parts_in_one_path_are_refused(tmp_path, path):
    tree(tmp_path, path, "train/fake")
    with pytest.raises(InputError, match=r"Expected one part, but got the folders \w+ and \w+"):
        read_folder(tmp_path, ReadOptions(), Account())


def test_a_clip_named_as_a_part_is_a_clip(tmp_path):
    tree(tmp_path, *(f"{c}/{n}" for c in ("real", "fake") for n in ("alice", "bob", "test")))
    account = Account()
    table = read_folder(tmp_path, ReadOptions(), account)
    assert set(table["group"]) == {"alice", "bob", "test"}
    assert account.inferred == [
        "fake/test, real/test taken for a name, not for a part: what lies beside it is in none"
    ]


@pytest.mark.parametrize(
    "folders", [["test/real", "test/fake", "real"], ["real/a", "real/train", "real/test", "fake/a"]]
)
def test_a_tree_of_which_some_is_in_no_part_is_refused_or_drawn_anew(tmp_path, folders):
    tree(tmp_path, *folders)
    with pytest.raises(InputError, match=r"clips have none, first .*--split identity draws"):
        read_folder(tmp_path, ReadOptions(), Account())
    account = Account()
    table = read_folder(tmp_path, ReadOptions(split="identity"), account)
    assert "" not in set(table["split"])
    assert any("parts are drawn, as asked; the folders" in text for text in account.inferred)


@READERS
def test_labels_may_be_given(tmp_path, read):
    tree(tmp_path, "Genuine", "Deepfakes", "FaceSwap", "original")
    labels = {"genuine": 0, "DeepFakes": 1, "original": 1}
    account = Account()
    table = read(tmp_path, ReadOptions(labels=labels), account)
    assert Counter(table["label"]) == {0: 10, 1: 20}
    assert account.left_out == [
        "10 pictures or videos in no folder named as a label: FaceSwap/ (10)"
        " (--label FaceSwap=real|fake takes them)"
    ]
    assert account.labels == {"real": {"Genuine": 10}, "fake": {"Deepfakes": 10, "original": 10}}


def test_nothing_populated_is_dropped_in_silence(tmp_path):
    tree(tmp_path, "real", "fake", count=3)
    grow(tmp_path, "loose.png", "real/a.mp4", "fake/clip/b.mp4", "other/deep/c.png", "extra/d.mp4")
    grow(tmp_path, "notes.txt", "real/list.csv", "real/.hidden.png")
    account = Account()
    assert len(read_folder(tmp_path, ReadOptions(), account)) == 6
    assert account.left_out == [
        "2 videos in class folders that hold pictures: fake (1), real (1)",
        "3 pictures or videos in no folder named as a label: the folder itself (1),"
        " extra/ (1), other/deep/ (1) (--label extra=real|fake --label deep=real|fake takes them)",
    ]
    assert account.aside == {"file of another kind": 2, "hidden file": 1}


def test_a_folder_of_frames_named_as_its_video_is_a_clip(tmp_path):
    grow(tmp_path, *(f"{label}/a.mp4/{index}.png" for label in ("real", "fake") for index in "01"))
    table = read_folder(tmp_path, ReadOptions(), Account())
    assert set(table["clip"]) == {str(tmp_path / "real/a.mp4"), str(tmp_path / "fake/a.mp4")}
    assert set(table["group"]) == {"a.mp4"}
    assert len(table) == 4


def test_numbers_are_labels_where_no_name_is(tmp_path):
    for label in ("real", "fake"):
        tree(tmp_path, *(f"train/{label}/{clip}" for clip in ("0", "1")), count=2)
    table = read_imagefolder(tmp_path, ReadOptions(), Account())
    assert (table["path"].str.contains("/fake/") == (table["label"] == 1)).all()
    assert set(table["group"]) == {"0", "1"}
    for label in ("0", "1"):
        tree(tmp_path / "b", *(f"train/{label}/{clip}" for clip in ("0", "1")), count=2)
    table = read_imagefolder(tmp_path / "b", ReadOptions(), Account())
    assert (table["path"].str.contains("/train/1/") == (table["label"] == 1)).all()


@READERS
@pytest.mark.parametrize(
    ("train", "test"),
    [
        ("train_set", "test_set"),
        ("trainset", "testset"),
        ("Train_data", "Test_data"),
        ("train set", "test set"),
        ("training-images", "testing-images"),
        ("TrainFaces", "eval.frames"),
        ("images_train", "data-test"),
        ("traindataset", "testsplit"),
    ],
)
@pytest.mark.parametrize("order", ["{part}/{label}", "{label}/{part}"])
def test_clear_forms_of_parts(tmp_path, read, train, test, order):
    names = {"train": train, "test": test}
    for part, name in names.items():
        tree(tmp_path, *(order.format(part=name, label=label) for label in ("real", "fake")))
        assert part_of(name) == part
    account = Account()
    table = read(tmp_path, ReadOptions(), account)
    assert Counter(table["split"]) == {"train": 18, "val": 2, "test": 20}
    assert (table["path"].str.contains(test) == (table["split"] == "test")).all()
    assert account.parts == {"train": {train: 20}, "test": {test: 20}}
    assert set(table["method"]) == {"real", "fake"}


@READERS
@pytest.mark.parametrize(
    "folders",
    [
        ("celeb_train/{}", "celeb_test/{}"),
        ("{}/my train", "{}/my test"),
        ("CelebTrain2/{}", "CelebVal2/{}"),
        ("train2017/{}", "test2017/{}"),
        ("faces_training_a/{}", "faces_testset_a/{}"),
    ],
)
def test_parts_by_unclear_names_are_not_drawn_unasked(tmp_path, read, folders):
    tree(tmp_path, *(folder.format(label) for folder in folders for label in ("real", "fake")))
    names = [name for one in folders for name in one.split("/") if name != "{}"]
    with pytest.raises(InputError, match=r"to be named train, val or test .*--split identity") as e:
        read(tmp_path, ReadOptions(), Account())
    assert all(name in str(e.value) for name in names)
    assert len(read(tmp_path, ReadOptions(split="identity"), Account())) == 40


def test_labels_that_hold_parts_are_not_drawn_unasked(tmp_path):
    labels = {f"{part}_{label}": int(label == "fake")
              for part in ("train", "test") for label in ("real", "fake")}  # fmt: skip
    tree(tmp_path, *labels)
    with pytest.raises(InputError, match=r"but got test_fake, test_real, train_fake, train_real"):
        read_folder(tmp_path, ReadOptions(labels=labels), Account())


def test_one_name_with_a_part_in_it_and_the_name_of_the_root_are_said(tmp_path):
    root = tree(tmp_path / "test", "real/screen_test_3", "real/alice", "fake/bob", "fake/contest")
    account = Account()
    read_folder(root, ReadOptions(), account)
    assert account.rules == [
        "drawn by whole groups, 70/10/20 %, seed 42",
        "screen_test_3 not taken for a part",
        "not by the name of test itself",
    ]
    account = Account()
    read_folder(root, ReadOptions(split="identity"), account)
    assert account.rules == ["drawn by whole groups, 70/10/20 %, seed 42"]


def test_methods_from_folders_are_named(tmp_path):
    tree(tmp_path, "progan/real", "progan/fake", "gan/deep/fake", "fake/x")
    account = Account()
    read_folder(tmp_path, ReadOptions(), account)
    assert "methods of fakes from folders above their class: gan, progan" in account.inferred


def test_a_class_folder_that_is_a_link_is_not_left_out_under_its_other_name(tmp_path):
    tree(tmp_path, "store/r", "fake", "store/other")
    (tmp_path / "real").symlink_to("store/r")
    account = Account()
    table = read_folder(tmp_path, ReadOptions(), account)
    assert counts(table).total() == 20
    assert account.left_out == [
        "10 pictures or videos in no folder named as a label: store/other/ (10)"
        " (--label other=real|fake takes them)"
    ]


@READERS
def test_folders_that_are_no_data_are_left_out_and_said(tmp_path, read):
    tree(tmp_path, "real", "fake", "fake/masks", "real/Landmarks/a", "real/@eaDir", count=2)
    tree(tmp_path, "__MACOSX/real", "real/.ipynb_checkpoints")
    account = Account()
    assert len(read(tmp_path, ReadOptions(), account)) == 4
    assert account.left_out == [
        "16 pictures or videos in folders that are no data: __MACOSX/ (10), fake/masks/ (2),"
        " real/@eaDir/ (2), real/Landmarks/ (2)"
    ]
    table = read(tmp_path, ReadOptions(labels={"Masks": 1}), Account())
    assert len(table) == 6
