"""The content security policy of a stored report, read from the report."""

from __future__ import annotations

import html
import re
from typing import Final

from blurprint.serve.guard import API_POLICY

_META: Final = re.compile(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">')
_HEAD: Final = 4096


def report_policy(report: bytes) -> str:
    """What the page says of itself (hashes of its style and script), and that none may frame it.

    A page that says nothing may do nothing.
    """
    found = _META.search(report[:_HEAD].decode("utf-8", "replace"))
    if found is None:
        return API_POLICY
    policy = html.unescape(found[1])
    if not policy.isascii() or not policy.isprintable():
        return API_POLICY
    return f"{policy}; frame-ancestors 'none'"
