"""docs/thresholds.md lists the thresholds of the code: here, that both say the same."""

from __future__ import annotations

import ast
import re
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "thresholds.md"
SOURCE = ROOT / "src" / "blurprint"
SCRIPT = ROOT / "benchmarks" / "thresholds.py"
KINDS = {"paper", "measured", "convention", "definition"}

# | `optics.tolerance.TOLERANCE_PX` | `0.25` | what it decides | kind | where it comes from |
ROW = re.compile(
    r"^\| `([a-z_.0-9]+)\.(_?[A-Z][A-Z0-9_]*)` \| `([^`]+)` \| (.+) \| (\w+) \| (.+) \|$", re.M
)
# | `hiding/dots.py` | `seen.peak > 10` | what it decides | where it comes from |
INSIDE = re.compile(r"^\| `([a-z_/0-9]+\.py)` \| `([^`]+)` \| (.+) \| (.+) \|$", re.M)


def rows() -> list[tuple[str, str, str, str, str, str]]:
    return ROW.findall(PAGE.read_text())


def value_of(text: str) -> Any:
    """A number, a fraction or a tuple of numbers, as it stands in the page."""

    def of(node: ast.expr) -> Any:
        match node:
            case ast.Constant(value=value):
                return value
            case ast.Tuple(elts=parts):
                return tuple(of(part) for part in parts)
            case ast.BinOp(left=left, op=ast.Div(), right=right):
                return of(left) / of(right)
        raise AssertionError(f"no number: {text}")

    return of(ast.parse(text, mode="eval").body)


def test_the_page_lists_thresholds_once() -> None:
    names = [(module, name) for module, name, *_ in rows()]
    assert len(names) > 100
    assert len(set(names)) == len(names)


def test_every_line_of_its_tables_is_read() -> None:
    """A row that is written otherwise would be compared with nothing."""
    table = [line for line in PAGE.read_text().splitlines() if line.startswith("| `")]
    read = len(rows()) + len(INSIDE.findall(PAGE.read_text()))
    assert read == len(table)


@pytest.mark.parametrize(
    ("module", "name", "value"), [pytest.param(*row[:3], id=".".join(row[:2])) for row in rows()]
)
def test_a_value_of_the_page_is_that_of_the_code(module: str, name: str, value: str) -> None:
    found = getattr(import_module(f"blurprint.{module}"), name)
    assert value_of(value) == found


@pytest.mark.parametrize(("file", "text"), [row[:2] for row in INSIDE.findall(PAGE.read_text())])
def test_a_number_inside_a_function_is_there(file: str, text: str) -> None:
    assert text in (SOURCE / file).read_text()


def test_every_threshold_has_a_kind_and_a_source() -> None:
    for module, name, _, decides, kind, source in rows():
        assert kind in KINDS, f"{module}.{name}: {kind}"
        assert decides.strip() and source.strip(), f"{module}.{name}"


def test_the_code_points_to_the_page_or_the_paper() -> None:
    """In the comment above the constant; what comes from a paper may name it below instead."""
    for module, name, _, _, kind, _ in rows():
        text = (SOURCE / (module.replace(".", "/") + ".py")).read_text()
        names = rf"(?:[A-Z_]+, )?{name}(?:, [A-Z_]+)?"
        above = re.search(rf"((?:^#.*\n)*)^{names}(?:: \S+)? = ", text, re.M)
        assert above is not None, f"{module}.{name}"
        assert "docs/thresholds.md" in above[1] or kind == "paper", f"{module}.{name}"


def test_what_the_script_sweeps_is_on_the_page() -> None:
    listed = {name for _, name, *_ in rows()}
    swept = re.findall(r'sweep\(\w+, "([A-Z_ ]+)"', SCRIPT.read_text())
    assert len(swept) > 30
    for names in swept:
        assert set(names.split()) <= listed | {"THIN_PX"}, names
