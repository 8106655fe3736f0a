"""How usual a value of a face is: its percentile in the shipped table of ordinary portraits."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import Any, Final

from blurprint.evidence.evidence import Evidence, Reference
from blurprint.evidence.face_scene import FaceScene
from blurprint.evidence.reference import PERCENTS, class_of, percentile_of
from blurprint.optics.methods import weights_of

FORMAT: Final = 1
"""Version of the layout of the table."""
EYES: Final = (16, 24, 36, 54, 80, 120, 180)
"""Bounds of the classes of size: distance of the eyes in working pixels."""
FEWEST: Final = 30
"""People whose portraits a class needs before anything is compared with it."""


def with_face_reference(row: Evidence, scene: FaceScene) -> Evidence:
    """The row with its place among ordinary portraits, or the reason why that is unknown."""
    if row.no_reference:
        return row
    found = _reference(row, scene)
    if isinstance(found, str):
        return replace(row, no_reference=found)
    return replace(row, reference=found)


@cache
def shipped_portraits() -> Mapping[str, Any]:
    """The table of this folder, as ``blurprint benchmark portraits`` made it."""
    text = files("blurprint.evidence").joinpath("face_reference.json").read_text("utf-8")
    table: Mapping[str, Any] = json.loads(text)
    return table


def _reference(row: Evidence, scene: FaceScene) -> Reference | str:
    if row.value is None:
        return "Unknown: there is no value to compare."
    method = scene.defocus.method
    measured = shipped_portraits()["methods"].get(method)
    if measured is None:
        return f'Unknown: no portraits were measured with method "{method}".'
    if measured["weights_sha256"] != weights_of(method):
        return "Unknown: the ordinary portraits were measured with other weights."
    eyes = class_of(scene.face.eye_distance, EYES)
    if eyes is None:
        small = scene.face.eye_distance < EYES[0]
        bound = f"less than {EYES[0]}" if small else f"more than {EYES[-1]}"
        return (
            f"Unknown: no ordinary portrait has eyes {bound} px apart in the picture as measured."
        )
    group = next((one for one in measured["groups"] if tuple(one["eyes"]) == eyes), None)
    if group is None or row.name not in group["measures"]:
        return (
            f"Unknown: portraits of fewer than {FEWEST} people with eyes {eyes[0]:g} to "
            f"{eyes[1]:g} px apart were measured."
        )
    one = group["measures"][row.name]
    quantiles = one["quantiles"]
    return Reference(
        percentile=percentile_of(row.value, quantiles),
        low=quantiles[PERCENTS.index(5)],
        high=quantiles[PERCENTS.index(95)],
        photographs=int(one["portraits"]),
        group=f"of {one['people']} people with eyes {eyes[0]:g} to {eyes[1]:g} px apart",
    )
