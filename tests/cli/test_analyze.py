"""The command line, as a user meets it: exit status, files, and one clear line for each mistake."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data

from blurprint import DefocusMap
from blurprint.optics.methods import DEFAULT_METHOD, METHODS
from interrupts import interrupts_heard

FILES = {"report.html", "report.json", "defocus.npz"}


def blurprint(*arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "blurprint", *map(str, arguments)],
        cwd=cwd,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
        env={**os.environ, "COLUMNS": "200", "NO_COLOR": "1"},
    )


def lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    Image.fromarray(data.astronaut()[:160, 150:350]).save(pictures / "astronaut.png")
    Image.fromarray(data.chelsea()[:150, 100:300]).save(pictures / "cat.jpg", quality=92)
    return pictures


def test_one_picture(folder, tmp_path):
    run = blurprint("analyze", folder / "astronaut.png", "--out", "out", cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    assert run.stderr == ""
    assert {file.name for file in (tmp_path / "out" / "astronaut").iterdir()} == FILES
    assert re.search(r"Median blur\s+\d+\.\d\d px", run.stdout)
    assert "out/astronaut/report.html" in run.stdout
    report = json.loads((tmp_path / "out/astronaut/report.json").read_text("utf-8"))
    score = report["score"]
    assert [face["name"] for face in score["faces"]] == ["face 1"]
    assert score["label"] == "real"  # an untouched portrait
    assert score["words"] in run.stdout
    assert report["finding"]["text"].startswith(score["words"])
    defocus = DefocusMap.load(tmp_path / "out/astronaut/defocus.npz")
    assert defocus.shape == (160, 200)
    assert defocus.method == DEFAULT_METHOD


def test_a_folder_gives_an_overview(folder, tmp_path):
    (folder / "notes.txt").write_text("not a picture")
    run = blurprint("analyze", folder, "--out", tmp_path / "out", cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [
        "astronaut",
        "cat",
        "index.html",
    ]
    page = (tmp_path / "out/index.html").read_text("utf-8")
    assert 'href="astronaut/report.html"' in page
    assert 'href="cat/report.html"' in page
    assert "2 of 2 pictures analysed" in run.stdout


@pytest.mark.parametrize("method", METHODS)
def test_methods_and_json(folder, tmp_path, method):
    run = blurprint("analyze", folder, "--json", "--method", method, cwd=tmp_path)
    reports = [json.loads(line) for line in lines(run.stdout)]
    assert [report["method"]["name"] for report in reports] == [method, method]
    assert {path.name for path in tmp_path.iterdir()} == {"pictures"}, "--json alone writes nothing"


def test_json_with_out_writes_too(folder, tmp_path):
    run = blurprint("analyze", folder / "cat.jpg", "--json", "--out", "o", cwd=tmp_path)
    assert json.loads(run.stdout)["input"]["source"].endswith("cat.jpg")
    assert (tmp_path / "o/cat/report.html").exists()


@pytest.mark.parametrize(
    ("formats", "expected"),
    [("json", {"report.json"}), ("npz,html", {"defocus.npz", "report.html"})],
)
def test_format_chooses_the_files(folder, tmp_path, formats, expected):
    blurprint("analyze", folder / "cat.jpg", "--format", formats, "--out", "o", cwd=tmp_path)
    assert {file.name for file in (tmp_path / "o/cat").iterdir()} == expected


def test_quiet_says_nothing(folder, tmp_path):
    run = blurprint("analyze", folder, "--quiet", cwd=tmp_path)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
    assert (tmp_path / "blurprint-report/cat/report.html").exists()


def test_max_side_sets_the_working_size(folder, tmp_path):
    run = blurprint("analyze", folder / "cat.jpg", "--json", "--max-side", "100", cwd=tmp_path)
    given = json.loads(run.stdout)["input"]
    assert (given["working_width"], given["working_height"]) == (100, 75)
    assert (given["native_width"], given["native_height"]) == (200, 150)


def test_results_are_not_overwritten_silently(folder, tmp_path):
    picture = folder / "cat.jpg"
    assert blurprint("analyze", picture, cwd=tmp_path).returncode == 0
    html = tmp_path / "blurprint-report/cat/report.html"
    html.write_text("precious")
    again = blurprint("analyze", picture, cwd=tmp_path)
    assert again.returncode == 1
    assert "exists already" in again.stderr
    assert "report.html" in again.stderr
    assert html.read_text() == "precious"
    assert blurprint("analyze", picture, "--skip-existing", cwd=tmp_path).returncode == 0
    assert html.read_text() == "precious"
    assert blurprint("analyze", picture, "--overwrite", cwd=tmp_path).returncode == 0
    assert html.read_text("utf-8") != "precious"


def test_skip_existing_goes_on_where_a_run_stopped(folder, tmp_path):
    blurprint("analyze", folder / "astronaut.png", "--out", "o", cwd=tmp_path)
    run = blurprint("analyze", folder, "--out", "o", "--skip-existing", cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    assert "1 of 2 pictures analysed" in run.stdout
    page = (tmp_path / "o/index.html").read_text("utf-8")
    assert "astronaut/report.html" in page, "the overview lists earlier results as well"
    assert "cat/report.html" in page


def test_bad_inputs_are_named_and_the_others_done(folder, tmp_path):
    bad = {
        "empty.jpg": b"",
        "letter.jpg": b"Dear Sir,",
        "cut.jpg": (folder / "cat.jpg").read_bytes()[:1500],
    }
    for name, content in bad.items():
        (folder / name).write_bytes(content)
    Image.new("RGB", (1, 50)).save(folder / "line.png")
    missing = tmp_path / "missing photo – ü.png"
    run = blurprint("analyze", folder, missing, "--out", "o", cwd=tmp_path)
    assert run.returncode == 1
    assert "Traceback" not in run.stderr
    complaints = lines(run.stderr)
    assert len(complaints) == 5
    for name in [*bad, "line.png", missing.name]:
        assert sum(name in line for line in complaints) == 1, name
    assert {p.name for p in (tmp_path / "o").iterdir() if p.is_dir()} == {"astronaut", "cat"}


def test_empty_folder(tmp_path):
    (tmp_path / "none").mkdir()
    run = blurprint("analyze", "none", cwd=tmp_path)
    assert run.returncode == 1
    assert len(lines(run.stderr)) == 1
    assert "none" in run.stderr
    assert "no pictures" in run.stderr


def test_names_with_spaces_and_other_scripts(folder, tmp_path):
    name = "Straße im Winter – 写真 [1]"
    (folder / "cat.jpg").rename(folder / f"{name}.jpg")
    run = blurprint("analyze", folder / f"{name}.jpg", "--out", "out dir", cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    assert name in run.stdout
    assert {f.name for f in (tmp_path / "out dir" / name).iterdir()} == FILES


def test_a_name_that_is_no_utf8(folder, tmp_path):
    raw = os.fsencode(folder) + b"/caf\xe9.png"
    try:
        (folder / "astronaut.png").rename(os.fsdecode(raw))
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    run = blurprint("analyze", folder, "--out", "o", cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    assert len(list((tmp_path / "o").glob("*/report.json"))) == 2


def test_out_that_is_a_file(folder, tmp_path):
    (tmp_path / "o").write_text("")
    run = blurprint("analyze", folder / "cat.jpg", "--out", "o", cwd=tmp_path)
    assert run.returncode == 1
    assert len(lines(run.stderr)) == 1
    assert "cannot" in run.stderr


def test_out_without_permission(folder, tmp_path):
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)
    if os.access(locked, os.W_OK):
        locked = Path("/proc/blurprint")  # not even root makes folders there
        if not Path("/proc").is_dir():
            pytest.skip("every folder is writable here")
    run = blurprint("analyze", folder / "cat.jpg", "--out", locked, cwd=tmp_path)
    assert run.returncode == 1
    assert len(lines(run.stderr)) == 1
    assert "cannot" in run.stderr


def test_bomb_and_the_option_that_raises_the_bound(folder, tmp_path):
    refused = blurprint("analyze", folder / "cat.jpg", "--max-pixels", "0.01", cwd=tmp_path)
    assert refused.returncode == 1
    assert "--max-pixels" in refused.stderr
    assert (
        blurprint("analyze", folder / "cat.jpg", "--max-pixels", "1", cwd=tmp_path).returncode == 0
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ["--method", "psychic"],
        ["--format", "pdf"],
        ["--format", ","],
        ["--max-side", "3"],
        ["--max-side", "many"],
        ["--max-pixels", "-1"],
        ["--no-such-option"],
    ],
)
def test_wrong_usage_is_status_2(folder, tmp_path, arguments):
    run = blurprint("analyze", folder / "cat.jpg", *arguments, cwd=tmp_path)
    assert run.returncode == 2
    assert "Traceback" not in run.stderr
    assert run.stdout == ""
    assert not (tmp_path / "blurprint-report").exists()


def test_no_path_is_wrong_usage(tmp_path):
    assert blurprint("analyze", cwd=tmp_path).returncode == 2


def test_same_names_do_not_collide(folder, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    Image.fromarray(np.zeros((40, 40, 3), np.uint8)).save(other / "cat.png")
    run = blurprint("analyze", folder / "cat.jpg", other / "cat.png", "--out", "o", cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    assert (tmp_path / "o/cat.jpg/report.json").exists()
    assert (tmp_path / "o/cat.png/report.json").exists()


def test_interrupt_leaves_whole_results_only(folder, tmp_path):
    picture = Image.open(folder / "astronaut.png").resize((1500, 1200))
    many = tmp_path / "many"
    many.mkdir()
    for index in range(12):
        picture.save(many / f"{index:02}.jpg")
    command = [sys.executable, "-m", "blurprint", "analyze", "many", "--out", "o"]
    with interrupts_heard():
        started = subprocess.Popen(
            command, cwd=tmp_path, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
        )
    with started as process:
        deadline = time.monotonic() + 60
        while not (tmp_path / "o/01").exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in errors
    assert "--skip-existing" in errors
    folders = [d for d in (tmp_path / "o").iterdir() if d.is_dir()]
    results = [{file.name for file in d.iterdir()} for d in folders]
    assert 1 <= len(results) < 12
    whole = {"report.html", "report.json", "thumbnail.webp"}
    assert all(found in (whole, set()) for found in results)


def test_help_names_every_method(tmp_path):
    text = blurprint("analyze", "--help", cwd=tmp_path).stdout
    assert all(re.search(rf"\b{method}\b", text) for method in METHODS)
    assert f"[default: {DEFAULT_METHOD}]" in text


def test_version(tmp_path):
    assert re.fullmatch(r"blurprint \d+\.\d+\.\d+\n", blurprint("--version", cwd=tmp_path).stdout)


def test_help_does_not_wait_for_the_image_libraries():
    code = (
        "import sys, blurprint.cli.main; "
        "print([m for m in ('cv2', 'numpy', 'PIL', 'jinja2', 'torch') if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_analysis_does_not_load_torch_or_scikit_image(folder):
    code = (
        "import sys, blurprint; "
        f"blurprint.analyze(blurprint.read_photo({str(folder / 'cat.jpg')!r})).to_html(); "
        "print([m for m in ('torch', 'skimage', 'scipy') if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize("options", [("--json",), ("--out", "out")])
def test_a_full_disk_under_standard_output_is_one_line(folder, tmp_path, options):
    with Path("/dev/full").open("w") as full:
        run = subprocess.run(
            [sys.executable, "-m", "blurprint", "analyze", folder / "cat.jpg", *options],
            cwd=tmp_path,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=120,
            check=False,
        )
    assert run.returncode == 1
    assert lines(run.stderr) == ["blurprint: output cannot be written (No space left on device)"]


def test_why_nothing_was_measured_is_said(tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (96, 96, 3)).astype(np.uint8)
    Image.fromarray(noise).save(tmp_path / "noise.png")
    run = blurprint("analyze", "noise.png", "--method", "edge", "--json", cwd=tmp_path)
    why = json.loads(run.stdout)["finding"]["unknown"]
    run = blurprint("analyze", "noise.png", "--method", "edge", "--out", "out", cwd=tmp_path)
    assert why
    assert why in run.stdout


def test_what_rounds_to_zero_has_no_sign():
    from blurprint.cli.summary import block

    row = {"name": "a", "title": "A", "value": -0.001, "native": -0.004, "unit": "px"}
    text = block(
        {
            "input": {
                "source": "a.png",
                "scale": 0.25,
                "notes": [],
                **{
                    f"{kind}_{side}": 8
                    for kind in ("working", "native")
                    for side in ("width", "height")
                },
            },
            "method": {"name": "edge"},
            "evidence": [{**row, "details": {}}],
            "defocus": {"percentiles": {}},
            "finding": {"unknown": ""},
            "score": {"value": None, "abstain_reason": ""},
        },
        None,
        (),
    )
    assert "0.00 px (0.00 px at native size)" in text
    assert "-" not in text
