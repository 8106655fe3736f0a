"""Whether a package that is installed can be imported, and whether weights can be run."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Final

from blurprint.catalogue.packages import modules_of
from blurprint.doctor.line import Line

_AFTER_TORCHVISION: Final = frozenset(
    {"torchvision", "timm", "lightning", "torchmetrics", "captum"}
)
"""Packages that need :mod:`blurprint.lab.torchvision_import` before them."""


def package(group: str, name: str, distribution: str) -> Line:
    """Import every module that a package says it has; the first that fails is named."""
    if distribution in _AFTER_TORCHVISION:
        from blurprint.lab.torchvision_import import ensure_torchvision

        ensure_torchvision()
    modules = modules_of(distribution)
    for module in modules:
        import_module(module)
    return Line(group, name, "ok", f"loads {', '.join(modules)}" if modules else "holds files only")


def weights(group: str, name: str, model: str) -> Line:
    """Whether each file of a network is the one that is described, and can be run if it is ONNX."""
    from blurprint.catalogue.models import shipped_models
    from blurprint.weights.session import open_session

    (found,) = (one for one in shipped_models() if one.name == model)
    parts = []
    for file in found.files:
        if file.state in {"missing", "other than stated"}:
            return Line(group, name, "wrong", f"{file.file}: {file.state}", "install again")
        if file.file.endswith(".onnx"):
            open_session(Path(file.file).read_bytes())
        parts.append(f"{Path(file.file).name} {(file.sha256 or '')[:12]}... {file.state}")
    if not parts:
        return Line(group, name, "wrong", "its files are not found", "install again")
    return Line(group, name, "ok", ", ".join(parts))
