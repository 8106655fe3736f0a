"""The image and the compose file: no daemon is needed to see that they keep to their rules."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path
from threading import Thread
from typing import ClassVar

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from blurprint.version import __version__

ROOT = Path(__file__).parents[2]
SERVICE = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))["services"]["blurprint"]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS = ("serve", "video", "provenance", "heif", "scan")


def stages() -> list[list[tuple[str, str]]]:
    """Instructions of each stage of the Dockerfile; those before the first are its first."""
    text = re.sub(r"^\s*#.*\n", "", (ROOT / "Dockerfile").read_text("utf-8"), flags=re.MULTILINE)
    text = text.replace("\\\n", " ")
    out: list[list[tuple[str, str]]] = [[]]
    for line in filter(str.strip, text.splitlines()):
        word, _, rest = line.partition(" ")
        if word == "FROM":
            out.append([])
        out[-1].append((word, rest.strip()))
    return out


GLOBAL, BUILD, FINAL = stages()


def of(stage: list[tuple[str, str]], word: str) -> list[str]:
    return [rest for name, rest in stage if name == word]


def environment() -> dict[str, str]:
    return dict(word.split("=", 1) for line in of(FINAL, "ENV") for word in shlex.split(line))


def test_both_stages_stand_on_one_slim_image_of_a_stated_version() -> None:
    (default,) = of(GLOBAL, "ARG")
    assert re.fullmatch(r"PYTHON=3\.\d+-slim-\w+", default)
    assert of(BUILD, "FROM") == ["python:${PYTHON} AS build"]
    assert of(FINAL, "FROM") == ["python:${PYTHON}"]


def test_the_final_stage_holds_no_tools_and_only_what_was_built() -> None:
    assert of(FINAL, "COPY") == ["--from=build /opt/blurprint /opt/blurprint"]
    assert not of(FINAL, "ADD") and not of(BUILD, "ADD")
    commands = " ".join(of(FINAL, "RUN"))
    assert "uninstall --yes pip setuptools wheel" in commands
    assert not re.search(r"\b(apt|apt-get|curl|wget|gcc|pip install)\b", commands)


def test_only_wheels_of_pinned_versions_are_installed() -> None:
    installs = re.findall(r"pip (?:--python \S+ )?install ([^&]*)", " ".join(of(BUILD, "RUN")))
    assert len(installs) == 2
    for words in installs:
        assert "--only-binary :all:" in words
        assert "-c docker/constraints.txt" in words
    assert "[${EXTRAS}]" in installs[1]
    assert of(BUILD, "ARG") == ["EXTRAS=serve,video,provenance"]


def test_it_runs_as_a_number_that_is_not_root_and_owns_the_folder_of_results() -> None:
    (user,) = of(FINAL, "USER")
    assert re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", user)
    number = user.partition(":")[0]
    commands = " ".join(of(FINAL, "RUN"))
    assert f"--owner {number}" in commands and f"--uid {number}" in commands
    words = [word for word, _ in FINAL]
    assert words.index("USER") > words.index("RUN")
    assert SERVICE["user"] == user


def test_nothing_is_written_but_temporary_files_and_results() -> None:
    given = environment()
    assert given["PYTHONDONTWRITEBYTECODE"] == "1"
    assert given["HOME"] == "/tmp"
    folder = given["BLURPRINT_FOLDER"]
    assert json.loads(of(FINAL, "VOLUME")[0]) == [folder]
    assert SERVICE["read_only"] is True
    assert SERVICE["volumes"] == [f"results:{folder}"]
    (temporary,) = SERVICE["tmpfs"]
    assert temporary.startswith("/tmp:")
    assert {"noexec", "nosuid", "nodev"} <= set(temporary.partition(":")[2].split(","))
    assert "size=" in temporary


def test_labels_say_what_it_is_and_name_no_address() -> None:
    labels = dict(word.split("=", 1) for word in shlex.split(of(FINAL, "LABEL")[0]))
    assert labels["org.opencontainers.image.version"] == __version__
    assert set(labels) >= {
        f"org.opencontainers.image.{name}" for name in ("title", "description", "licenses")
    }
    assert not any("://" in value or "@" in value for value in labels.values())


class Health(BaseHTTPRequestHandler):
    asked: ClassVar[list[str]] = []
    status = 200

    def do_GET(self) -> None:
        type(self).asked.append(self.path)
        self.send_response(type(self).status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.mark.parametrize(("status", "healthy"), [(200, True), (503, False), (None, False)])
def test_the_health_check_asks_the_service_and_fails_where_it_does(status, healthy) -> None:
    _, _, command = of(FINAL, "HEALTHCHECK")[0].partition("CMD ")
    program, *words = json.loads(command)
    assert program == "python"
    with HTTPServer(("127.0.0.1", 0), Health) as server:
        port = server.server_address[1]
        if status is not None:
            Health.asked, Health.status = [], status
            Thread(target=server.serve_forever, daemon=True).start()
        else:
            server.server_close()
        done = subprocess.run(
            [sys.executable, *words],
            env={"BLURPRINT_PORT": str(port), "http_proxy": "http://127.0.0.1:9"},
            capture_output=True,
            check=False,
        )
        if status is not None:
            server.shutdown()
            assert Health.asked == ["/v1/healthz"]
    assert (done.returncode == 0) is healthy


def test_the_service_is_what_starts_and_a_signal_reaches_it() -> None:
    assert json.loads(of(FINAL, "ENTRYPOINT")[0]) == ["blurprint"]
    assert json.loads(of(FINAL, "CMD")[0]) == ["serve"]
    assert of(FINAL, "STOPSIGNAL") == ["SIGTERM"]
    assert int(SERVICE["stop_grace_period"].removesuffix("s")) > 30


def test_compose_takes_every_right_away_and_bounds_what_is_left() -> None:
    assert SERVICE["cap_drop"] == ["ALL"]
    assert SERVICE["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in SERVICE and "cap_add" not in SERVICE
    assert SERVICE["mem_limit"] == SERVICE["memswap_limit"] == "4g"
    assert 0 < SERVICE["pids_limit"] <= 1024
    assert SERVICE["cpus"] > 0
    port = environment()["BLURPRINT_PORT"]
    assert SERVICE["ports"] == [f"127.0.0.1:{port}:{port}"], "this machine only"
    assert of(FINAL, "EXPOSE") == [port]


def test_the_token_comes_from_the_environment_and_stands_in_no_file() -> None:
    assert SERVICE["environment"]["BLURPRINT_TOKEN"].startswith("${BLURPRINT_TOKEN:?")
    assert "TOKEN" not in (ROOT / "Dockerfile").read_text("utf-8")


def test_every_setting_is_one_of_the_service() -> None:
    from blurprint.serve.settings import ServeSettings

    known = {f"BLURPRINT_{name}".upper() for name in ServeSettings.model_fields}
    given = environment() | SERVICE["environment"]
    assert {name for name in given if name.startswith("BLURPRINT_")} <= known


def let_through(path: str) -> bool:
    """What Docker sends to the build: the last rule that fits decides."""
    sent = True
    for rule in (ROOT / ".dockerignore").read_text("utf-8").splitlines():
        if rule and not rule.startswith("#"):
            pattern = rule.removeprefix("!").removeprefix("**/")
            parts = Path(path).parts
            whole = ["/".join(parts[: end + 1]) for end in range(len(parts))]
            names = parts if rule.startswith("**/") else whole
            if any(fnmatch(name, pattern) for name in names):
                sent = rule.startswith("!")
    return sent


def test_the_build_is_sent_what_it_copies_and_nothing_else() -> None:
    sources = [name for line in of(BUILD, "COPY") for name in line.split()[:-1]]
    for name in sources:
        assert (ROOT / name).exists(), name
        assert let_through(name.rstrip("/")), name
    assert let_through("src/blurprint/weights/face.onnx")
    for name in (".git/config", "tests/conftest.py", ".env", "docs/index.md", ".venv/bin/python"):
        assert not let_through(name), name
    assert not let_through("src/blurprint/__pycache__/version.cpython-311.pyc")


def pins() -> dict[str, str]:
    lines = (ROOT / "docker/constraints.txt").read_text("utf-8").splitlines()
    found = [line for line in lines if not line.startswith("#")]
    assert all(re.fullmatch(r"[a-z0-9-]+==\S+", line) for line in found)
    return dict(line.split("==") for line in found)


def needed(requirement: Requirement, extras: set[str]) -> bool:
    marker = requirement.marker
    return marker is None or any(marker.evaluate({"extra": extra}) for extra in extras | {""})


def below(requirement: Requirement, seen: set[tuple[str, str]]) -> Iterator[Requirement]:
    """A requirement and all that it needs, as far as that is installed here."""
    key = (canonicalize_name(requirement.name), ",".join(sorted(requirement.extras)))
    if key in seen:
        return
    seen.add(key)
    yield requirement
    try:
        further = requires(requirement.name) or []
    except PackageNotFoundError:
        return
    for text in further:
        one = Requirement(text)
        if needed(one, requirement.extras):
            yield from below(one, seen)


def test_whatever_is_needed_is_pinned_to_a_version_that_we_take() -> None:
    pinned = pins()
    ours = [Requirement(text) for text in PROJECT["dependencies"]]
    for extra in EXTRAS:
        ours += [Requirement(text) for text in PROJECT["optional-dependencies"][extra]]
    for one in ours:
        assert one.specifier.contains(pinned[canonicalize_name(one.name)]), one
    seen: set[tuple[str, str]] = set()
    names = {canonicalize_name(need.name) for one in ours for need in below(one, seen)}
    assert names - set(pinned) == set()
    assert not {"torch", "pandas", "matplotlib"} & set(pinned)
