from __future__ import annotations

import pytest

from blurprint.lab.datasets.table import SampleTable
from blurprint.lab.loading.map_cache import MapCache
from blurprint.lab.loading.maps import Maps
from blurprint.lab.loading.pictures import ViewOptions
from planted_alignment import Planted, make_planted
from shots import write_shots


@pytest.fixture(scope="session")
def shots(tmp_path_factory: pytest.TempPathFactory) -> SampleTable:
    return write_shots(tmp_path_factory.mktemp("shots"), groups=10, shots=3)


@pytest.fixture(scope="session")
def maps(tmp_path_factory: pytest.TempPathFactory) -> Maps:
    cache = MapCache(tmp_path_factory.mktemp("maps"))
    return Maps(ViewOptions(size=96, estimator="net"), cache)


@pytest.fixture(scope="session")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Planted:
    return make_planted(tmp_path_factory.mktemp("planted"))
