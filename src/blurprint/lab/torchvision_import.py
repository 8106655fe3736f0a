"""`import torchvision` where its compiled operators do not fit the installed torch.

A torchvision built for CUDA beside a torch for processors fails to import with "operator
torchvision::nms does not exist", and timm, Lightning's and torchmetrics' imports fail with it. They
need only Python code of it. :func:`ensure_torchvision` declares the missing operators, so that the
import succeeds; calling one of them would still fail.
"""

from __future__ import annotations

import sys

_kept: list[object] = []  # a library's declarations go when it is collected


def ensure_torchvision() -> None:
    """Make ``import torchvision`` work; call it before importing timm, lightning, torchmetrics.

    Raises:
        ImportError: if torchvision is not installed.
    """
    try:
        import torchvision
    except RuntimeError as error:
        if "torchvision::nms" not in str(error):
            raise
        import torch

        for name in [n for n in sys.modules if n.partition(".")[0] == "torchvision"]:
            del sys.modules[name]
        library = torch.library.Library("torchvision", "DEF")  # type: ignore[no-untyped-call]  # torch has no types
        for operator in ("nms", "qnms"):
            library.define(  # type: ignore[no-untyped-call]  # torch has no types
                f"{operator}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
            )
        _kept.append(library)
        import torchvision  # noqa: F401
