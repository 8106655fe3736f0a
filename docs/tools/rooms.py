"""MkDocs hook: a reference page for each room of the package, and a site that loads nothing.

`mkdocs.yml` names this file. Rooms are the packages found in `src/blurprint`, so a new one has a
page without further work.
"""

from __future__ import annotations

import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[2]
GROUND_FLOOR = ("analysis", "errors", "files", "jobs")
"""Modules that are rooms of their own."""
LOADED = re.compile(
    r"<(?:script|img|iframe|source)\b[^>]*\bsrc=[\"']?(?:https?:)?//[^\"'\s>]+"
    r"|<link\b(?=[^>]*\brel=[\"']?(?:stylesheet|preload|preconnect|icon))"
    r"[^>]*\bhref=[\"']?(?:https?:)?//[^\"'\s>]+"
)
"""What makes a browser ask another machine for something when it opens a page."""


def rooms() -> list[str]:
    """Dotted names of the rooms, those of the laboratory last; commands have their own help."""
    package = ROOT / "src" / "blurprint"
    found = [package / f"{name}.py" for name in GROUND_FLOOR]
    found += sorted(file.parent for file in package.glob("*/__init__.py"))
    found += sorted(file.parent for file in package.glob("lab/*/__init__.py"))
    names = [".".join(file.relative_to(package.parent).with_suffix("").parts) for file in found]
    return [name for name in names if name not in {"blurprint.cli", "blurprint.lab"}]


def page_of(room: str) -> str:
    """Place of a room's page in the site, before it becomes HTML."""
    return f"reference/{room.removeprefix('blurprint.').replace('.', '-')}.md"


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Lists the rooms after the pages of the section "Reference" that `mkdocs.yml` names."""
    assert config.nav is not None
    for section in config.nav:
        if isinstance(section, dict) and "Reference" in section:
            section["Reference"] += [
                {room.removeprefix("blurprint.").replace(".", "/"): page_of(room)}
                for room in rooms()
            ]
    return config


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Makes the pages of the rooms."""
    for room in rooms():
        content = f"# `{room}`\n\n::: {room}\n"
        content += "    options:\n      show_submodules: true\n"
        content += "      show_root_heading: false\n      show_root_toc_entry: false\n"
        files.append(File.generated(config, page_of(room), content=content))
    return files


def on_post_page(output: str, *, page: Page, config: MkDocsConfig) -> str:
    """Refuses a page that would load something from another machine.

    Raises:
        PluginError: if it would.
    """
    if found := LOADED.search(output):
        raise PluginError(f"{page.file.src_uri}: would load from elsewhere: {found[0]}")
    return output
