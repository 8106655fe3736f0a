"""Train on each method of fakes, test on each: the book-keeping, with a stand-in for training.

The stand-in gives a high score to fakes of the method that it was trained on, and to no other. What
a real training does is tested in tests/cli/test_detectors.py.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from blurprint.errors import InputError
from blurprint.lab.datasets.source import DataSource
from blurprint.lab.datasets.table import Sample, SampleTable, make_table
from blurprint.lab.evaluation.detectors.scoring import Scored
from blurprint.lab.experiments import matrix
from blurprint.lab.experiments.matrix import fake_methods, train_and_test_matrix
from blurprint.lab.measures.interval import Interval
from blurprint.lab.training.detector.epoch_keeper import CHECKPOINTS, LAST
from blurprint.lab.training.detector.settings import DetectorTraining

TRAINING = DetectorTraining(workers=0, epochs=2)
METHODS = ("swap", "blend")


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> SampleTable:
    """Twelve reals in every part, and twelve fakes of each of two methods."""
    folder = tmp_path_factory.mktemp("pictures")
    rng = np.random.default_rng(0)
    samples = []
    for split in ("train", "val", "test"):
        for kind in ("real", *METHODS):
            for index in range(12):
                path = folder / f"{split}-{kind}-{index}.png"
                Image.fromarray(rng.integers(0, 256, (8, 8, 3), np.uint8)).save(path)
                group = f"{split}{index}"
                samples.append(
                    Sample(str(path), int(kind != "real"), kind, group, split, str(path))
                )
    return make_table(samples)


class Trainings:
    """Stands for training and scoring, and remembers what it was asked for."""

    def __init__(self) -> None:
        self.seen: list[dict[str, object]] = []
        self.scored = 0

    def train(self, train, val, out, training, **more) -> Path:
        (method,) = set(train["method"]) - {"real"}
        weights = out / "detector.safetensors"
        if not weights.exists():
            self.seen.append({"train": train, "val": val, "training": training, **more})
        out.mkdir(parents=True, exist_ok=True)
        weights.write_text(method)
        return weights

    def load(self, weights: Path) -> str:
        return weights.read_text()

    def score(self, detector: str, table: SampleTable, **_: object) -> Scored:
        self.scored += 1
        # Scores of reals and of other fakes are the same numbers: an AUC of exactly one half.
        score = table.groupby("method").cumcount().to_numpy() / 100
        return Scored(table.assign(score=score + 0.5 * (table["method"] == detector)), {})


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> Trainings:
    trainings = Trainings()
    monkeypatch.setattr(matrix, "train_detector", trainings.train)
    monkeypatch.setattr(matrix, "load_detector", trainings.load)
    monkeypatch.setattr(matrix, "score_table", trainings.score)
    return trainings


def run(table: SampleTable, out: Path, training: DetectorTraining = TRAINING, **more):
    return train_and_test_matrix(table, out, training, **{"draws": 20, **more})


def test_a_detector_knows_the_fakes_that_it_was_trained_on(table, stand_in, tmp_path):
    cells = run(table, tmp_path)
    assert list(cells) == [(a, b) for a in sorted(METHODS) for b in sorted(METHODS)]
    for (trained_on, tested_on), area in cells.items():
        assert area.value == (1.0 if trained_on == tested_on else 0.5)
        assert area.low <= area.value <= area.high


def test_each_training_sees_all_reals_and_the_fakes_of_one_method(table, stand_in, tmp_path):
    run(table, tmp_path, spaces=["space"], group_keys={"train0": "key"})
    assert len(stand_in.seen) == 2
    for seen, method in zip(stand_in.seen, sorted(METHODS), strict=True):
        for part in ("train", "val"):
            assert seen[part].groupby("method").size().to_dict() == {"real": 12, method: 12}
            assert set(seen[part]["split"]) == {part}
            assert len(seen["contents"][part].hashes) == len(seen[part])
        assert seen["training"] == TRAINING
        assert (seen["spaces"], seen["group_keys"]) == (["space"], {"train0": "key"})
        assert seen["source"] is None and seen["resume"] is False


def test_hashes_are_those_of_the_rows_beside_them(table, stand_in, tmp_path):
    shuffled = table.sample(frac=1, random_state=1)
    run(table, tmp_path / "a")
    run(shuffled, tmp_path / "b")
    first, second = (
        dict(zip(seen["train"]["path"], seen["contents"]["train"].hashes, strict=True))
        for seen in (stand_in.seen[0], stand_in.seen[2])
    )
    assert first == second and len(set(first.values())) == 24


def test_the_source_of_a_training_names_its_method_alone(table, stand_in, tmp_path):
    run(table, tmp_path, source=DataSource(data=("folder:data",)))
    assert [seen["source"].fake_types for seen in stand_in.seen] == [
        (name,) for name in sorted(METHODS)
    ]


def test_nothing_is_done_twice_and_what_is_missing_is_done(table, stand_in, tmp_path):
    first = run(table, tmp_path)
    assert (len(stand_in.seen), stand_in.scored) == (2, 4)
    assert run(table, tmp_path) == first
    assert (len(stand_in.seen), stand_in.scored) == (2, 4)
    (tmp_path / "cells/swap--blend.json").unlink()
    assert run(table, tmp_path) == first
    assert (len(stand_in.seen), stand_in.scored) == (2, 5)


@pytest.mark.parametrize(
    ("change", "trainings", "tests"),
    [
        ({"training": replace(TRAINING, epochs=3)}, 2, 0),
        ({"training": replace(TRAINING, seed=7)}, 2, 0),
        ({"draws": 30}, 0, 4),
        ({"dropped": "test"}, 0, 4),
        ({"dropped": "train"}, 2, 0),
    ],
    ids=["epochs", "seed", "resamples", "a test picture less", "a training picture less"],
)
def test_other_settings_or_data_are_measured_anew(
    table, stand_in, tmp_path, change, trainings, tests
):
    run(table, tmp_path)
    dropped = change.pop("dropped", None)
    if dropped:  # a real: both trainings and all tests have it
        real = (table["split"] == dropped) & (table["label"] == 0)
        table = table.drop(table.index[real][0])
    run(table, tmp_path, **change)
    assert len(stand_in.seen) == 2 + trainings
    # The stand-in's weights are the same whatever they were trained with: tests are kept.
    assert stand_in.scored == 4 + tests


def test_other_weights_are_tested_anew(table, stand_in, tmp_path, monkeypatch):
    run(table, tmp_path)
    (cell,) = tmp_path.glob("cells/swap--swap.json")
    digest = json.loads(cell.read_text())["digest"]
    monkeypatch.setattr(matrix, "train_detector", lambda *a, **b: _padded(stand_in.train(*a, **b)))
    monkeypatch.setattr(matrix, "load_detector", lambda weights: weights.read_text().strip())
    run(table, tmp_path)
    assert stand_in.scored == 8
    assert json.loads(cell.read_text())["digest"] != digest


def _padded(weights: Path) -> Path:
    weights.write_text(weights.read_text() + "\n")
    return weights


def test_a_training_that_had_begun_goes_on(table, stand_in, tmp_path):
    run(table, tmp_path)
    for folder in (tmp_path / "trained").iterdir():
        (folder / "detector.safetensors").unlink()
        (folder / CHECKPOINTS).mkdir()
        (folder / CHECKPOINTS / LAST).touch()
    run(table, tmp_path)
    assert [seen["resume"] for seen in stand_in.seen] == [False, False, True, True]


def test_a_cell_is_kept_with_its_interval(table, stand_in, tmp_path):
    cells = run(table, tmp_path)
    for (trained_on, tested_on), area in cells.items():
        kept = json.loads((tmp_path / f"cells/{trained_on}--{tested_on}.json").read_text())
        assert (kept["trained_on"], kept["tested_on"]) == (trained_on, tested_on)
        assert Interval.from_json(kept["auc"]) == area


@pytest.mark.parametrize("content", ["", "[]", '{"digest": 1', "7"])
def test_a_broken_cell_is_named_and_not_measured_over(table, stand_in, tmp_path, content):
    run(table, tmp_path)
    file = tmp_path / "cells/swap--swap.json"
    file.write_text(content)
    with pytest.raises(InputError, match=r"swap--swap\.json: is no cell of a matrix"):
        run(table, tmp_path)
    assert file.read_text() == content


def test_a_cell_without_its_value_is_named(table, stand_in, tmp_path):
    run(table, tmp_path)
    file = tmp_path / "cells/swap--swap.json"
    file.write_text(json.dumps({"digest": json.loads(file.read_text())["digest"]}))
    with pytest.raises(InputError, match=r"swap--swap\.json: is no cell of a matrix"):
        run(table, tmp_path)


def test_names_of_methods_do_not_leave_the_folder(table, stand_in, tmp_path):
    odd = table.replace({"method": {"swap": "../swap", "blend": ".."}})
    run(odd, tmp_path / "out")
    assert [one.name for one in tmp_path.iterdir()] == ["out"]
    assert len(list((tmp_path / "out/cells").iterdir())) == 4
    assert len(list((tmp_path / "out/trained").iterdir())) == 2


def test_what_is_done_is_said(table, stand_in, tmp_path):
    said: list[str] = []
    steps: list[tuple[str, int, int]] = []
    run(table, tmp_path, say=said.append, stepped=lambda *step: steps.append(step))
    assert [line for line in said if line.startswith("trained on swap on swap: AUC 1.0")]
    assert len(said) == 4
    assert ("read", 108, 108) in steps
    for seen, method in zip(stand_in.seen, sorted(METHODS), strict=True):
        seen["stepped"](3, 9)
        assert steps[-1] == (f"train on {method}", 3, 9)


@pytest.mark.parametrize(
    ("kept", "said"),
    [
        (lambda t: t["method"] != "swap", r"two methods of fakes or more, but got \['blend'\]"),
        (lambda t: t["label"] == 0, "two methods of fakes or more, but got none"),
        (lambda t: (t["split"] != "val") | (t["label"] == 1), "part val has no reals"),
        (
            lambda t: (t["split"] != "test") | (t["method"] != "swap"),
            "part test has no fakes of swap",
        ),
        (
            lambda t: t["split"] == "train",
            "part val has no reals; .*test has no fakes of swap",
        ),
    ],
    ids=["one method", "no fakes", "val without reals", "test without swap", "train alone"],
)
def test_a_matrix_with_empty_cells_is_refused_before_any_training(
    table, stand_in, tmp_path, kept, said
):
    with pytest.raises(InputError, match=said):
        run(table[kept(table)], tmp_path)
    assert not stand_in.seen and not list(tmp_path.iterdir())


def test_many_unreadable_pictures_stop_it_and_one_is_left_out(table, stand_in, tmp_path):
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture")
    one = table.copy()
    real = one.index[(one["split"] == "train") & (one["label"] == 0)]
    one.loc[real[0], "path"] = str(broken)
    # One of 108 is 0.9 %.
    run(one, tmp_path / "out")
    assert all(len(seen["train"]) == 23 for seen in stand_in.seen)
    one.loc[real[1], "path"] = str(tmp_path / "gone.png")
    with pytest.raises(InputError, match="at most 1 % of 108 pictures to be unreadable, but 2 are"):
        run(one, tmp_path / "other")


def test_methods_are_those_of_the_training_part(table):
    assert fake_methods(table) == sorted(METHODS)
    only = table[(table["split"] != "train") | (table["method"] != "swap")]
    assert fake_methods(only) == ["blend"]
