"""Tensors of somebody else's training under the names of a network of ours."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from torch import Tensor

from blurprint.errors import InputError

_HEAD: Final = re.compile(
    r"((?:head\.)?(?:fc|last_linear|classifier|head|logits)(?:\.\d+)?)\.(weight|bias)"
)
"""Last layers: timm's, Cadene's, and theirs behind a dropout ("last_linear.1")."""
_UNUSED: Final = re.compile(r"(?:^|\.)adjust_channel\.")
"""Layers that DeepfakeBench's Xception saves, and uses in other detectors only."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """A network found among tensors.

    Attributes:
        state: its tensors, under the names that were wanted.
        prefix: what stood before those names.
        rest: the other tensors, without what of `prefix` stood before them too.
    """

    state: dict[str, Tensor]
    prefix: str
    rest: dict[str, Tensor]


def find_network(
    tensors: Mapping[str, Tensor], wanted: Mapping[str, Tensor], source: str
) -> Fitted | None:
    """The one network in `tensors` that has every name of `wanted`, whatever stands before them.

    Counters of batches may be absent, and 1 x 1 convolutions be matrices.

    Args:
        tensors: by name.
        wanted: names and shapes.
        source: of the tensors, for messages.

    Returns:
        None where no network has all names.

    Raises:
        InputError: if several networks have them, or a tensor has another shape.
    """
    prefixes = [
        prefix
        for prefix in _prefixes(tensors, wanted)
        if all(prefix + name in tensors for name in _needed(wanted))
    ]
    if not prefixes:
        return None
    if len(prefixes) > 1:
        places = ", ".join(f'"{prefix}"' for prefix in sorted(prefixes))
        raise InputError(
            f"{source}: Expected one network, but got several that fit, under {places}"
        )
    (prefix,) = prefixes
    state = {
        name: _shaped(tensors[prefix + name], value, f"{source}: {prefix}{name}")
        for name, value in wanted.items()
        if prefix + name in tensors
    }
    taken = {prefix + name for name in wanted}
    rest = {_outside(k, prefix): v for k, v in tensors.items() if k not in taken}
    return Fitted(state, prefix, rest)


def missing_names(tensors: Mapping[str, Tensor], wanted: Mapping[str, Tensor]) -> list[str]:
    """Names of `wanted` that the best fitting part of `tensors` lacks."""
    needed = _needed(wanted)
    absent = [[n for n in needed if p + n not in tensors] for p in _prefixes(tensors, wanted)]
    return min(absent, key=len, default=needed)


def split_head(
    rest: Mapping[str, Tensor],
) -> tuple[dict[str, dict[str, Tensor]], dict[str, Tensor], list[str]]:
    """What stands beside a backbone: last layers by name, unknown tensors, and unused ones."""
    heads: dict[str, dict[str, Tensor]] = {}
    unknown: dict[str, Tensor] = {}
    unused = []
    for name, value in rest.items():
        match = _HEAD.fullmatch(name)
        if match:
            heads.setdefault(match[1], {})[match[2]] = value
        elif _UNUSED.search(name):
            unused.append(name)
        else:
            unknown[name] = value
    return heads, unknown, unused


def one_logit(head: Mapping[str, Tensor], width: int) -> tuple[dict[str, Tensor], int] | None:
    """A last layer of one output, and how many it had; None where it has no one or two of `width`.

    Two outputs, (real, fake), become their difference: its sigmoid is the softmax's P(fake).
    """
    if set(head) != {"weight", "bias"}:
        return None
    weight, bias = head["weight"].flatten(1), head["bias"]
    classes = len(weight)
    if weight.shape != (classes, width) or bias.shape != (classes,) or classes not in (1, 2):
        return None
    if classes == 2:
        weight, bias = weight[1:] - weight[:1], bias[1:] - bias[:1]
    return {"weight": weight, "bias": bias}, classes


def some(names: Iterable[str]) -> str:
    """The first three names, and how many more there are."""
    listed = sorted(names)
    rest = f" and {len(listed) - 3} more" if len(listed) > 3 else ""
    return ", ".join(listed[:3]) + rest


def _needed(wanted: Mapping[str, Tensor]) -> list[str]:
    return [name for name in wanted if not name.endswith("num_batches_tracked")]


def _prefixes(tensors: Mapping[str, Tensor], wanted: Mapping[str, Tensor]) -> Sequence[str]:
    first = _needed(wanted)[0]
    ends = [n for n in tensors if n == first or n.endswith(f".{first}")]
    return [name.removesuffix(first) for name in ends]


def _shaped(given: Tensor, wanted: Tensor, where: str) -> Tensor:
    if given.ndim == 2 and wanted.ndim == 4 and (*given.shape, 1, 1) == wanted.shape:
        return given[:, :, None, None]
    if given.shape != wanted.shape:
        raise InputError(f"{where} has shape {tuple(given.shape)}, expected {tuple(wanted.shape)}")
    return given


def _outside(name: str, prefix: str) -> str:
    """`name` without the parts, between dots, that it shares with `prefix`."""
    mine, shared = name.split("."), 0
    for part, theirs in zip(mine, prefix.split("."), strict=False):
        if part != theirs:
            break
        shared += 1
    return ".".join(mine[shared:])
