"""Templates to pages that load nothing, with a policy that forbids them to."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from blurprint.evidence.wording import without_turns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jinja2 import Environment


def render_page(
    template: str,
    *,
    styles: Sequence[str] = ("style.css",),
    script: str = "overlay.js",
    images: str = "data:",
    **content: object,
) -> str:
    """Fill a template of this folder; text from outside is escaped.

    Templates also see `style` and `script`, texts of files of this folder, and `policy`, which lets
    a browser use these two and pictures of the sources `images`, by default embedded ones, and
    nothing else.
    """
    style, script = "".join(_resource(name) for name in styles), _resource(script)
    policy = (
        f"default-src 'none'; img-src {images}; style-src '{_digest(style)}'; "
        f"script-src '{_digest(script)}'; base-uri 'none'; form-action 'none'"
    )
    page = _environment().get_template(template)
    return page.render(style=style, script=script, policy=policy, **content)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    return Environment(
        loader=FunctionLoader(_resource),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_in_order,
    )


def _in_order(value: object) -> object:
    """Text without signs that turn the order of what follows, by which names look like others."""
    return without_turns(value) if type(value) is str else value


@cache
def _resource(name: str) -> str:
    """A file of this folder, whether the package lies in a folder or in a zip."""
    return files("blurprint.report").joinpath(name).read_text("utf-8")


def _digest(text: str) -> str:
    """As a content security policy names an inline style or script."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode()
