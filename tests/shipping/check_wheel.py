"""Build the archives, install the wheel in a clean environment without torch, and use it.

Run by `make wheel`. It needs a Python with pip, git, and an index of packages. The archives must
hold every file that git tracks and that belongs there, and no other.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import tempfile
import time
import urllib.request
import venv
import zipfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]
PINS = ROOT / "docker" / "constraints.txt"
EXTRAS = "scan,serve,video"
ABSENT = ("torch", "torchvision", "timm", "lightning", "pandas", "matplotlib", "sklearn", "skimage")
"""Nothing of the laboratory may be needed."""
MUST_HOLD = (
    "blurprint/py.typed",
    "blurprint/weights/estimator-int8.onnx",
    "blurprint/weights/estimator.onnx",
    "blurprint/weights/face.onnx",
    "blurprint/weights/face.json",
    "blurprint/report/report.schema.json",
    "blurprint/report/template.html.j2",
    "blurprint/report/overlay.js",
    "blurprint/pages/style.css",
    "blurprint/serve/page/index.html",
    "blurprint/serve/page/main.js",
    "blurprint/evidence/reference.json",
)
"""Of each kind of file that is no code, some: what git tracks is compared with all."""
NEEDED = 1_000_000_000
"""Bytes free in the folder of temporary files: the environment took 0.7 GB of them."""
_SOURCE_ONLY = (".ci/", ".gitignore", ".pre-commit-config.yaml")
_START_S = 60.0
_STOP_S = 60.0

DRAW = (
    "import sys; from PIL import Image; from blurprint.doctor.face_picture import draw_face; "
    "[Image.fromarray(draw_face()[:, :end]).save(f'{sys.argv[1]}/{end}.png') for end in (300, 320)]"
)


def main() -> None:
    """All steps; the first that fails ends with its message and status 1."""
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="blurprint-wheel-") as folder:
        place = Path(folder)
        if (free := shutil.disk_usage(place).free) < NEEDED:
            fail(f"{place.parent} has {free / 1e9:.1f} GB free, {NEEDED / 1e9:.1f} are needed")
        wheel, source = build(place)
        check_wheel_files(wheel)
        check_source_files(source)
        done(f"{wheel.name} and {source.name} hold what they must, {wheel.stat().st_size >> 20} MB")
        python = install(place / "env", f"{wheel}[{EXTRAS}]")
        done(f"installed with the extras {EXTRAS}, at the versions of {PINS.relative_to(ROOT)}")
        use = Use(python, place)
        for name, check in CHECKS.items():
            check(use)
            done(name)
    print(f"The wheel works: {time.perf_counter() - began:.0f} s.")


def done(what: str) -> None:
    print(f"ok: {what}", flush=True)


def fail(why: str) -> None:
    sys.exit(f"check_wheel: {why}")


def environment(folder: Path, *packages: str) -> Path:
    """A new environment with these packages and nothing else; its Python."""
    venv.create(folder)
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", python]
    run([*pip, "install", "--quiet", "--only-binary", ":all:", "-c", PINS, *packages])
    return python


def install(folder: Path, what: str) -> Path:
    python = environment(folder, what)
    for name in ABSENT:
        if run([python, "-c", f"import {name}"], fails=True) == 0:
            fail(f"{name} is installed")
    return python


def build(place: Path) -> tuple[Path, Path]:
    """The wheel, from the source archive as pip makes it, and that archive."""
    python = environment(place / "builder", "hatchling")
    run([python, "-m", "hatchling", "build", "-d", place / "dist", "-t", "sdist", "-t", "wheel"])
    (wheel,) = (place / "dist").glob("*.whl")
    (source,) = (place / "dist").glob("*.tar.gz")
    shutil.rmtree(place / "builder")
    return wheel, source


def run(command: list[object], *, fails: bool = False, **more: object) -> int:
    """Run it; its output is shown if it fails though it may not."""
    words = [str(word) for word in command]
    given = {"cwd": ROOT, "env": clean(), "capture_output": True, "text": True} | more
    ended = subprocess.run(words, check=False, **given)
    if ended.returncode and not fails:
        fail(f"{' '.join(words)}\n{ended.stdout}{ended.stderr}status {ended.returncode}")
    return ended.returncode


def clean() -> dict[str, str]:
    """The environment without what would let this checkout be found."""
    return {
        name: value
        for name, value in os.environ.items()
        if name not in {"PYTHONPATH", "VIRTUAL_ENV"} and not name.startswith("BLURPRINT_")
    }


def tracked() -> set[str]:
    """Every file that git tracks; what is new and not added yet is no part of an archive."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    return {name for name in listed.stdout.decode().split("\0") if name}


def check_wheel_files(wheel: Path) -> None:
    """The package as git tracks it, its metadata, and nothing else."""
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    expected = {name.removeprefix("src/") for name in tracked() if name.startswith("src/")}
    compare(wheel.name, names, expected)
    if lost := set(MUST_HOLD) - names:
        fail(f"{wheel.name} lacks {', '.join(sorted(lost))}")


def check_source_files(source: Path) -> None:
    """All that git tracks but what only the repository needs."""
    with tarfile.open(source) as archive:
        names = {member.name.partition("/")[2] for member in archive if member.isfile()}
    expected = {name for name in tracked() if not name.startswith(_SOURCE_ONLY)}
    compare(source.name, names - {"PKG-INFO", ".gitignore"}, expected)


