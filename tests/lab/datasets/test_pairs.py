"""Which real a fake is laid over."""

from __future__ import annotations

from pathlib import Path

import pytest

from blurprint.errors import InputError
from blurprint.lab.datasets.pairs import match_pairs, match_real_pairs, sample_groups, with_column
from blurprint.lab.datasets.table import Sample, SampleTable, make_table
from blurprint.lab.studies.pairs_in_words import (
    matched_by,
    pairing_summary,
    pairing_words,
    show_one_frame,
)


def row(path: str, label: int, group: str = "g", clip: str = "", method: str = "") -> Sample:
    return Sample(path, label, method or ("fake" if label else "real"), group, "test", clip or path)


def pairs_of(table: SampleTable, column: str | None = None) -> set[tuple[str, str]]:
    found = match_pairs(table, column=column)
    return set(zip(found["real"], found["fake"], strict=True))


def frames(clip: str, label: int, names: str, group: str = "000") -> list[Sample]:
    return [row(f"{clip}/{name}.png", label, group, clip) for name in names.split()]


REAL = "d/original_sequences/youtube/c23/faces/000"
OTHER = "d/original_sequences/youtube/c23/faces/003"
FAKE = "d/manipulated_sequences/Deepfakes/c23/faces/000_003"


def test_a_swapped_face_goes_with_the_clip_that_it_was_put_into() -> None:
    table = make_table(
        [*frames(REAL, 0, "00 01"), *frames(OTHER, 0, "00 01"), *frames(FAKE, 1, "01 02")]
    )
    assert pairs_of(table) == {(f"{REAL}/01.png", f"{FAKE}/01.png")}
    found = match_pairs(table)
    assert found.loc[0, ["real_clip", "fake_clip"]].tolist() == [REAL, FAKE]
    assert "face was put into" in found.attrs["rule"]


@pytest.mark.parametrize(
    ("reals", "fakes"),
    [
        ("00010 00012", "10 12 14"),
        ("frame_0010 frame_0012", "00010 00012 00014"),
        ("000_10 000_12", "000_003_10 000_003_12 000_003_14"),
        ("10_0 12_0", "frame10_00 frame12_00 frame14_00"),  # frame and face
    ],
)
def test_frames_are_matched_by_the_numbers_in_their_names(reals: str, fakes: str) -> None:
    table = make_table([*frames(REAL, 0, reals), *frames(FAKE, 1, fakes)])
    found = match_pairs(table)
    both = zip(reals.split(), fakes.split()[:2], strict=True)
    assert pairs_of(table) == {(f"{REAL}/{one}.png", f"{FAKE}/{two}.png") for one, two in both}
    assert found["matched"].tolist() == ["number", "number"]
    assert "frames of the same number" in matched_by(found)
    assert pairing_summary(found) == {
        "pairs_in_order_alone": 0,
        "pairs_counted_from_elsewhere": 0,
        "fakes_in_no_pair": 1,
        "reals_in_no_pair": 0,
    }
    (sentence,) = pairing_words(found)
    assert "1 of 3 fakes" in sentence
    assert f"{FAKE}/{fakes.split()[2]}.png" in sentence


def test_frames_counted_from_another_beginning_may_not_be_the_same() -> None:
    table = make_table([*frames(REAL, 0, "000 001 002"), *frames(FAKE, 1, "f_1 f_2 f_3")])
    found = match_pairs(table)
    assert found["matched"].tolist() == ["shifted", "shifted"]
    assert pairing_summary(found)["pairs_counted_from_elsewhere"] == 2
    assert "counted from another beginning" in matched_by(found)
    assert "not the same frame" in pairing_words(found)[0]
    assert not show_one_frame(found)


def test_numbers_that_stand_twice_match_nothing() -> None:
    table = make_table([*frames(REAL, 0, "7 007 8"), *frames(FAKE, 1, "frame7 frame8")])
    assert pairs_of(table) == {(f"{REAL}/8.png", f"{FAKE}/frame8.png")}


def test_some_frames_by_name_and_the_rest_by_number() -> None:
    table = make_table([*frames(REAL, 0, "01 02 03"), *frames(FAKE, 1, "01 2 9")])
    found = match_pairs(table)
    assert dict(zip(found["real"], found["matched"], strict=True)) == {
        f"{REAL}/01.png": "name",
        f"{REAL}/02.png": "number",
    }
    assert "frames of the same name (1 of 2)" in matched_by(found)
    assert pairing_summary(found)["reals_in_no_pair"] == 1


def test_the_same_path_with_other_zeros_is_the_same_picture_and_another_word_is_not() -> None:
    table = make_table([row("d/real/a/0012.png", 0, "a"), row("d/fake/a/frame_12.jpg", 1, "a")])
    assert pairs_of(table) == {("d/real/a/0012.png", "d/fake/a/frame_12.jpg")}
    other = make_table([row("d/real/a/img_12.png", 0, "a"), row("d/fake/a/gan_12.png", 1, "a")])
    with pytest.raises(InputError, match="found none"):
        match_pairs(other)


