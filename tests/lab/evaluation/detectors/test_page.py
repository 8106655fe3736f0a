from __future__ import annotations

import csv
import io
import json
import re
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

from blurprint.errors import InputError, OutputError
from blurprint.lab.evaluation.detectors.evaluation import Baseline, evaluate_scores
from blurprint.lab.evaluation.detectors.figures import evaluation_figures, render
from blurprint.lab.evaluation.detectors.page import scores_csv, write_evaluation
from blurprint.lab.experiments.matrix_page import write_matrix
from blurprint.lab.measures.interval import Interval
from blurprint.lab.measures.metrics import METRICS
from scored_tables import scored

FIGURES = {"roc", "precision-recall", "reliability", "scores", "methods"}


class Loads(HTMLParser):
    """What a page would load, and whether its elements are closed."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.scripts = 0
        self.open: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.scripts += tag == "script"
        self.loaded += [value for name, value in attrs if name in ("src", "srcset")]
        if tag not in ("meta", "img", "source", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def check_page(text: str) -> None:
    page = Loads()
    page.feed(text)
    assert page.loaded
    assert all(address.startswith("data:image/svg+xml;base64,") for address in page.loaded)
    assert (page.scripts, page.open) == (0, [])


@pytest.fixture(scope="module")
def evaluation():
    table = scored()
    coin = np.random.default_rng(1).random(len(table))
    return evaluate_scores(
        table,
        baselines={"metadata": Baseline("Metadata only", "Fitted to <files>.", coin)},
        about={"weights": "folder/net.safetensors", "data": "folders:/data", "part": "test"},
        draws=50,
    )


def test_all_files_are_there_and_the_page_loads_nothing(evaluation, tmp_path):
    out = tmp_path / "new" / "folder"
    page = write_evaluation(evaluation, out)
    names = {str(path.relative_to(out)) for path in out.rglob("*") if path.is_file()}
    figures = {f"figures/{name}.{kind}" for name in FIGURES for kind in ("png", "svg")}
    assert names == {"metrics.json", "scores.csv", "evaluation.html"} | figures
    assert json.loads((out / "metrics.json").read_text("utf-8")) == evaluation.document()
    text = page.read_text("utf-8")
    check_page(text)
    assert "<h1>net.safetensors on folders:/data</h1>" in text
    assert "Fitted to &lt;files&gt;." in text
    for metric in METRICS.values():
        assert f">{metric.title}<" in text
    auc = evaluation.headline.overall.metrics["auc"]
    assert f"AUC {auc.value:.3f} ({auc.low:.3f} to {auc.high:.3f})." in text


def test_scores_come_back_as_they_were(evaluation):
    read = pd.read_csv(io.BytesIO(scores_csv(evaluation)))
    assert list(read.columns) == [
        *("path", "label", "method", "group", "clip", "score", "baseline_metadata")
    ]
    table = scored()
    assert list(read["path"]) == list(table["path"])
    np.testing.assert_array_equal(read["score"], table["score"])


def test_mistakes_are_the_most_confident_ones(evaluation, tmp_path):
    text = write_evaluation(evaluation, tmp_path).read_text("utf-8")
    videos = evaluation.headline.samples
    wrong = videos[(videos["label"] == 0) & (videos["score"] >= 0.5)].sort_values("score")
    part = text[text.index("Reals called fake (") :]
    assert re.match(rf"Reals called fake \({len(wrong)} of 40\)", part)
    listed = re.findall(r'<td class="value">([\d.]+)</td><td>(\S+) ', part.split("</table>")[0])
    expected = wrong.iloc[::-1].head(10)
    assert listed == [
        (f"{score:.3f}", path)
        for score, path in zip(expected["score"], expected["path"], strict=True)
    ]


def test_names_from_outside_are_text(tmp_path):
    table = scored(frames=1).assign(score=0.5)
    table["path"] = ['<script>\u00e9,"' + path for path in table["path"]]
    table["clip"] = table["path"]
    page = write_evaluation(evaluate_scores(table, draws=5), tmp_path)
    check_page(page.read_text("utf-8"))
    assert "&lt;script&gt;\u00e9,&#34;" in page.read_text("utf-8")
    assert list(pd.read_csv(tmp_path / "scores.csv")["path"]) == list(table["path"])


@pytest.mark.parametrize("label", [0, 1])
def test_one_class_has_a_page_with_what_is_defined(label, tmp_path):
    table = scored(frames=1)
    evaluation = evaluate_scores(table[table["label"] == label], draws=20)
    assert set(evaluation_figures(evaluation)) == {"reliability", "scores"}
    text = write_evaluation(evaluation, tmp_path).read_text("utf-8")
    check_page(text)
    shown = re.sub(r"<style>.*?</style>|base64,[^\"]+", "", text, flags=re.S)
    assert not re.search(r"\bnan\b", shown, flags=re.I)


@pytest.mark.parametrize(
    "score",
    [
        pytest.param(lambda label: label.astype(float), id="perfect"),
        pytest.param(lambda label: np.full(len(label), 0.5), id="constant"),
        pytest.param(lambda label: 1.0 - label, id="inverted"),
    ],
)
def test_extremes_can_be_drawn(score, tmp_path):
    table = scored()
    table["score"] = score(table["label"].to_numpy())
    check_page(write_evaluation(evaluate_scores(table, draws=20), tmp_path).read_text("utf-8"))


def test_a_figure_is_the_same_file_each_time(evaluation):
    make = evaluation_figures(evaluation)["scores"]
    assert render(make) == render(make)
    assert render(make) != render(make, ink="dark")


def test_curves_of_many_scores_stay_small():
    rng = np.random.default_rng(2)
    table = scored(clips=20_000, frames=1)
    table["score"] = rng.random(len(table))
    figures = evaluation_figures(evaluate_scores(table, draws=2))
    assert len(render(figures["precision-recall"])) < 300_000


def test_nothing_is_left_where_it_cannot_be_written(evaluation, tmp_path):
    (tmp_path / "figures").write_text("in the way")
    with pytest.raises(OutputError, match="figures"):
        write_evaluation(evaluation, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["figures"]


def test_matrix_tells_what_is_missing(evaluation, tmp_path):
    area = Interval(0.8, 0.7, 0.9)
    results = {("A", "A"): evaluation, ("A", "B"): area, ("B", "B"): Interval(0.4, 0.3, 0.5)}
    page = write_matrix(results, tmp_path, about={"data": "<x>"}).read_text("utf-8")
    check_page(page)
    own = evaluation.headline.overall.metrics["auc"].value
    assert f"Mean AUC of a detector: {(own + 0.4) / 2:.3f} on what it was trained on, 0.800" in page
    assert "1 of 4 tests are missing" in page
    assert page.count("not measured</span>") == 1
    document = json.loads((tmp_path / "matrix.json").read_text("utf-8"))
    assert document["missing"] == [["B", "A"]]
    assert list(document["cells"][0]["metrics"]) == list(METRICS)
    assert document["cells"][1]["metrics"] == {"auc": {"value": 0.8, "low": 0.7, "high": 0.9}}
    rows = list(csv.DictReader((tmp_path / "matrix.csv").read_text("utf-8").splitlines()))
    assert len(rows) == len(METRICS) + 3
    blank = {"trained_on": "B", "tested_on": "A", "metric": "auc"}
    assert blank | {"value": "", "low": "", "high": ""} in rows
    assert {path.name for path in (tmp_path / "figures").iterdir()} == {"matrix.png", "matrix.svg"}


def test_matrix_takes_its_order_and_refuses_what_lies_outside(tmp_path):
    results = {("B", "A"): Interval(0.8, float("nan"), float("nan"))}
    write_matrix(results, tmp_path, trained_on=["A", "B"], tested_on=["A", "B", "C"])
    document = json.loads((tmp_path / "matrix.json").read_text("utf-8"))
    assert (document["trained_on"], document["tested_on"]) == (["A", "B"], ["A", "B", "C"])
    assert len(document["missing"]) == 5
    with pytest.raises(InputError, match=r"a result for \('B', 'A'\)"):
        write_matrix(results, tmp_path, trained_on=["A"])
    with pytest.raises(InputError, match="no result"):
        write_matrix({}, tmp_path)
