"""What a report and a map show of themselves in a notebook."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

from blurprint.errors import InputError
from blurprint.optics.defocus_map import DefocusMap
from blurprint.report.report import Report

MakeReport = Callable[..., Report]


def test_rows_by_their_names(make_report: MakeReport) -> None:
    report = make_report()
    assert report["blur_median"] is report.evidence[0]
    for kind in (InputError, KeyError):
        with pytest.raises(kind, match=r'Expected one of "blur_median".* but got "blur"'):
            report["blur"]
    assert list(report) == list(report.evidence)
    assert "blur_median" in report
    assert "blur" not in report


def test_a_report_saves_itself(make_report: MakeReport, tmp_path: Path) -> None:
    report = make_report()
    assert set(report.save(tmp_path, formats=["json"])) == {"json"}
    assert (tmp_path / "report.json").read_text("utf-8") == report.to_json()


def test_short_words_of_a_report_and_a_map(make_report: MakeReport) -> None:
    report = make_report()
    assert repr(report).startswith("<Report of step.png, 90 x 60 px: ")
    assert report.finding.where in repr(report)
    assert len(repr(report)) < 300
    one = np.ones((20, 30), np.float32)
    half = np.where(np.arange(30) < 15, 1, 0).astype(np.float32) * one
    assert repr(DefocusMap(2 * one, half, "edge")) == (
        '<DefocusMap "edge", 30 x 20 px: median 2.00 px, 50 % measured>'
    )
    assert "nothing measured" in repr(DefocusMap(one, 0 * one, "edge"))


def test_a_notebook_shows_pictures_and_the_finding_and_escapes(make_report: MakeReport) -> None:
    report = make_report(source="<script>x</script>.png")
    shown = report._repr_html_()
    assert shown.count("<img") == 2
    assert report.evidence[1].title in shown
    assert "<script>" not in shown
    assert report.defocus._repr_html_().count("data:image/png") == 1
    assert "<DefocusMap" not in report.defocus._repr_html_()


@pytest.mark.parametrize("method", ["edge", "paper"])
def test_plots_are_figures_of_photograph_and_map(make_report: MakeReport, method: str) -> None:
    report = make_report(method)
    beside, alone = report.plot(), report.defocus.plot()
    assert isinstance(beside, Figure)
    assert len(beside.axes) == len(alone.axes) + 1 == 3
    beside.canvas.draw()
    photograph = beside.axes[0].images[0].get_array()
    assert photograph is not None
    np.testing.assert_allclose(photograph, report.photo.rgb)
