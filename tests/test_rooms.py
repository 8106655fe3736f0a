"""The house: no file imports from a higher room, and no import goes in a circle."""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import blurprint

ROOMS = (
    ("version", "errors", "limits", "frozen", "arrays", "numerals"),
    ("files", "invalid", "jobs"),
    ("photos",),
    ("lens",),
    ("weights",),
    ("faces",),
    ("hiding",),
    ("optics",),
    ("evidence",),
    ("score",),
    ("pages",),
    ("provenance",),
    ("report",),
    ("analysis",),
    ("clips",),
    ("scan",),
    ("serve",),
    ("catalogue",),
    ("lab.torchvision_import",),
    ("lab.datasets",),
    ("lab.measures",),
    ("lab.crops", "lab.audit", "lab.loading", "lab.rendering"),
    ("lab.fakes",),
    ("lab.models",),
    ("lab.pages",),
    ("lab.training",),
    ("lab.evaluation",),
    ("lab.experiments",),
    ("lab.studies",),
    ("doctor",),
    ("cli",),
    ("__main__",),
)
"""From the ground up; rooms of one floor do not know each other."""
FACE = "blurprint"
"""The package itself gives its users names of many rooms, and is imported by none of them."""


def imports() -> dict[str, set[str]]:
    """Each module of the package with those that it imports, wherever the import stands."""
    root = Path(blurprint.__file__).parent
    files = {}
    for file in root.rglob("*.py"):
        parts = file.relative_to(root.parent).with_suffix("").parts
        files[".".join(parts).removesuffix(".__init__")] = file
    found: dict[str, set[str]] = {}
    for module, file in files.items():
        named = set()
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                named |= {node.module} | {f"{node.module}.{name.name}" for name in node.names}
            elif isinstance(node, ast.Import):
                named |= {name.name for name in node.names}
        ours = {name for name in named if name in files and name != module}
        # `from room import module` names both; the room's own file holds nothing.
        packages = {name for name in ours if files[name].name == "__init__.py"}
        inner = {name for name in packages if any(n.startswith(f"{name}.") for n in ours)}
        found[module] = ours - inner
    return found


def room_of(module: str) -> str:
    inside = module.removeprefix("blurprint.")
    return next(
        room for floor in ROOMS for room in floor if inside == room or inside.startswith(f"{room}.")
    )


def place_of(module: str) -> int:
    return next(level for level, floor in enumerate(ROOMS) if room_of(module) in floor)


GRAPH = imports()


def test_every_module_has_its_room() -> None:
    for module in GRAPH:
        if module not in (FACE, "blurprint.lab"):
            room_of(module)


@pytest.mark.parametrize("module", sorted(set(GRAPH) - {FACE, "blurprint.lab"}))
def test_nothing_is_imported_from_above(module: str) -> None:
    assert FACE not in GRAPH[module], "the face is for users"
    for other in GRAPH[module]:
        if room_of(other) != room_of(module):
            assert place_of(other) < place_of(module), f"{module} imports {other}"


def test_no_import_goes_in_a_circle() -> None:
    try:
        TopologicalSorter(GRAPH).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))
