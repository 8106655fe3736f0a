"""Griffe extension: docstrings as they stand in the code, made Markdown.

References such as ``:func:`name``` become links, examples after ``>>>`` blocks of code.
"""

from __future__ import annotations

import re
from typing import Any

import griffe

ROLE = re.compile(r":(?:attr|class|data|exc|func|meth|mod):`(~?)([\w.]+)`")
EXAMPLE = re.compile(r"(?:^[ ]*>>> .*\n?)(?:^[ ]*\S.*\n?)*", re.MULTILINE)


def linked(text: str, around: griffe.Object) -> str:
    """`text` with references as links, where their target is found from `around`."""

    def link(match: re.Match[str]) -> str:
        short, name = match.groups()
        shown = name.rpartition(".")[2] if short else name
        path = name
        for scope in (around, around.parent, around.module):
            if scope is None or name.startswith("blurprint."):
                break
            try:
                path = scope.resolve(name.partition(".")[0])
            except griffe.NameResolutionError:
                continue
            path += name[len(name.partition(".")[0]) :]
            break
        return f'<autoref identifier="{path}" optional><code>{shown}</code></autoref>'

    return ROLE.sub(link, text)


def fenced(text: str) -> str:
    """`text` with its examples as blocks of code."""

    def fence(match: re.Match[str]) -> str:
        block = match[0].rstrip("\n")
        indent = block[: len(block) - len(block.lstrip(" "))]
        return f"{indent}```pycon\n{block}\n{indent}```\n"

    return EXAMPLE.sub(fence, text)


class Docstrings(griffe.Extension):
    """Rewrites every docstring once the package is loaded, since links need all of it."""

    def on_package(self, *, pkg: griffe.Module, **_: Any) -> None:
        """Griffe calls this with each package."""
        self._rewrite(pkg)

    def _rewrite(self, of: griffe.Object) -> None:
        if of.docstring:
            of.docstring.value = fenced(linked(of.docstring.value, of))
        for member in of.members.values():
            if not member.is_alias:
                self._rewrite(member)
