"""What a study leaves on disk."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from PIL import Image

from blurprint.errors import InputError
from blurprint.lab.pages.style import Figure, figure_style, new_figure, to_figure
from blurprint.lab.studies.results import MARK, MOST_BYTES, write_results
from blurprint.lab.studies.study import Study
from blurprint.lab.studies.write import is_complete, write_page, write_study


@figure_style()
def drawn() -> Figure:
    figure = new_figure(3, 2)
    figure.subplots().plot([1, 2])
    return to_figure(figure, "line", "A line <b>that</b> rises.")


def study(name: str = "made", **summary: object) -> Study:
    return Study(
        name=name,
        title="Made <up>",
        words=("Nothing was measured & nothing found.",),
        summary=summary or {"ratio_to_null": {"value": 2.0, "low": 1.5, "high": 2.5}, "pairs": 3},
        table=pd.DataFrame({"pair": ["a", "b"], "active": [1, 2]}),
        figures=(drawn(),),
        files={"more.json": b"{}"},
    )


def test_a_folder_holds_all_that_was_found(tmp_path: Path) -> None:
    folder = write_study(study(), tmp_path / "out")
    assert pd.read_csv(folder / "table.csv").equals(pd.read_parquet(folder / "table.parquet"))
    assert json.loads((folder / "summary.json").read_text())["pairs"] == 3
    with Image.open(folder / "figures/line.png") as picture:
        assert picture.info["dpi"][0] == pytest.approx(300, abs=0.1)
        assert picture.size == (900, 600)
    assert (folder / "figures/line.svg").read_text().count("<svg") == 1
    stored = json.loads((folder / "study.json").read_text())
    assert all((folder / file).is_file() for file in stored["files"])


def test_the_same_figure_gives_the_same_bytes() -> None:
    first, second = drawn(), drawn()
    assert (first.png, first.svg) == (second.png, second.svg)


def test_a_summary_that_is_no_json_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="finite"):
        write_study(study(ratio=float("nan")), tmp_path)
    assert not list(tmp_path.iterdir())


def test_complete_means_all_files_of_the_same_settings(tmp_path: Path) -> None:
    folder = write_study(study(), tmp_path, settings={"seed": 1, "data": ("folder:x",)})
    assert is_complete(tmp_path, "made", {"seed": 1, "data": ["folder:x"]})
    assert not is_complete(tmp_path, "made", {"seed": 2, "data": ["folder:x"]})
    assert not is_complete(tmp_path, "other", {"seed": 1, "data": ["folder:x"]})
    (folder / "figures/line.svg").unlink()
    assert not is_complete(tmp_path, "made", {"seed": 1, "data": ["folder:x"]})


def test_the_page_shows_every_study_and_loads_nothing(tmp_path: Path) -> None:
    write_study(study(), tmp_path, settings={"data": ["folder:x"]})
    write_study(study("binary-mask"), tmp_path, settings={"data": ["folder:x"]})
    page = write_page(tmp_path).read_text()
    assert page.index('id="binary-mask"') < page.index('id="made"')
    assert "Made &lt;up&gt;" in page
    assert "<b>that</b>" not in page
    assert "ratio to null" in page
    assert "1.5 to 2.5" in page
    assert 'href="made/table.csv"' in page
    assert "<script" not in page
    assert page.count('src="data:image/') == 2


def test_no_study_no_page(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="found none"):
        write_page(tmp_path)


def test_results_in_the_documentation(tmp_path: Path) -> None:
    write_study(study(), tmp_path / "out")
    page = tmp_path / "docs" / "studies.md"
    page.parent.mkdir()
    page.write_text(f"# Before\n{MARK}\nold\n{MARK}\nAfter\n")
    write_results(tmp_path / "out", page)
    first = page.read_text()
    assert first.startswith(f"# Before\n{MARK}\n\n### Made")
    assert first.endswith(f"{MARK}\nAfter\n")
    assert "old" not in first
    image = tmp_path / "docs/images/study-made-line.png"
    assert image.stat().st_size <= MOST_BYTES
    write_results(tmp_path / "out", page)
    assert page.read_text() == first
    page.write_text("no marks")
    with pytest.raises(InputError, match="twice"):
        write_results(tmp_path / "out", page)
