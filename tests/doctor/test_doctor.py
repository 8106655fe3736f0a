"""The doctor: what works is said to work, and whatever is broken is a line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from typer.testing import CliRunner

from blurprint.catalogue.models import shipped_models
from blurprint.cli.main import app
from blurprint.doctor import doctor, machine, packages
from blurprint.doctor.apart import guarded, run_apart
from blurprint.doctor.line import Line, well

SRC = Path(packages.__file__).parents[2]


def examined(code: str = "", *words: str, **environment: str) -> tuple[int, dict[str, Mapping]]:
    """The doctor in a process in which `code` ran first: its status, and each line by name."""
    program = f"{code}\nfrom blurprint.cli.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", program, "doctor", "--json", *words],
        env=os.environ | {"PYTHONPATH": str(SRC)} | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    content = json.loads(done.stdout)
    assert content["ok"] is (done.returncode == 0)
    assert content["seconds"] > 0
    return done.returncode, {f"{one['group']}: {one['name']}": one for one in content["lines"]}


@pytest.fixture(scope="module")
def healthy() -> tuple[int, dict[str, Mapping]]:
    return examined()


def test_an_installation_that_works_has_nothing_wrong(healthy) -> None:
    status, lines = healthy
    wrong = [line for line in lines.values() if line["status"] == "wrong"]
    assert [line for line in wrong if line["group"] != "machine"] == []
    assert status == int(bool(wrong))
    tried = ("blur by net", "blur by net-float", "blur by edge", "threads", "face, drawn", "report")
    for name in (*tried, "face, photograph", "C2PA manifests", "videos"):
        assert lines[f"self-test: {name}"]["status"] == "ok", name
    for line in lines.values():
        assert bool(line["advice"]) or line["status"] == "ok"


def test_every_network_that_ships_is_checked(healthy) -> None:
    with_weights = {f"weights: {model.name}" for model in shipped_models() if model.files}
    assert {name for name in healthy[1] if name.startswith("weights: ")} == with_weights


def test_the_table_says_the_same_in_words(monkeypatch) -> None:
    lines = [
        Line("packages", "numpy", "ok", "2.4"),
        Line("extras", "heif", "missing", "nothing", "pip install '.[heif]'"),
        Line("self-test", "report", "wrong", "a [b]\nc", "try", 1.25),
    ]
    monkeypatch.setattr(doctor, "examine", lambda **_: iter(lines))
    done = CliRunner().invoke(app, ["doctor"])
    assert done.exit_code == 1
    assert "→ pip install '.[heif]'" in done.output
    assert "wrong   report                  a [b]\\nc (1.2 s)" in done.output
    assert "1 ok, 1 missing, 1 wrong; " in done.output


def fake_package(folder: Path, name: str, code: str) -> None:
    """A package that is found before the real one."""
    (folder / name).mkdir(parents=True)
    (folder / name / "__init__.py").write_text(code, "utf-8")


def fake_distribution(folder: Path, name: str, code: str) -> None:
    """A package that looks as if pip had installed it."""
    fake_package(folder, name, code)
    metadata = folder / f"{name}-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (metadata / "top_level.txt").write_text(f"{name}\n")


BROKEN = {
    "raises": ("raise OSError('libx.so: not found')", "OSError: libx.so: not found"),
    "killed": ("import os, signal; os.kill(os.getpid(), signal.SIGILL)", "SIGILL"),
    "leaves": ("import sys; sys.exit(3)", "SystemExit: 3"),
    "ends": ("import os; os._exit(7)", "ended its process (status 7)"),
    "talks": ("import os; os.write(1, b'hello\\n'); raise ValueError('a')", "ValueError: a"),
    "says_why": (
        "import os, sys; print('no AVX', file=sys.stderr, flush=True); os.abort()",
        "ended its process (SIGABRT): no AVX",
    ),
    "sleeps": ("import time; time.sleep(60)", "took longer than 3 seconds"),
}


def test_what_a_package_does_when_it_is_loaded_is_a_line_and_the_next_is_loaded(
    monkeypatch, tmp_path
) -> None:
    for name, (code, _) in BROKEN.items():
        fake_distribution(tmp_path, name, code)
    fake_distribution(tmp_path, "quick", "")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    jobs = [("g", name, f"loaded:package:{name}") for name in (*BROKEN, "quick")]
    *broken, quick = run_apart(jobs, timeout_s=3.0)
    for line, (name, (_, said)) in zip(broken, BROKEN.items(), strict=True):
        assert (line.name, line.status) == (name, "wrong")
        assert said in line.detail
        assert line.advice
    assert (quick.status, quick.detail) == ("ok", "loads quick")


@pytest.mark.slow
@pytest.mark.parametrize("module", ["cv2", "onnxruntime", "av"])
def test_a_package_that_ends_its_process_leaves_the_rest_examined(module, tmp_path) -> None:
    fake_package(tmp_path, module, "import os; os._exit(7)")
    status, lines = examined(PYTHONPATH=os.pathsep.join([str(tmp_path), str(SRC)]))
    name = {"av": "extras: video", "cv2": "packages: opencv-python-headless"}.get(
        module, f"packages: {module}"
    )
    assert status == 1
    assert lines[name]["status"] == "wrong"
    assert "status 7" in lines[name]["detail"]
    assert lines["packages: numpy"]["status"] == "ok"
    assert lines["machine: cores"]["status"] == "ok"
    report = "ok" if module == "av" else "wrong"
    assert lines["self-test: report"]["status"] == report


@pytest.mark.slow
def test_without_optional_packages_nothing_is_wrong_and_what_was_not_tried_is_said() -> None:
    """As in an environment without them: they are neither found nor in the metadata."""
    code = (
        "from importlib import metadata\n"
        "real = metadata.distribution\n"
        "gone = {'av', 'c2pa-python', 'scikit-image', 'pyarrow', 'fastapi'}\n"
        "def without(name):\n"
        "    if name in gone: raise metadata.PackageNotFoundError(name)\n"
        "    return real(name)\n"
        "from blurprint.catalogue import packages\n"
        "packages.distribution = without\n"
        "from blurprint.doctor import doctor\n"
        "doctor._there = lambda module: False\n"
    )
    status, lines = examined(code)
    assert status == 0
    for extra, package in (("video", "av"), ("scan", "pyarrow"), ("serve", "fastapi")):
        line = lines[f"extras: {extra}"]
        assert line["status"] == "missing"
        assert package in line["detail"]
        assert f".[{extra}]" in line["advice"]
    for name in ("videos", "C2PA manifests"):
        assert lines[f"self-test: {name}"]["detail"].startswith("not tried: ")


def test_a_wrong_version_and_a_missing_package_are_wrong() -> None:
    def need(version: str | None, fits: bool | None) -> packages.Need:
        return packages.Need("numpy", ">=9", version, fits)

    lines = list(
        packages.lines(
            (
                packages.Extra("", (need("2.0", False), need(None, None))),
                packages.Extra("video", (need("2.0", False),)),
            ),
            {},
        )
    )
    assert [line.status for line in lines] == ["wrong"] * 3
    assert lines[0].detail == "2.0 is installed, where >=9 is needed"
    assert lines[1].advice == "pip install 'numpy>=9'"


def test_whatever_a_check_raises_is_a_line() -> None:
    class Panic(BaseException):
        pass

    def broken() -> Line:
        raise Panic("of an extension")

    line = guarded("g", "n", broken)
    assert (line.status, line.detail) == ("wrong", "Panic: of an extension")
    assert not well([line])


@pytest.mark.parametrize(
    ("files", "quota", "memory"),
    [
        ({"cpu.max": "150000 100000", "memory.max": "2000000000"}, 1.5, 2_000_000_000),
        ({"cpu.max": "max 100000", "memory.max": "max"}, None, None),
        (
            {
                "cpu/cpu.cfs_quota_us": "50000",
                "cpu/cpu.cfs_period_us": "100000",
                "memory/memory.limit_in_bytes": "1000000000",
            },
            0.5,
            1_000_000_000,
        ),
        (
            {"cpu/cpu.cfs_quota_us": "-1", "memory/memory.limit_in_bytes": str(2**63 - 4096)},
            None,
            None,
        ),
        ({}, None, None),
    ],
)
def test_bounds_of_containers_are_read_of_both_versions(files, quota, memory, tmp_path) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text + "\n", "utf-8")
    assert machine.cpu_quota(tmp_path) == quota
    assert machine.memory_bound(tmp_path) == memory


def test_a_folder_for_temporary_files_that_cannot_be_written_to_is_wrong(monkeypatch) -> None:
    def refused(**_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(machine.tempfile, "TemporaryFile", refused)
    line = dict(machine.checks())["temporary files"]()
    assert (line.status, "TMPDIR" in line.advice) == ("wrong", True)
