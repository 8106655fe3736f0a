"""Whom a clip shows, from the names of the data sets that swap faces; the target comes first."""

from __future__ import annotations

import re
from typing import Final

_FACEFORENSICS: Final = re.compile(r"(\d{1,4})(?:_(\d{1,4}))?")
_ACTORS: Final = re.compile(r"(\d+)(?:_(\d+))?__.+")
_CELEBRITIES: Final = re.compile(r"(id\d+)(?:_(id\d+))?_\d+")


def faceforensics_identities(name: str) -> tuple[str, ...] | None:
    """Of a clip of FaceForensics++ or DeepFakeDetection, or None if the name is none of theirs.

    >>> faceforensics_identities("000"), faceforensics_identities("000_003")
    (('000',), ('000', '003'))
    >>> faceforensics_identities("01_02__outside_talking_still_laughing__YVGY8LOK")
    ('actor01', 'actor02')
    """
    if actors := _ACTORS.fullmatch(name):
        return tuple(f"actor{number}" for number in actors.groups() if number)
    if found := _FACEFORENSICS.fullmatch(name):
        return tuple(number for number in found.groups() if number)
    return None


def celebdf_identities(name: str) -> tuple[str, ...]:
    """Of a clip of Celeb-DF; those of YouTube-real are numbered and known by their name only.

    >>> celebdf_identities("id0_0000"), celebdf_identities("id0_id16_0003")
    (('id0',), ('id0', 'id16'))
    >>> celebdf_identities("00170")
    ('youtube-00170',)
    """
    found = _CELEBRITIES.fullmatch(name)
    return tuple(one for one in found.groups() if one) if found else (f"youtube-{name}",)
