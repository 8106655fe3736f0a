"""Names of backbones: timm's, and which of them was meant."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from typing import Final

from blurprint.errors import InputError
from blurprint.lab.torchvision_import import ensure_torchvision

_OTHER_NAMES: Final = {"xception": "legacy_xception", "xceptionnet": "legacy_xception"}
"""What papers call a network that timm has under another name."""


def check_backbone(name: str) -> None:
    """Nothing, if timm has a backbone of this name.

    Raises:
        InputError: if it has not; the message says what to type.
    """
    ensure_torchvision()
    import timm

    if timm.is_model(name):
        return
    close = closest_backbones(name, timm.list_models())
    hint = f"; did you mean {' or '.join(close)}?" if close else " (timm.list_models() lists them)"
    raise InputError(f'Expected a backbone that timm has, but got "{name}"{hint}')


def closest_backbones(name: str, known: Sequence[str], most: int = 4) -> list[str]:
    """Names of `known` that `name` may have meant, best first; one alone where it is clear.

    >>> closest_backbones("legacy xception", ["legacy_xception", "xception41"])
    ['legacy_xception']
    >>> closest_backbones("Efficient-Net B4", ["efficientnet_b4", "efficientnet_b3"])
    ['efficientnet_b4']
    """
    plain = _letters(name)
    same = [k for k in known if _letters(k) == plain]
    if not same and _OTHER_NAMES.get(plain) in known:
        same = [_OTHER_NAMES[plain]]
    if same:
        return same
    by_letters = {_letters(k): k for k in known}
    close = [by_letters[k] for k in difflib.get_close_matches(plain, by_letters, most, 0.7)]
    holding = sorted((k for k in known if plain and plain in _letters(k)), key=len)
    family = name.rsplit("_", maxsplit=1)[-1].lower()
    relatives = [k for k in known if len(family) > 3 and family in k]
    return list(dict.fromkeys((*holding, *close, *relatives)))[:most]


def _letters(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
