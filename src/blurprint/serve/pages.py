"""The page, and its files under `/static/`."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from blurprint.serve.guard import PAGE_POLICY
from blurprint.serve.installed import reads_heic, reads_videos
from blurprint.serve.problem import Problem

router = APIRouter(include_in_schema=False)

_KINDS: Final = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/vnd.microsoft.icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}
_PAGE: Final = "index.html"
_ICON: Final = "icon.svg"
_SHARED_STYLE: Final = "style.css"
"""Of the reports, too."""
_HEIC: Final = (b".heic,", b".heif,")
_VIDEOS: Final = (b"video/*,", b",.mkv")
"""What the page offers where it is read."""
_NO_PAGE: Final = (
    '<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Blurprint</title>'
    "<h1>Blurprint</h1><p>Send pictures to /v1/analyze.</p></html>"
)


@cache
def _assets() -> dict[str, bytes]:
    """The files of the page by name; whatever else is asked for is not there."""
    folder = files(__package__).joinpath("page")
    if not folder.is_dir():
        return {}
    shared = files("blurprint.pages").joinpath(_SHARED_STYLE).read_bytes()
    return {_SHARED_STYLE: shared} | {
        entry.name: entry.read_bytes()
        for entry in folder.iterdir()
        if entry.is_file() and entry.name[entry.name.rfind(".") :] in _KINDS
    }


@router.get("/")
def page() -> Response:
    """The page, whose choosers offer what can be read here."""
    content = _assets().get(_PAGE, _NO_PAGE.encode())
    left_out = (() if reads_heic() else _HEIC) + (() if reads_videos() else _VIDEOS)
    for kind in left_out:
        content = content.replace(kind, b"")
    return _answer(content, ".html")


@router.get("/static/{name}")
def static(name: str) -> Response:
    """A file of the page."""
    content = _assets().get(name)
    if content is None or name == _PAGE:
        raise Problem(404, "not_found", "There is nothing at this address.")
    return _answer(content, name[name.rfind(".") :])


@router.get("/favicon.ico")
def icon() -> Response:
    """The icon of the page, for which browsers ask by this name beside a report."""
    content = _assets().get(_ICON)
    if content is None:
        raise Problem(404, "not_found", "There is nothing at this address.")
    return _answer(content, ".svg")


def _answer(content: bytes, suffix: str) -> Response:
    headers = {"Cache-Control": "no-cache", "Content-Security-Policy": PAGE_POLICY}
    return Response(content, media_type=_KINDS[suffix], headers=headers)