def test_frames_of_other_numbers_go_in_order_and_this_is_said() -> None:
    table = make_table([*frames(REAL, 0, "00 05"), *frames(FAKE, 1, "01 02 03")])
    assert pairs_of(table) == {
        (f"{REAL}/00.png", f"{FAKE}/01.png"),
        (f"{REAL}/05.png", f"{FAKE}/02.png"),
    }
    found = match_pairs(table)
    assert matched_by(found).endswith("not matched by frame but in the order of names")
    in_order, left_out = pairing_words(found)
    assert "2 of 2 pairs" in in_order
    assert "nothing says that they show the same frame" in in_order
    assert f"1 of 3 fakes (such as {FAKE}/03.png)" in left_out
    natural = make_table([*frames(REAL, 0, "f9a f10a"), *frames(FAKE, 1, "g9b0 g10b0")])
    assert (f"{REAL}/f9a.png", f"{FAKE}/g9b0.png") in pairs_of(natural)


@pytest.mark.parametrize(
    ("real", "fake"),
    [
        (
            "original_sequences/actors/c23/faces/01__kitchen_pan",
            "manipulated_sequences/DeepFakeDetection/c23/faces/01_02__kitchen_pan__YVGY8LOK",
        ),
        ("Celeb-real/faces/id0_0000", "Celeb-synthesis/faces/id0_id16_0000"),
    ],
)
def test_other_data_sets_of_swapped_faces(real: str, fake: str) -> None:
    table = make_table([*frames(real, 0, "00"), *frames(fake, 1, "00")])
    assert pairs_of(table) == {(f"{real}/00.png", f"{fake}/00.png")}


def test_same_path_but_for_the_class() -> None:
    table = make_table(
        [
            row("d/real/a/00.png", 0, "a"),
            row("d/real/b/00.png", 0, "b"),
            row("d/fake/a/00.png", 1, "a"),
            row("d/fake/c/00.png", 1, "c"),
        ]
    )
    assert pairs_of(table) == {("d/real/a/00.png", "d/fake/a/00.png")}


def test_same_name_in_one_group_only_where_it_is_one() -> None:
    table = make_table(
        [
            row("x/1.png", 0, "a"),
            row("y/1.png", 1, "a"),
            row("x/2.png", 0, "b"),
            row("z/2.png", 0, "b"),
            row("y/2.png", 1, "b"),
        ]
    )
    assert pairs_of(table) == {("x/1.png", "y/1.png")}


def test_a_column_or_the_order_of_paths() -> None:
    table = make_table(
        [row("r1", 0), row("r2", 0), row("f1", 1), row("f2", 1), row("g1", 1, method="GAN")]
    )
    # Sorted by path: f1, f2, g1, r1, r2.
    table["scene"] = ["b", "a", "b", "a", "b"]
    assert pairs_of(table, "scene") == {("r2", "f1"), ("r1", "f2"), ("r2", "g1")}
    assert pairs_of(table, "sort") == {("r1", "f1"), ("r2", "f2"), ("r1", "g1")}
    table["scene"] = ["", "", float("nan"), "", "b"]
    with pytest.raises(InputError, match="equal values of the column scene"):
        match_pairs(table, column="scene")


def test_errors_say_what_was_looked_for() -> None:
    table = make_table([row("r.png", 0, "a"), row("f.png", 1, "b")])
    with pytest.raises(InputError, match=r"000_003.*other class.*one group; found none"):
        match_pairs(table)
    with pytest.raises(InputError, match='a column "scene"'):
        match_pairs(table, column="scene")
    with pytest.raises(InputError, match="two reals"):
        match_real_pairs(table)


def test_the_null_pairs_two_reals_of_one_clip_and_never_one_with_itself() -> None:
    # Both clips are of one group, as two people are that swapped faces.
    table = make_table([*frames(REAL, 0, "00 01 02 03"), *frames(OTHER, 0, "00 01")])
    found = match_real_pairs(table, seed=3)
    assert (found["real"] != found["fake"]).all()
    assert (found["real_clip"] == found["fake_clip"]).all()
    assert found["real_clip"].value_counts().to_dict() == {REAL: 4, OTHER: 1}
    assert found.equals(match_real_pairs(table, seed=3))
    assert not found.equals(match_real_pairs(table, seed=4))


def test_single_pictures_are_paired_within_their_group() -> None:
    table = make_table([row("1", 0, "a"), row("2", 0, "a"), row("3", 0, "b")])
    found = match_real_pairs(table)
    assert len(found) == 1
    assert {*found["real"], *found["fake"]} == {"1", "2"}


def test_a_sample_keeps_groups_whole() -> None:
    table = make_table(
        row(f"{kind}/{group}/{name}", label, str(group))
        for group in range(10)
        for label, kind in enumerate(("real", "fake"))
        for name in range(2)
    )
    drawn = sample_groups(table, 13, seed=1)
    assert drawn["group"].value_counts().tolist() == [4, 4, 4]
    assert len(pairs_of(drawn)) == 6
    assert sample_groups(table, 99).equals(table)
    assert len(pairs_of(sample_groups(table.assign(group="one"), 8))) == 4


def test_a_column_of_the_users_table(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("path,label,scene\nr.png,0,7\nf.png,1,7\n")
    table = make_table([row(str(tmp_path / "r.png"), 0), row(str(tmp_path / "f.png"), 1)])
    data = [f"table:{tmp_path / 't.csv'}", f"folder:{tmp_path}"]
    assert len(match_pairs(with_column(table, data, "scene"), column="scene")) == 1
    with pytest.raises(InputError, match='column "place"'):
        with_column(table, data, "place")
