"""The page of the service: its files as they lie here, with the style that all pages share."""

from __future__ import annotations

from importlib.resources import files
from typing import Final

from blurprint.frozen import frozen

INDEX: Final = "index.html"
SHARED_STYLE: Final = "style.css"
"""Comes from :mod:`blurprint.pages`, as that of the reports."""
MEDIA_TYPES: Final = frozen(
    {
        ".html": "text/html; charset=utf-8",
        ".css": "text/css; charset=utf-8",
        ".js": "text/javascript; charset=utf-8",
        ".svg": "image/svg+xml",
    }
)
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""The content security policy under which the page works; its answers need it as a header."""


def page_files() -> dict[str, tuple[bytes, str]]:
    """Content and media type of every file, by name.

    :data:`INDEX` belongs at the root of the service, the others under ``page/``. The service itself
    is asked for at ``v1/``, both relative to the root, so that it may lie under any path.

    >>> sorted(page_files())[:3]
    ['api.js', 'compare.js', 'dom.js']
    """
    found = {
        entry.name: (entry.read_bytes(), MEDIA_TYPES[suffix])
        for entry in files(__package__).iterdir()
        if (suffix := "." + entry.name.rpartition(".")[2]) in MEDIA_TYPES
    }
    shared = files("blurprint.pages").joinpath(SHARED_STYLE).read_bytes()
    return {**found, SHARED_STYLE: (shared, MEDIA_TYPES[".css"])}
