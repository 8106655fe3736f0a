"""Templates to pages that load nothing, with a policy that forbids them to."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from blurprint.pages.text import without_turns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jinja2 import Environment


def render_page(
    room: str,
    template: str,
    *,
    styles: Sequence[str] = (),
    script: str = "",
    images: str = "data:",
    **content: object,
) -> str:
    """Fill a template; text from outside is escaped.

    Templates also see `style` and `script`, and `policy`, which lets a browser use these two and
    pictures of the sources `images`, by default embedded ones, and nothing else.

    Args:
        room: package of the template, the styles and the script, as "blurprint.report".
        template: file of that package.
        styles: files of that package, which follow the style of all pages.
        script: file of that package; "" for none.
        images: sources of pictures, as a content security policy names them.
        content: what the template shows.
    """
    style = _resource(f"{__package__}/style.css")
    style += "".join(_resource(f"{room}/{name}") for name in styles)
    script = _resource(f"{room}/{script}") if script else ""
    policy = (
        f"default-src 'none'; img-src {images}; style-src '{_digest(style)}'; "
        f"script-src '{_digest(script)}'; base-uri 'none'; form-action 'none'"
    )
    page = _environment().get_template(f"{room}/{template}")
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
def _resource(place: str) -> str:
    """The file ``PACKAGE/NAME``, whether the package lies in a folder or in a zip."""
    room, _, name = place.partition("/")
    return files(room).joinpath(name).read_text("utf-8")


def _digest(text: str) -> str:
    """As a content security policy names an inline style or script."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode()
