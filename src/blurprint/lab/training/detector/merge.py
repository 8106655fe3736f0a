"""Settings of a file with what was given on the command line over them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from blurprint.errors import InputError
from blurprint.invalid import as_table, shown
from blurprint.lab.datasets.source import DataSource
from blurprint.lab.training.detector.settings import DetectorTraining


def merged_source(stored: Mapping[str, Any], given: Mapping[str, Any]) -> DataSource:
    """The data of a file's table "data", with what was given over it.

    Files of before splits had a seed of their own split by that of the training.

    Raises:
        InputError: if a setting is unknown or of another type.
    """
    kept = as_table(stored.get("data"), "data")
    if kept and "split_seed" not in kept and "frames" not in kept and "seed" in stored:
        kept["split_seed"] = stored["seed"]
    return DataSource.from_dict(kept).over(given)


def merged_training(stored: Mapping[str, Any], given: Mapping[str, Any]) -> DetectorTraining:
    """Settings of a file, then those that were given; a model brings the views that it needs.

    Raises:
        InputError: if one is unknown, of another type or out of range.
    """
    before = as_table(stored.get("detector"), "detector")
    seen_before = as_table(before.get("views"), "views").get("views", ())
    if not isinstance(seen_before, list | tuple):
        raise InputError(f"Expected `views` to be a list of names, but got {shown(seen_before)}")
    whole = _over({name: value for name, value in stored.items() if name != "data"}, given)
    network = whole.setdefault("detector", {})
    asked = _over({}, given).get("detector", {})
    if "normalisation" not in asked and asked.get("model", network.get("model")) != before.get(
        "model", "defocus"
    ):
        network.pop("normalisation", None)  # it was another model's
    seen = network.setdefault("views", {})
    if "views" not in asked.get("views", {}):
        model = network.get("model", "defocus")
        if model != "fusion":
            seen["views"] = (model,)
        elif len(seen_before) < 2:
            seen["views"] = ("rgb", "defocus")
    return DetectorTraining.from_dict(whole)


def _over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """`below` with what `above` has other than None, folder by folder."""
    out = dict(below)
    for key, value in above.items():
        if isinstance(value, Mapping):
            inner = _over(out.get(key, {}), value)
            if inner:
                out[key] = inner
        elif value is not None:
            out[key] = value
    return out
