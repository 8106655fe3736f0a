"""Detectors that several rooms look into, trained once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pasted_detectors import Pasted


@pytest.fixture(scope="session")
def pasted(tmp_path_factory: pytest.TempPathFactory) -> Pasted:
    from pasted_detectors import make_pasted  # it imports torch, which few rooms need

    return make_pasted(tmp_path_factory.mktemp("pasted"))
