"""From people to results: with a judge that sees a planted mark, and once with a real network."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from skimage import data
from typer.testing import CliRunner

from blurprint.cli.main import app
from blurprint.errors import InputError, PhotoError
from blurprint.faces.face import Face
from blurprint.lab.audit.file_facts import quality_of_file
from blurprint.lab.evaluation.faces import evaluate, robustness
from blurprint.lab.evaluation.faces.blur import FaceBlur
from blurprint.lab.evaluation.faces.conditions import ATTACK, CONDITIONS
from blurprint.lab.evaluation.faces.evaluate import Request, evaluate_robustness
from blurprint.lab.evaluation.faces.judge import Judge, Verdict
from blurprint.lab.evaluation.faces.robustness import CHUNK, PairTest, judge_pairs, judge_pictures
from blurprint.lab.fakes.pairs import Undelivered
from blurprint.lab.fakes.people import Person, find_people
from blurprint.lab.fakes.store import groups_sha256, split_people
from face_rules import rules
from three_people import write_three_people

PAGE = "# Results\n\n<!-- robustness -->\n\n<!-- /robustness -->\n\nThe end.\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A portrait, its mirror image, and it darker and turned, as people of their own."""
    made = tmp_path_factory.mktemp("faces")
    write_three_people(made)
    (made / "manifest.csv").write_text("path,group,kind\na.png,a,phone\nb.png,b,\nc.png,c,\n")
    return made


@pytest.fixture(scope="module")
def people(folder: Path) -> tuple[Person, ...]:
    return find_people(folder).faces


def marked(people: object, place: int, rng: np.random.Generator, *_: object) -> Undelivered:
    """A flat gray picture; the fake has a brighter square in the middle of its face."""
    face = people[place].face
    face = face.scaled(40 / face.eye_distance)
    face = face.moved(60 - float(face.centre[0]), 60 - float(face.centre[1]))
    real = np.full((120, 120, 3), 0.4, np.float32) + np.float32(0.02 * rng.random())
    fake, mask = real.copy(), np.zeros((120, 120), np.float32)
    mask[40:80, 40:80] = 1
    fake[40:80, 40:80] += 0.08
    return Undelivered(real, fake, mask, face)


