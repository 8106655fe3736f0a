"""Active pixels: counts by hand, a planted effect found, and none where there is none."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from blurprint.errors import InputError
from blurprint.lab.datasets.table import Sample, SampleTable, make_table
from blurprint.lab.loading.flat_maps import FlatMaps
from blurprint.lab.loading.maps import Maps
from blurprint.lab.studies.binary_mask import active_pixels, count_active, study_binary_mask
from blurprint.optics.minmax import minmax
from shots import with_shuffled_labels


def test_active_pixels_by_hand() -> None:
    real = np.float32([[0.0, 0.25], [0.5, 1.0]])
    fake = np.float32([[0.5, 0.25], [0.25, 1.0]])
    # Differences: 0.5, 0, 0.25, 0.
    assert active_pixels(fake, real, 0.25).tolist() == [[True, False], [False, False]]
    assert count_active(fake, real, (0.5, 0.25, 0.1, 0.0)) == [0, 1, 2, 2]
    assert count_active(real, fake, (0.25, 0.1)) == count_active(fake, real, (0.25, 0.1))
    with pytest.raises(InputError, match="one shape"):
        active_pixels(fake, real[:1], 0.1)
    with pytest.raises(InputError, match="threshold"):
        active_pixels(fake, real, -1.0)


def test_a_constant_map_stretches_to_zeros() -> None:
    assert not minmax(np.full((2, 2), 3, np.float32)).any()


def test_a_pasted_blur_is_found_and_shuffled_labels_show_none(
    shots: SampleTable, maps: Maps
) -> None:
    study = study_binary_mask(shots, maps)
    pixels = study.summary["maps"]["metric"]["0.5 px"]
    # The disk has 1.5 px more over pi / 16 = 19.6 % of the picture; shots differ by 0.6 px at most.
    assert pixels["ratio_to_null"]["low"] > 1.4, "without an effect it is 1"
    assert 0.10 < pixels["share_active"]["value"] < 0.30
    assert pixels["share_active_null"]["value"] < 0.06
    assert study.summary["maps"]["minmax"]["0.1"]["ratio_to_null"]["low"] > 1.5
    spread = pixels["active_pixels"]
    assert spread["min"] <= spread["median"] <= spread["max"] <= 96 * 96
    shuffled = study_binary_mask(with_shuffled_labels(shots), maps, pair_by="pair")
    ratio = shuffled.summary["maps"]["metric"]["0.5 px"]["ratio_to_null"]
    assert ratio["low"] < 1 < ratio["high"]


def test_the_table_is_tidy_and_agrees_with_the_summary(shots: SampleTable, maps: Maps) -> None:
    study = study_binary_mask(shots, maps, draws=20, examples=2)
    rows = study.table[
        (study.table["pair"] == "fake-real")
        & (study.table["map"] == "minmax")
        & (study.table["threshold"] == 0.1)
    ]
    assert len(rows) == study.summary["pairs"] == 30
    stored = study.summary["maps"]["minmax"]["0.1"]
    assert rows["active_pixels"].mean() == stored["active_pixels"]["mean"]
    assert [one.name for one in study.figures] == ["active-pixels", "masks-minmax", "masks-metric"]
    assert all(one.png.startswith(b"\x89PNG") and b"<svg" in one.svg for one in study.figures)


def test_without_two_reals_the_words_say_that_there_is_no_null(
    shots: SampleTable, maps: Maps
) -> None:
    alone = shots[shots["path"].str.endswith("00.png")]
    study = study_binary_mask(alone, maps, draws=20)
    assert study.summary["null_pairs"] == 0
    assert study.summary["maps"]["minmax"]["0.1"]["ratio_to_null"]["value"] is None
    assert any("nothing about fakes" in text for text in study.words)


class _MadeMaps(Maps):
    """Maps of 100 x 100 from the name of the picture, without any file."""

    def of(self, path: str) -> dict[str, np.ndarray]:
        rng = np.random.default_rng(len(path))
        sigma = rng.random((100, 100), np.float32)
        return {"minmax": minmax(sigma), "metric": sigma}


def test_memory_does_not_grow_with_the_maps(maps: Maps) -> None:
    table = make_table(
        Sample(f"{kind}/{clip}/{frame}.png", label, kind, str(clip), "test", f"{kind}/{clip}")
        for label, kind in enumerate(("real", "fake"))
        for clip in range(20)
        for frame in range(10)
    )
    made = _MadeMaps(maps.options)
    from blurprint.lab.studies import binary_mask

    pairs = binary_mask.match_pairs(table)
    tracemalloc.start()
    binary_mask._measure(pairs, pairs.iloc[:0], made, FlatMaps(), None)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # 400 maps of 40 kB would be 16 MB; a few at a time are far less.
    assert len(pairs) == 200
    assert peak < 2e6


def of_groups(table: SampleTable, count: int) -> SampleTable:
    return table[table["group"].astype(int) < count].reset_index(drop=True)


def test_few_groups_give_counts_but_no_interval_and_no_claim(
    shots: SampleTable, maps: Maps
) -> None:
    # One pair of reals: two of the three shots of one group.
    few = of_groups(shots, 1)[lambda rows: ~rows["path"].str.endswith("02.png")]
    study = study_binary_mask(few, maps, draws=20)
    summary = study.summary
    assert (summary["null_pairs"], summary["groups"], summary["null_groups"]) == (1, 1, 1)
    assert not summary["enough_groups_for_a_claim"]
    ratio = summary["maps"]["metric"]["0.5 px"]["ratio_to_null"]
    assert ratio["low"] is ratio["high"] is None
    text = " ".join(study.words)
    assert "1 group with a fake and its real, and 1 group with two reals" in text
    assert "No claim is made and no interval is given" in text
    assert "Fakes differ" not in text
    assert "95 %" not in text
    nine = study_binary_mask(of_groups(shots, 9), maps, draws=20)
    assert not any("Fakes differ" in one for one in nine.words)
    ten = study_binary_mask(of_groups(shots, 10), maps, draws=20)
    assert any("Fakes differ from their reals more" in one for one in ten.words)
    assert "95 %" in " ".join(ten.words)


def test_many_groups_of_pairs_do_not_help_a_null_of_one(shots: SampleTable, maps: Maps) -> None:
    lone = shots["path"].str.endswith("00.png") | (shots["group"] == "000")
    study = study_binary_mask(shots[lone].reset_index(drop=True), maps, draws=20)
    pixels = study.summary["maps"]["metric"]["0.5 px"]
    assert (study.summary["groups"], study.summary["null_groups"]) == (10, 1)
    assert pixels["share_active"]["low"] is not None
    assert pixels["ratio_to_null"]["low"] is None
    assert study.summary["reals_in_no_null_pair"] == 9
    assert any("in no such pair: 9 of 12" in one for one in study.words)
    assert not any("Fakes differ" in one for one in study.words)


def test_the_order_of_paths_supports_no_claim(shots: SampleTable, maps: Maps) -> None:
    study = study_binary_mask(shots, maps, pair_by="sort", draws=20)
    assert not study.summary["pairs_show_one_scene"]
    assert study.summary["pairs_in_order_alone"] == 30
    assert any("may show different scenes" in one for one in study.words)
    assert not any("Fakes differ" in one for one in study.words)


def test_maps_without_any_structure_are_counted(shots: SampleTable, maps: Maps) -> None:
    class OneFlat(Maps):
        def of(self, path: str) -> dict[str, np.ndarray]:
            flat = "real/000" in path
            return {name: one * (not flat) for name, one in maps.of(path).items()}

    study = study_binary_mask(shots, OneFlat(maps.options), draws=20)
    assert study.summary["flat_maps"] == {
        "reals": {"same_everywhere": 3, "of": 30},
        "fakes": {"same_everywhere": 0, "of": 30},
    }
    assert "3 of 30 reals and 0 of 30 fakes are the same everywhere" in study.words[-1]


def test_many_maps_without_structure_support_no_claim(shots: SampleTable, maps: Maps) -> None:
    class FakesFlat(Maps):
        def of(self, path: str) -> dict[str, np.ndarray]:
            flat = "/fake/" in path
            return {name: one * (not flat) for name, one in maps.of(path).items()}

    study = study_binary_mask(shots, FakesFlat(maps.options), draws=20)
    assert not any("Fakes differ" in one for one in study.words)
    assert any("No claim is made: 50 % of the maps are the same" in one for one in study.words)
