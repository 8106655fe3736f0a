from __future__ import annotations

import pytest

from blurprint.lab.datasets.map_cache import MapCache
from blurprint.lab.datasets.pictures import ViewOptions
from blurprint.lab.datasets.table import SampleTable
from blurprint.lab.studies.maps import Maps
from shots import write_shots


@pytest.fixture(scope="session")
def shots(tmp_path_factory: pytest.TempPathFactory) -> SampleTable:
    return write_shots(tmp_path_factory.mktemp("shots"), groups=10)


@pytest.fixture(scope="session")
def maps(tmp_path_factory: pytest.TempPathFactory) -> Maps:
    cache = MapCache(tmp_path_factory.mktemp("maps"))
    return Maps(ViewOptions(size=96, estimator="net"), cache)
