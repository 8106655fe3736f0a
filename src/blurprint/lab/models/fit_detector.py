"""Weights of any training as the state of a detector, and what was inferred or left out."""

from __future__ import annotations

import re
from collections.abc import Mapping

from torch import Tensor

from blurprint.errors import InputError
from blurprint.lab.models.detectors import Detector
from blurprint.lab.models.fit_names import (
    Fitted,
    find_network,
    missing_names,
    one_logit,
    some,
    split_head,
)


def fit_detector(
    tensors: Mapping[str, Tensor], detector: Detector, source: str, *, starting: bool = False
) -> tuple[dict[str, Tensor], list[str]]:
    """`tensors` under the names of `detector`, and notes on what was inferred and left out.

    A detector of ours fits with whatever stands before its names. For one of one view, so does any
    network with timm's names for the backbone (Cadene's Xception has them), with its last layer:
    one output is the logit, two are taken as (real, fake).

    Args:
        tensors: by name.
        detector: to load them into.
        source: of the tensors, for messages.
        starting: weights that a training starts from. A last layer of another size and parts that
            the detector does not have are then left out with a note; otherwise they are errors.

    Raises:
        InputError: if something is missing, too much, ambiguous or of another shape.
    """
    own = detector.state_dict()
    whole = None if starting and _other_head(tensors, own) else find_network(tensors, own, source)
    if whole is not None:
        notes = _leave(whole.rest, source, starting=starting)
        return {**own, **whole.state}, notes
    what = f"{detector.config.model} with {detector.config.backbone}"
    if len(detector.branches) > 1:
        missing, unknown = missing_names(tensors, own), [k for k in tensors if k not in own]
        raise InputError(
            f"{source}: does not fit {what}"
            + (f"; missing {some(missing)}" if missing else "")
            + (f"; unknown {some(unknown)}" if unknown else "")
        )
    branch = f"branches.{next(iter(detector.branches))}.net."
    net = {k.removeprefix(branch): v for k, v in own.items() if k.startswith(branch)}
    found = find_network(tensors, net, source)
    if found is None:
        missing = missing_names(tensors, net)
        raise InputError(
            f"{source}: does not fit {what}; missing {some(missing)}"
            + (f"; it holds {some(tensors)}" if len(missing) == len(net) else "")
        )
    notes = _other_view(found, detector, source, starting=starting)
    head, more = _head(found, own, source, starting=starting)
    state = {**own, **{branch + k: v for k, v in found.state.items()}, **head}
    return state, notes + more


def _other_head(tensors: Mapping[str, Tensor], own: Mapping[str, Tensor]) -> bool:
    """Whether `tensors` name a last layer as ours do, of another size."""
    ends = [k for k in tensors if k == "head.weight" or k.endswith(".head.weight")]
    return any(tensors[k].shape != own["head.weight"].shape for k in ends)


def _head(
    found: Fitted, own: Mapping[str, Tensor], source: str, *, starting: bool
) -> tuple[dict[str, Tensor], list[str]]:
    heads, unknown, unused = split_head(found.rest)
    width = own["head.weight"].shape[1]
    fits = {name: fit for name, head in heads.items() if (fit := one_logit(head, width))}
    notes = []
    if unused:
        notes.append(
            f"{source}: left out {some(unused)}, which are no part of the path to the score"
        )
    if unknown:
        notes += _leave(unknown, source, starting=starting)
    if len(fits) == 1 and (len(heads) == 1 or starting):
        ((name, (layer, classes)),) = fits.items()
        inferred = (
            "one output is taken as the logit of fake"
            if classes == 1
            else "two outputs are taken as (real, fake)"
        )
        notes.append(f"{source}: {name}: {inferred}; the file cannot say, check it on known data")
        dropped = [other for other in heads if other != name]
        if dropped:
            notes.append(f"{source}: left out the last layers {some(dropped)}")
        return {f"head.{kind}": value for kind, value in layer.items()}, notes
    shapes = ", ".join(
        f"{name} {tuple(head['weight'].shape) if 'weight' in head else 'without weight'}"
        for name, head in heads.items()
    )
    if not starting:
        raise InputError(
            f"{source}: Expected one last layer of 1 or 2 outputs on {width} features, "
            f"but got {shapes or 'none'}"
        )
    what = f"left out the last layer {shapes}" if heads else "has no last layer"
    return {}, [*notes, f"{source}: {what}; the detector's own starts anew"]


def _other_view(found: Fitted, detector: Detector, source: str, *, starting: bool) -> list[str]:
    """Weights of one of our detectors name their view: it must be the one that is asked for."""
    match = re.search(r"branches\.(\w+)\.net\.$", found.prefix)
    (view,) = detector.branches
    if match is None or match[1] == view:
        return []
    if not starting:
        raise InputError(
            f'{source}: Expected a detector that sees "{view}", but got one of "{match[1]}"'
        )
    return [f'{source}: the backbone was trained on "{match[1]}" and starts on "{view}" here']


def _leave(tensors: Mapping[str, Tensor], source: str, *, starting: bool) -> list[str]:
    """A note on tensors that have no place in the detector; an error unless a training starts."""
    if not tensors:
        return []
    what = f"{len(tensors)} tensors that the detector does not have ({some(tensors)})"
    if not starting:
        raise InputError(f"{source}: does not fit; it holds {what}")
    return [f"{source}: left out {what}"]