class Marks:
    """Scores how much brighter the middle of the face is than a corner; it counts its calls."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, rgb: np.ndarray, face: Face, _: float) -> Verdict:
        self.calls += 1
        x, y = (round(float(one)) for one in face.centre)
        reach = max(1, round(face.eye_distance / 8))
        inside = rgb[y - reach : y + reach, x - reach : x + reach].mean()
        corner = rgb[: 2 * reach, : 2 * reach].mean()
        logit = float(inside - corner)
        return Verdict(logit, logit / 20, "fake" if logit > 5 else "real")


def unmeasured(*_: object) -> FaceBlur:
    return FaceBlur(float("nan"), float("nan"))


def test_every_pair_goes_through_every_condition_and_again_costs_nothing(
    people: tuple[Person, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(robustness, "draw_undelivered", marked)
    marks, count = Marks(), CHUNK + 3
    test = PairTest(people, marks, measure=unmeasured)
    rows = judge_pairs(test, count, tmp_path)
    assert len(rows) == count * (2 * len(CONDITIONS) + 1) == marks.calls
    assert {row.condition for row in rows} == {*(one.name for one in CONDITIONS), ATTACK}
    assert all(row.called == ("fake" if row.label else "real") for row in rows)
    assert {row.recipe for row in rows} == {"blend", "clone", "bands"}
    half = [row for row in rows if row.condition == "scale 0.5"]
    whole = [row for row in rows if row.condition == "as it is"]
    for one, other in zip(half, whole, strict=True):
        assert one.eyes == pytest.approx(other.eyes / 2, abs=0.1)
    assert judge_pairs(test, count, tmp_path) == rows
    assert marks.calls == len(rows)
    next(iter(tmp_path.glob("00010*"))).unlink()
    assert judge_pairs(test, count, tmp_path) == rows
    assert marks.calls == len(rows) * (1 + 3 / count)


def test_rows_do_not_depend_on_the_number_of_threads(
    people: tuple[Person, ...], tmp_path: Path
) -> None:
    """With real pairs and blur, whose networks several threads share."""
    conditions = tuple(one for one in CONDITIONS if one.name in ("as it is", "noise 5"))
    test = PairTest(people, Marks(), conditions=conditions)
    rows = judge_pairs(test, 4, tmp_path / "one")
    assert judge_pairs(test, 4, tmp_path / "three", workers=3) == rows
    assert [row.pair for row in rows] == sorted(row.pair for row in rows)


def test_what_was_measured_before_an_interrupt_is_kept(
    people: tuple[Person, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(robustness, "draw_undelivered", marked)

    def stop(done: int, _: int) -> None:
        if done == CHUNK + 1:
            raise KeyboardInterrupt

    marks = Marks()
    test = PairTest(people, marks, measure=unmeasured)
    with pytest.raises(KeyboardInterrupt):
        judge_pairs(test, 2 * CHUNK, tmp_path, each=stop)
    before = marks.calls
    rows = judge_pairs(test, 2 * CHUNK, tmp_path)
    assert len(rows) == 2 * CHUNK * (2 * len(CONDITIONS) + 1)
    assert marks.calls - before == len(rows) // 2


def test_honest_pictures_are_judged_by_kind(people: tuple[Person, ...], tmp_path: Path) -> None:
    marks = Marks()
    rows = judge_pictures(marks, people[:1], people[1:], tmp_path, seen_of_a_kind=1)
    assert (rows[0].kind, rows[0].seen) == ("phone", False)
    assert len(rows) == 2  # one of the folder's own kind
    assert rows[1].kind.startswith("folder faces")
    assert judge_pictures(marks, people[:1], people[1:], tmp_path, seen_of_a_kind=1) == rows
    assert marks.calls == 2


def test_the_quality_of_a_file_is_that_of_its_jpeg(tmp_path: Path) -> None:
    picture = data.astronaut()[:64, :64]
    for name, quality in (("a.jpg", 60), ("b.jpg", 93)):
        cv2.imwrite(str(tmp_path / name), picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
        assert quality_of_file(tmp_path / name) == quality
    cv2.imwrite(str(tmp_path / "c.png"), picture)
    (tmp_path / "d.heic").write_bytes(b"another format")
    assert quality_of_file(tmp_path / "c.png") is None
    assert quality_of_file(tmp_path / "d.heic") is None
    with pytest.raises(PhotoError, match=r"e\.jpg: cannot be read"):
        quality_of_file(tmp_path / "e.jpg")


def test_donors_need_a_second_group(people: tuple[Person, ...]) -> None:
    with pytest.raises(InputError, match="at least 2 groups"):
        PairTest(people[:1], Marks())


def test_an_evaluation_writes_its_files_and_the_page(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(robustness, "draw_undelivered", marked)
    monkeypatch.setattr(evaluate, "PairTest", lambda *a, **k: PairTest(*a, **k, measure=unmeasured))
    page = tmp_path / "page.md"
    page.write_text(PAGE)
    judge = Judge("marks.json", "0" * 64, Marks(), {}, 0.1)
    request = Request(folder, tmp_path / "out", pairs=4, draws=20, page=page, pictures=True)
    found = evaluate_robustness(judge, request)
    assert all(one.metrics["auc"].value == 1 for one in found.conditions.values())
    document = json.loads((tmp_path / "out" / "results.json").read_text("utf-8"))
    assert document["conditions"]["JPEG 50"]["auc"] == {"value": 1.0, "low": None, "high": None}
    assert document["conditions"]["as it is"]["fpr_of_card"]["value"] == 0
    assert document["false_alarms"]["held out"]["phone"]["pictures"] == 1
    assert any("states no split" in note for note in document["notes"])
    text = page.read_text()
    assert text.startswith("# Results")
    assert text.endswith("The end.\n")
    assert "| JPEG 50 | 4 | 1.00 |" in text
    assert (tmp_path / "images" / "robustness-auc.svg").is_file()
    kept = list((tmp_path / "out" / "pictures").glob("*.png"))
    assert len(kept) == 4 * 9  # four conditions of two members, and the attack
    lines = (tmp_path / "out" / "members.csv").read_text().splitlines()
    assert len(lines) == 1 + 4 * (2 * len(CONDITIONS) + 1)
    # scores of others for the same faces
    scores = tmp_path / "scores.csv"
    scores.write_text(
        "path,score\n" + "".join(f"{one.name},{one.stem.endswith('fake') * 1.0}\n" for one in kept)
    )
    again = evaluate_robustness(
        judge, Request(folder, tmp_path / "out", 4, draws=20, pictures=True, add={"x": scores})
    )
    assert next(one for one in again.ablation.entries if one.name == "x").auc[ATTACK].value == 1
    other = Judge("marks.json", "1" * 64, Marks(), {}, 0.1)
    with pytest.raises(InputError, match="another network"):
        evaluate_robustness(other, request)


def test_a_page_without_a_place_is_refused_before_the_work(folder: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Results\n")
    marks = Marks()
    with pytest.raises(InputError, match="robustness"):
        evaluate_robustness(
            Judge("marks.json", "", marks, {}, None), Request(folder, tmp_path / "o", page=page)
        )
    assert marks.calls == 0


def run(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["evaluate", "robustness", *map(str, arguments)])
    return result.exit_code, result.output


def test_added_scores_need_a_name(folder: Path, tmp_path: Path) -> None:
    code, said = run("--faces", folder, "--out", tmp_path / "out", "--add", "scores.csv")
    assert code == 2
    assert "NAME=FILE.csv" in said
    two = ("--add", "a=x.csv", "--add", "a=y.csv")
    assert run("--faces", folder, "--out", tmp_path / "out", *two)[0] == 2


@pytest.mark.slow
def test_the_command_from_a_folder_of_faces_to_a_page(folder: Path, tmp_path: Path) -> None:
    """With an untrained network: its numbers mean nothing, the way to them is the real one."""
    from blurprint.lab.models.face import FaceNetwork
    from blurprint.lab.training.face.export import face_onnx

    model = face_onnx(FaceNetwork(pretrained=False))
    sides = split_people(find_people(folder).faces, 0.7, 3)
    assert len(sides["validation"]) == 2
    card = {
        "kind": "face",
        "format": 1,
        "file": "face.onnx",
        "sha256": hashlib.sha256(model).hexdigest(),
        "input": {"size": 224, "width": 3.8},
        "rules": rules().model_dump(mode="json"),
        "training": {
            "settings": {"seed": 3, "held_out": 0.7},
            "groups_sha256": {name: groups_sha256(side) for name, side in sides.items()},
        },
    }
    (tmp_path / "face.onnx").write_bytes(model)
    file, page = tmp_path / "face.json", tmp_path / "page.md"
    file.write_text(json.dumps(card))
    page.write_text(PAGE)
    given = ("--faces", folder, "--weights", file, "--out", tmp_path / "out", "--pairs", 3)
    code, said = run(*given, "--page", page, "--draws", 10)
    assert code == 0, said
    assert "as it is: AUC" in said
    assert "cannot be said" in said
    document = json.loads((tmp_path / "out" / "results.json").read_text("utf-8"))
    assert document["conditions"]["as it is"]["pairs"] == 3
    assert document["conditions"]["as it is"]["cllr"]["value"] is not None
    assert document["false_alarms"]["seen in training"]["all"]["pictures"] == 1
    assert document["ablation"]["blur_measured"]["as it is"] > 0
    assert "### Likelihood ratios and labels" in page.read_text()
    before = (tmp_path / "out" / "results.json").read_bytes()
    assert run(*given, "--draws", 10)[0] == 0
    assert (tmp_path / "out" / "results.json").read_bytes() == before
    card["training"]["groups_sha256"]["validation"] = "0"
    file.write_text(json.dumps(card))
    code, said = run(*given)
    assert code == 1
    assert "--allow-seen" in said
