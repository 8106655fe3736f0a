"""Which real a fake is laid over."""

from __future__ import annotations

from pathlib import Path

import pytest

from blurprint.errors import InputError
from blurprint.lab.datasets.table import Sample, SampleTable, make_table
from blurprint.lab.studies.pairs import match_pairs, match_real_pairs, sample_groups, with_column


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


def test_frames_of_other_names_go_in_order() -> None:
    table = make_table([*frames(REAL, 0, "00 05"), *frames(FAKE, 1, "01 02")])
    assert pairs_of(table) == {
        (f"{REAL}/00.png", f"{FAKE}/01.png"),
        (f"{REAL}/05.png", f"{FAKE}/02.png"),
    }


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
