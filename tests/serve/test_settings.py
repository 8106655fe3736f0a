"""Settings: the table of the documentation, the environment, and what is refused."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from blurprint.errors import InputError
from blurprint.serve.settings import (
    PREFIX,
    ServeSettings,
    default_folder,
    is_loopback,
    read_settings,
)

PAGE = Path(__file__).parents[2] / "docs" / "serve.md"
ROW = re.compile(r"^\| `BLURPRINT_([A-Z_]+)` \| (.*?) \| (.*) \|$", re.M)
COMPUTED = {"folder", "workers"}


def test_the_documentation_lists_every_setting_with_its_default():
    rows = {
        name.lower(): (default, words) for name, default, words in ROW.findall(PAGE.read_text())
    }
    assert list(rows) == list(ServeSettings.model_fields)
    for name, field in ServeSettings.model_fields.items():
        default, words = rows[name]
        assert words == field.description, name
        if name not in COMPUTED:
            assert default == (f"`{field.default}`" if field.default != "" else "empty"), name


def test_the_environment_is_read_and_options_win(monkeypatch):
    monkeypatch.setenv("BLURPRINT_PORT", "9000")
    monkeypatch.setenv("BLURPRINT_KEEP_HOURS", "0.5")
    settings = read_settings(host=None, port=None, workers=3)
    assert (settings.port, settings.keep_hours, settings.workers) == (9000, 0.5, 3)
    assert read_settings(port=1).port == 1


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PORT", "70000", "`port` to be at most 65535"),
        ("WORKERS", "0", "`workers` to be at least 1"),
        ("TIMEOUT_S", "0", "`timeout_s` to be above 0"),
        ("TOKEN", "short", "at least 16"),
        ("TOKEN", "sixteen lines\nof it", "printable"),
        ("WORKERS", "1_0", "`workers` to be a whole number of plain digits"),
        ("KEEP_HOURS", "2_4", "`keep_hours` to be a number of plain digits"),
        ("KEEP_HOURS", "nan", "`keep_hours` to be a number of plain digits"),
        ("NO_SUCH", "1", "BLURPRINT_NO_SUCH"),
        ("FOLDER", "", '`folder` to be the path of a folder, but got ""'),
        ("FOLDER", " ", "`folder` to be the path of a folder"),
        ("HOST", "", "`host`"),
    ],
)
def test_what_is_wrong_is_named(monkeypatch, name, value, said):
    monkeypatch.setenv(f"{PREFIX}{name}", value)
    with pytest.raises(InputError, match=said):
        read_settings(workers=None if name == "WORKERS" else 1)


@pytest.mark.parametrize("name", list(ServeSettings.model_fields))
def test_an_empty_variable_is_refused_or_stated_to_have_a_meaning(monkeypatch, name):
    monkeypatch.setenv(f"{PREFIX}{name.upper()}", "")
    if ServeSettings.model_fields[name].default == "":
        assert getattr(read_settings(), name) == ""
    else:
        with pytest.raises(InputError, match=f"`{name}`"):
            read_settings()


def test_the_default_folder_is_never_relative(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    for value in ("", "state"):
        monkeypatch.setenv("XDG_STATE_HOME", value)
        assert default_folder() == tmp_path / ".local" / "state" / "blurprint" / "serve"
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    assert default_folder() == tmp_path / "state" / "blurprint" / "serve"


def test_small_bounds_are_bounds():
    settings = ServeSettings(workers=1, max_file_mb=1e-9, max_pixels=1.001)
    assert (settings.max_file_bytes, settings.most_pixels) == (1, 1_001_000)


def test_a_token_is_not_shown(monkeypatch):
    monkeypatch.setenv("BLURPRINT_TOKEN", "correct horse battery")
    settings = read_settings(workers=1)
    assert "horse" not in repr(settings)
    assert "horse" not in str(settings)


def test_a_wrong_token_is_not_shown_either(monkeypatch):
    monkeypatch.setenv("BLURPRINT_TOKEN", "secret")
    with pytest.raises(InputError) as caught:
        read_settings(workers=1)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        *((host, True) for host in ("127.0.0.1", "127.9.9.9", "::1", "LocalHost")),
        *((host, False) for host in ("0.0.0.0", "::", "10.0.0.1", "example.org")),
    ],
)
def test_loopback(host, loopback):
    assert is_loopback(host) == loopback
    allowed = ServeSettings(host=host, workers=1).allowed_hosts
    assert bool(allowed) == loopback


def test_settings_need_none_of_the_analysis():
    code = (
        "import sys; from blurprint.serve.settings import ServeSettings; ServeSettings(); "
        "print([m for m in ('blurprint.analysis', 'blurprint.clips.analyze_clip', 'onnxruntime') "
        "if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_a_folder_in_the_home_of_the_user(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("BLURPRINT_FOLDER", "~/results")
    assert read_settings().folder == tmp_path / "results"
    monkeypatch.setenv("BLURPRINT_FOLDER", "~no-such-user-here/results")
    with pytest.raises(InputError, match="the path of a folder"):
        read_settings()
