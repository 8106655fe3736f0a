"""`blurprint score`, as a user meets it."""

from __future__ import annotations

import csv
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow.parquet
import pytest
from PIL import Image
from skimage import data
from typer.testing import CliRunner, Result

from blurprint.analysis import analyze
from blurprint.cli.main import app
from blurprint.cli.score_printer import score_line
from blurprint.weights import card as cards
from interrupts import interrupts_heard
from tiny_face import tiny_rules, write_tiny_detector, write_tiny_face

ENVIRONMENT = {**os.environ, "COLUMNS": "200", "NO_COLOR": "1"}


def blurprint(*arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "blurprint", *map(str, arguments)],
        cwd=cwd,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
        check=False,
        env=ENVIRONMENT,
    )


def here(*arguments: object) -> Result:
    """The same in this process."""
    return CliRunner().invoke(app, ["score", *map(str, arguments)], env={"COLUMNS": "200"})


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A face, a gray picture, a broken file and a video."""
    folder = tmp_path / "in"
    folder.mkdir()
    Image.fromarray(data.astronaut()).save(folder / "face.jpg", quality=88)
    Image.fromarray(np.full((60, 80, 3), 51, np.uint8)).save(folder / "gray.png")
    (folder / "broken.jpg").write_bytes(b"words")
    (folder / "clip.mp4").write_bytes(b"")
    return folder


def rows_of(path: Path) -> dict[str, dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return {row["source"]: row for row in csv.DictReader(file)}


def test_a_folder_has_a_line_a_row_and_a_count_for_every_file(tree, tmp_path):
    card = write_tiny_face(tmp_path / "net", bias=0.8)
    run = blurprint("score", "in", "--weights", card, "--table", "t.csv", cwd=tmp_path)
    assert run.returncode == 1
    lines = run.stdout.splitlines()
    assert (
        "in/face.jpg: fake, likelihood ratio 6.3: the probability of a fake is 86 % if it was 50 % "
        "before"
    ) in lines
    assert "in/gray.png: unsure: No face was found, and only faces are judged." in lines
    assert "Left out: videos (1): in/clip.mp4" in lines
    assert "3 pictures: 1 fake, 1 unsure (1 no face), 1 unreadable." in lines
    assert lines[-1].startswith('"Real" means: no sign of a pasted face. Faces and pictures that')
    assert run.stderr.splitlines() == [
        "blurprint: in/broken.jpg: not a picture in a format that can be read"
    ]
    rows = rows_of(tmp_path / "t.csv")
    assert {name: row["status"] for name, row in rows.items()} == {
        "in/face.jpg": "scored",
        "in/gray.png": "scored",
        "in/broken.jpg": "failed",
    }
    face = rows["in/face.jpg"]
    assert float(face["likelihood_ratio"]) == pytest.approx(10**0.8, rel=1e-6)
    assert (face["label"], face["strong"], face["jpeg_quality"]) == ("fake", "no", "88.0")
    assert (face["faces"], face["faces_judged"], face["face"]) == ("1", "1", "face 1")
    assert float(face["face_px"]) == pytest.approx(43, abs=1)
    assert 50 < float(face["face_measured_percent"]) <= 100
    assert rows["in/gray.png"]["reason_code"] == "no_face"
    assert rows["in/broken.jpg"]["error"] == "not a picture in a format that can be read"
    alone = here(tree / "face.jpg", "--weights", card, "--table", tmp_path / "one.csv")
    one = rows_of(tmp_path / "one.csv")[str(tree / "face.jpg")]
    same = {"detector", "source"}  # how the paths were given
    assert {k: v for k, v in one.items() if k not in same} == {
        k: v for k, v in face.items() if k not in same
    }
    assert "  Signs of a face that was pasted in or regenerated. What was measured" in alone.stdout
    assert "1 picture:" not in alone.stdout and alone.exit_code == 0


def test_the_prior_changes_the_probability_and_not_the_ratio(tree, tmp_path):
    card = write_tiny_face(tmp_path / "net", bias=0.8)
    run = here(tree / "face.jpg", "--weights", card, "--prior", "0.01")
    assert "6.3: the probability of a fake is 6.0 % if it was 1.0 % before" in run.stdout


def test_a_detector_gives_a_number_that_is_not_calibrated(tree, tmp_path):
    card = write_tiny_detector(tmp_path / "d")
    table = tmp_path / "t.parquet"
    run = here(tree, "--weights", card, "--table", table, "-j", "1")
    assert run.exit_code == 1
    assert f"{tree}/gray.png: 0.20 (not calibrated)" in run.stdout
    assert "3 pictures: 2 with a number that is not calibrated, 1 unreadable." in run.stdout
    assert "The detector is not calibrated" in run.stdout
    assert not re.search(r"\bfake, |\breal, |unsure|likelihood", run.stdout)
    rows = {Path(row["source"]).name: row for row in pyarrow.parquet.read_table(table).to_pylist()}
    assert rows["gray.png"]["uncalibrated_p_fake"] == pytest.approx(0.2, abs=1e-6)
    assert "label" not in rows["gray.png"] and "p_fake" not in rows["gray.png"]
    assert rows["broken.jpg"]["uncalibrated_p_fake"] is None


def test_every_reason_is_counted_by_itself(tree, tmp_path):
    limits = tiny_rules().limits.model_copy(update={"smallest_face_px": 60.0})
    card = write_tiny_face(tmp_path / "net", tiny_rules(limits=limits))
    run = here(tree / "face.jpg", tree / "gray.png", "--weights", card, "-j", "1")
    assert "2 pictures: 2 unsure (1 no face, 1 face too small)." in run.stdout
    assert run.exit_code == 0


def test_torch_is_not_imported(tree, tmp_path):
    card = write_tiny_face(tmp_path / "net", bias=0.8)
    code = (
        "import sys\nfrom blurprint.cli.main import app\n"
        f"app(['score', {str(tree / 'face.jpg')!r}, '--weights', {str(card)!r}], "
        "standalone_mode=False)\n"
        "print([name for name in ('torch', 'pandas', 'timm') if name in sys.modules])"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=ENVIRONMENT
    )
    assert "face.jpg: fake" in run.stdout
    assert run.stdout.splitlines()[-1] == "[]"


def test_without_a_network_that_ships_it_says_so(tree, tmp_path, monkeypatch):
    monkeypatch.setattr(cards, "ships", lambda _: False)
    run = here(tree, "--table", tmp_path / "t.csv")
    assert run.exit_code == 2
    assert run.stderr == (
        "blurprint: no face network ships with this version; give --weights CARD\n"
    )
    assert not (tmp_path / "t.csv").exists()


def test_the_network_that_ships_is_the_default(tree, tmp_path, monkeypatch):
    write_tiny_face(tmp_path / "net", bias=0.8)
    monkeypatch.setattr(cards, "_shipped_path", lambda name: tmp_path / f"net/{name}.json")
    run = here(tree / "face.jpg")
    assert run.exit_code == 0 and "fake, likelihood ratio 6.3" in run.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--prior", "1"], "prior"),
        (["--prior", "nan"], "prior"),
        (["--table", "t.xlsx"], ".parquet"),
        (["--table", "there.csv"], "exists already"),
        (["--weights", "missing.json"], "missing.json: cannot be read as a card"),
        (["--weights", "broken.json"], "broken.json: Expected a card in JSON"),
        (["--weights", "rules.json"], "rules.json: `rules`"),
        (["--weights", "other.json"], "other.onnx: is not the file that other.json describes"),
        (["--weights", "d.json", "--max-side", "500"], "d.json: Expected `max_side`"),
        (["--weights", "estimator.json"], "estimator.json: Expected the card of a face network"),
        (["--max-side", "3"], "--max-side"),
    ],
)
def test_wrong_usage_is_said_before_the_work(tree, tmp_path, monkeypatch, arguments, words):
    monkeypatch.chdir(tmp_path)
    good = write_tiny_face(tmp_path)
    write_tiny_detector(tmp_path)
    content = json.loads(good.read_text("utf-8"))
    Path("there.csv").write_text("mine", "utf-8")
    Path("broken.json").write_text("{", "utf-8")
    Path("rules.json").write_text(json.dumps(content | {"rules": {}}), "utf-8")
    Path("other.onnx").write_bytes(b"other")
    Path("other.json").write_text(json.dumps(content | {"file": "other.onnx"}), "utf-8")
    ours = Path(cards.__file__).with_name("estimator.json")
    Path("estimator.json").write_bytes(ours.read_bytes())
    given = arguments if "--weights" in arguments else ["--weights", "face.json", *arguments]
    run = here("in", *given)
    assert run.exit_code == 2, run.output
    assert words in run.stderr
    assert run.stdout == "" and Path("there.csv").read_text("utf-8") == "mine"


def test_quiet_says_errors_only(tree, tmp_path):
    card = write_tiny_detector(tmp_path / "d")
    run = here(tree, "https://example.org/x.jpg", "--weights", card, "-q", "-j", "1")
    assert (run.stdout, run.exit_code) == ("", 1)
    assert "in/broken.jpg: not a picture" in run.stderr
    assert "https://example.org/x.jpg: is an address" in run.stderr


def test_a_video_is_named_and_a_folder_within_is_entered_where_asked(tree, tmp_path):
    card = write_tiny_detector(tmp_path / "d")
    (tree / "inner").mkdir()
    (tree / "gray.png").rename(tree / "inner/gray.png")
    (tree / "broken.jpg").unlink()
    given = [tree, tree / "clip.mp4", "--weights", card, "-j", "1"]
    run = here(*given)
    assert "clip.mp4: is a video; only pictures are analysed" in run.stderr
    assert "folders within (-r enters them) (1)" in run.stdout
    assert "inner/gray.png:" not in run.stdout and run.exit_code == 1
    assert "inner/gray.png: 0.20" in here(*given, "-r").stdout


def test_an_interrupted_run_keeps_what_was_done(tmp_path):
    (tmp_path / "in").mkdir()
    for index in range(30):
        pixels = np.random.default_rng(index).integers(0, 256, (900, 900, 3), np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"in/{index}.png", compress_level=0)
    write_tiny_detector(tmp_path)
    command = ["score", "in", "--weights", "d.json", "--table", "t.csv", "-j", "1"]
    with interrupts_heard():
        started = subprocess.Popen(
            [sys.executable, "-u", "-m", "blurprint", *command],
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=ENVIRONMENT,
        )
    with started as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("in/0.png: 0.50 (not calibrated)")
        process.send_signal(signal.SIGINT)
        told, errors = process.communicate(timeout=120)
    assert process.returncode == 130, errors
    assert "stopping after the pictures that are at work" in errors
    states = [row["status"] for row in rows_of(tmp_path / "t.csv").values()]
    assert len(states) == 30 and set(states) == {"scored", "not reached"}
    assert f"interrupted; {states.count('scored')} of 30 pictures were scored" in errors
    assert f"{states.count('not reached')} not reached." in told


@pytest.mark.parametrize(
    ("ratio", "bound", "words"),
    [
        (20.9, None, "likelihood ratio 21,"),
        (20.9, "upper", "likelihood ratio at least 20,"),
        (0.0502, None, "likelihood ratio 0.05,"),
        (0.0502, "lower", "likelihood ratio at most 0.051,"),
        (0.05, "lower", "likelihood ratio at most 0.05,"),
        (1.0, "lower", "likelihood ratio at most 1,"),
        (1.0, "upper", "likelihood ratio at least 1,"),
        (0.996, "lower", "likelihood ratio at most 1,"),
    ],
)
def test_a_ratio_has_two_digits_and_a_bound_says_no_more_than_it_supports(ratio, bound, words):
    found = {"label": "fake", "likelihood_ratio": ratio, "at_bound": bound, "reason": None}
    line = score_line(found | {"p_fake": 0.9, "prior": 0.5, "faces": 3, "face": "face 2"})
    assert words in line
    assert line.endswith(
        ", by face 2 of 3: the probability of a fake is 90 % if it was 50 % before"
    )


def test_a_probability_that_is_not_0_or_1_is_not_rounded_to_it():
    found = {"label": "real", "likelihood_ratio": 0.5, "at_bound": None, "reason": None, "faces": 1}
    rare = score_line(found | {"p_fake": 0.0000005, "prior": 0.000001})
    assert rare.endswith("fake is 0.000050 % if it was 0.00010 % before")
    sure = score_line(found | {"p_fake": 0.999998, "prior": 0.999999})
    assert sure.endswith("fake is 99.9998 % if it was 99.9999 % before")


def test_analyze_and_score_judge_the_same_faces(tmp_path):
    canvas = np.full((512, 1100, 3), 90, np.uint8)
    canvas[:, :512] = data.astronaut()
    for place in (560, 830):  # the second stands off the photograph, on an even bar
        canvas[40:296, place : place + 256] = data.astronaut()[::2, ::2]
    Image.fromarray(canvas).save(tmp_path / "three.png")
    run = blurprint("score", "three.png", "--table", "t.csv", cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    row = rows_of(tmp_path / "t.csv")["three.png"]
    score = analyze(tmp_path / "three.png").to_dict()["score"]
    assert int(row["faces"]) == len(score["faces"])
    assert (row["label"], row["words"]) == (score["label"], score["words"])
    assert row["face"] == (score["face"] or "")
