"""What holds the package, its documentation and their tools together."""

from __future__ import annotations

import inspect
import re
import tomllib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

import blurprint

ROOT = Path(__file__).parents[1]
PAGES = [*sorted((ROOT / "docs").rglob("*.md")), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def test_hatchling_finds_the_version() -> None:
    """By its default pattern: an annotated assignment would make every installation fail."""
    pattern = r'(?im)^(?:__version__|VERSION) *= *([\'"])v?(?P<version>.+?)\1'
    file = ROOT / PROJECT["tool"]["hatch"]["version"]["path"]
    found = re.search(pattern, file.read_text("utf-8"))
    assert found is not None
    assert found["version"] == blurprint.__version__


def test_the_source_archive_names_files_that_exist() -> None:
    for name in PROJECT["tool"]["hatch"]["build"]["targets"]["sdist"]["include"]:
        assert ROOT.joinpath(name.lstrip("/")).exists(), name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    text = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if not target.startswith(("https://", "#")):
            assert (page.parent / target.partition("#")[0]).exists(), target


def test_the_site_has_every_page() -> None:
    nav = (ROOT / "mkdocs.yml").read_text("utf-8")
    for page in (ROOT / "docs").rglob("*.md"):
        assert f": {page.relative_to(ROOT / 'docs')}\n" in nav, page


def test_the_reference_has_every_public_name() -> None:
    text = (ROOT / "docs/reference/index.md").read_text("utf-8")
    listed = set(re.findall(r"^::: blurprint\.(\w+)$", text, flags=re.MULTILINE))
    assert listed == set(blurprint.__all__) - {"__version__"}


def test_type_checkers_see_every_public_name() -> None:
    text = Path(blurprint.__file__).read_text("utf-8")
    imports = re.findall(r"^    from (\S+) import (\w+) as \2$", text, flags=re.MULTILINE)
    names = [name for _, name in imports]
    assert sorted(["__version__", *names]) == sorted(blurprint.__all__)
    for module, name in imports:
        assert getattr(import_module(module), name) is getattr(blurprint, name)


def test_whoever_silences_the_type_checker_says_why() -> None:
    """A comment behind it has the reason; the tests are not type-checked and need none."""
    for folder in ("src", "benchmarks", "examples", "docs/tools", "tests"):
        for file in set((ROOT / folder).rglob("*.py")) - {Path(__file__)}:
            for line in file.read_text("utf-8").splitlines():
                if "# type: ignore" in line:
                    assert folder != "tests", f"{file}: {line}"
                    said = re.search(r"# type: ignore\[[a-z, -]+\]  # \w", line)
                    assert said, f"{file}: {line}"


def public_parameters() -> Iterator[tuple[str, int, inspect.Parameter]]:
    """Every parameter of the public functions and methods: of what, its place, itself."""
    for name in set(blurprint.__all__) - {"__version__"}:
        value = getattr(blurprint, name)
        if inspect.isclass(value) and issubclass(value, Exception):
            continue
        functions = {name: value}
        if inspect.isclass(value):
            methods = inspect.getmembers(value, inspect.isroutine)
            functions = {f"{name}.{m}": f for m, f in methods if not m.startswith("_")}
            functions[f"{name}()"] = value
        for called, function in functions.items():
            parameters = inspect.signature(function).parameters.values()
            for place, one in enumerate(one for one in parameters if one.name != "self"):
                yield called, place, one


def test_public_options_are_given_by_name() -> None:
    """No flag is positional, and of a function nothing with a default after two arguments."""
    for name, place, one in public_parameters():
        if one.kind is not inspect.Parameter.KEYWORD_ONLY:
            assert "bool" not in str(one.annotation).split(" | "), f"{name}: {one}"
            assert place < 2 or name.endswith("()") or one.default is one.empty, f"{name}: {one}"


def test_public_functions_take_paths_as_text_too() -> None:
    paths = [(name, one) for name, _, one in public_parameters() if "Path" in str(one.annotation)]
    assert {"read_photo", "write_report", "Report.save", "DefocusMap.load"} <= {n for n, _ in paths}
    for name, one in paths:
        assert "str" in str(one.annotation).split(" | "), f"{name}: {one}"