def compare(archive: str, names: set[str], expected: set[str]) -> None:
    if lost := sorted(expected - names):
        fail(f"{archive} lacks {len(lost)} files: {', '.join(lost[:8])}")
    if more := sorted(names - expected):
        fail(f"{archive} holds {len(more)} files that git does not track: {', '.join(more[:8])}")


class Use:
    """The installed command, run in an empty folder."""

    def __init__(self, python: Path, place: Path) -> None:
        self.command = python.with_name("blurprint")
        self.folder = place / "used"
        self.pictures = self.folder / "pictures"
        self.pictures.mkdir(parents=True)
        run([python, "-c", DRAW, self.pictures], cwd=self.folder)

    def __call__(self, *words: object, statuses: tuple[int, ...] = (0,)) -> str:
        """Standard output of a command, which must end with one of these statuses."""
        given = [self.command, *words]
        ended = subprocess.run(
            [str(word) for word in given],
            cwd=self.folder,
            env=clean(),
            capture_output=True,
            text=True,
            check=False,
        )
        if ended.returncode not in statuses:
            said = ended.stdout + ended.stderr
            fail(f"blurprint {' '.join(map(str, words))}\n{said}status {ended.returncode}")
        return ended.stdout


def version(use: Use) -> None:
    scope: dict[str, str] = {}
    exec((ROOT / "src/blurprint/version.py").read_text("utf-8"), scope)
    if use("--version").strip() != f"blurprint {scope['__version__']}":
        fail("another version is installed")


def doctor(use: Use) -> None:
    """Nothing of the installation is wrong; what the machine lacks is said and is not its fault."""
    content = json.loads(use("doctor", "--json", statuses=(0, 1)))
    wrong = [one for one in content["lines"] if one["status"] == "wrong"]
    for one in wrong:
        print(f"the doctor says: {one['group']}, {one['name']}: {one['detail']}", flush=True)
    if any(one["group"] != "machine" for one in wrong):
        fail("the doctor finds the installation wrong")
    extras = {one["name"]: one["status"] for one in content["lines"] if one["group"] == "extras"}
    if [extras[name] for name in EXTRAS.split(",")] != ["ok"] * 3 or extras["lab"] != "missing":
        fail(f"the doctor says of the extras {extras}")


def models(use: Use) -> None:
    content = json.loads(use("models", "--json"))
    states = {file["state"] for one in content["models"] for file in one["files"]}
    if states != {"as stated"}:
        fail(f"hashes of weights are {states}")


def analyze(use: Use) -> None:
    use("analyze", use.pictures, "--out", "reports", "--table", "rows.jsonl")
    rows = [json.loads(row) for row in (use.folder / "rows.jsonl").read_text().splitlines()]
    if [row["error"] for row in rows] != [None, None]:
        fail(f"rows of analyze: {rows}")
    if len(list((use.folder / "reports").rglob("report.html"))) != 2:
        fail("analyze wrote no two reports")


def score(use: Use) -> None:
    use("score", use.pictures)


def scan(use: Use) -> None:
    use("scan", use.pictures, "--out", "scanned", "--quiet")
    if not list((use.folder / "scanned").rglob("*.parquet")):
        fail("scan wrote no table")


def serve(use: Use) -> None:
    """Start, see that it is healthy, upload a picture, stop by SIGTERM."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = use.folder / "serve.log"
    words = [use.command, "serve", "--port", port, "--folder", use.folder / "served"]
    with log.open("wb") as said:
        process = subprocess.Popen(
            [str(word) for word in words], cwd=use.folder, env=clean(), stdout=said, stderr=said
        )
    address = f"http://127.0.0.1:{port}/v1"
    try:
        wait_for(lambda: asked(f"{address}/healthz") is not None, process, log)
        result = upload(f"{address}/analyze", use.pictures / "320.png")
        wait_for(lambda: state(address, result) in {"done", "failed"}, process, log)
        if state(address, result) != "done":
            fail(f"the upload failed\n{log.read_text()}")
        process.send_signal(signal.SIGTERM)
        if (status := process.wait(_STOP_S)) != 0:
            fail(f"serve ended with status {status} after SIGTERM\n{log.read_text()}")
    finally:
        process.kill()


def asked(address: str) -> bytes | None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(address, timeout=10) as answer:
            content: bytes = answer.read()
            return content
    except OSError:
        return None


def state(address: str, result: str) -> str:
    return str(json.loads(asked(f"{address}/results/{result}") or b"{}").get("state"))


def upload(address: str, picture: Path) -> str:
    """Send a picture as a page does; the id of its result."""
    border = "blurprint-check"
    head = f'--{border}\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\n'
    body = head.encode() + picture.read_bytes() + f"\r\n--{border}--\r\n".encode()
    kind = {"Content-Type": f"multipart/form-data; boundary={border}"}
    request = urllib.request.Request(address, body, kind)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=60) as answer:
        return str(json.load(answer)["results"][0]["id"])


def wait_for(true: Callable[[], bool], process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + _START_S
    while not true():
        if process.poll() is not None or time.monotonic() > end:
            fail(f"serve does not answer\n{log.read_text()}")
        time.sleep(0.2)


CHECKS: dict[str, Callable[[Use], None]] = {
    "version": version,
    "doctor": doctor,
    "models": models,
    "analyze": analyze,
    "score": score,
    "scan": scan,
    "serve": serve,
}
"""What is done with the installed wheel, in order."""


if __name__ == "__main__":
    main()
