"""Detectors that several rooms look into, trained once."""

from __future__ import annotations

import pytest

from pasted_detectors import Pasted, make_pasted


@pytest.fixture(scope="session")
def pasted(tmp_path_factory: pytest.TempPathFactory) -> Pasted:
    return make_pasted(tmp_path_factory.mktemp("pasted"))
