"""What a benchmark ran on: machine and versions, no names of hosts or folders."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from blurprint.version import __version__

_PACKAGES: Final = (
    "numpy",
    "opencv-python-headless",
    "onnxruntime",
    "scikit-image",
    "scipy",
    "matplotlib",
    "scikit-learn",
    "pandas",
    "torch",
    "timm",
)


def machine() -> dict[str, str | int]:
    """Processor, its kind, cores that this process may use, and system."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {
        "processor": _processor(),
        "architecture": platform.machine(),
        "cores": usable or 1,
        "system": platform.system(),
    }


def versions() -> dict[str, str]:
    """Of this package, Python, and the libraries that do the work; absent ones are left out."""
    found = {"blurprint": __version__, "python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text(errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown"
