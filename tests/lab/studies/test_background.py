"""Real pictures that an explanation compares to."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from blurprint.errors import InputError, PhotoError
from blurprint.lab.datasets.table import FAKE, REAL
from blurprint.lab.models.detector_file import DetectorFile
from blurprint.lab.studies.background import background_pictures, names_data


@pytest.fixture
def place(tmp_path: Path) -> Path:
    for part in ("train", "val", "test"):
        for kind in ("real", "fake"):
            folder = tmp_path / "data" / part / kind
            folder.mkdir(parents=True)
            Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(folder / f"{part}{kind}.png")
    (tmp_path / "a.pth").write_bytes(b"weights")
    return tmp_path


def test_a_folder_is_pictures_that_all_are_real(place) -> None:
    folder = place / "data/test/fake"
    found = background_pictures(str(folder), DetectorFile(place / "a.pth"), {})
    assert found.table["path"].tolist() == [str(folder / "testfake.png")]
    assert set(found.table["label"]) == {REAL}
    assert (found.lines, found.notes) == ((), ())
    with pytest.raises(PhotoError, match="holds no pictures"):
        background_pictures(str(place / "data"), DetectorFile(place / "a.pth"), {})


def test_a_data_set_is_read_as_it_says(place) -> None:
    found = background_pictures(f"folder:{place / 'data'}", DetectorFile(place / "a.pth"), {})
    assert sorted(set(found.table["label"])) == [REAL, FAKE]
    assert found.lines and "does not say what it was trained on" in found.notes[0]


def test_a_card_that_names_no_data_is_an_error(place) -> None:
    with pytest.raises(InputError, match="names no data"):
        background_pictures("card", DetectorFile(place / "a.pth"), {})


def test_what_is_there_is_a_folder_whatever_its_name(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert names_data("card") and names_data("folder:x")
    (tmp_path / "card").mkdir()
    (tmp_path / "folder:x").mkdir()
    assert not names_data("card") and not names_data("folder:x")
    assert not names_data("nowhere:x") and not names_data(None)
