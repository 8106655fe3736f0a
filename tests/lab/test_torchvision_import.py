"""timm, Lightning and torchmetrics can be imported whatever torchvision was built for."""

from __future__ import annotations

import subprocess
import sys

BROKEN = """
import sys, types
class Finder:
    calls = 0
    def find_spec(self, name, path=None, target=None):
        if name != "torchvision":
            return None
        Finder.calls += 1
        if Finder.calls == 1:
            raise RuntimeError("operator torchvision::nms does not exist")
        import importlib.machinery, importlib.abc
        class Loader(importlib.abc.Loader):
            def create_module(self, spec): return types.ModuleType("torchvision")
            def exec_module(self, module): pass
        return importlib.machinery.ModuleSpec("torchvision", Loader())
sys.meta_path.insert(0, Finder())
from blurprint.lab.torchvision_import import ensure_torchvision
ensure_torchvision()
assert Finder.calls == 2
import torch
torch.ops.torchvision.nms  # declared, though there is nothing behind it
print("well")
"""


def run(code: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


def test_the_missing_operators_are_declared():
    done = run(BROKEN)
    assert done.stdout.strip() == "well", done.stderr


def test_those_who_need_torchvision_import():
    done = run(
        "from blurprint.lab.torchvision_import import ensure_torchvision; ensure_torchvision();"
        "import lightning, timm, torchmetrics; print('well')"
    )
    assert done.stdout.strip() == "well", done.stderr
