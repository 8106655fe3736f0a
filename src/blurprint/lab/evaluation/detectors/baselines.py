"""What scores come from the file alone: a detector that does no better may have learned just that.

Two baselines, of few parameters: gradient-boosted trees on what a file shows beside its content,
and a logistic regression on the density of edges, with which every map of defocus goes along.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from blurprint.errors import InputError
from blurprint.lab.audit.file_facts import inspect_file
from blurprint.lab.datasets.table import FAKE, REAL, SampleTable
from blurprint.lab.evaluation.detectors.evaluation import Baseline
from blurprint.lab.measures.log_odds import cross_validated_log_odds, log_odds, stratified_folds
from blurprint.lab.measures.tally import Indices, Values

Progress = Callable[[int, int], None]

CATEGORIES: Final = frozenset({"format", "chroma_subsampling", "has_exif"})
FOLDS: Final = 5
FIT_ROWS: Final = 10_000
"""Files of a training table that baselines are fitted to at most; more change nothing."""


@dataclass(frozen=True, slots=True)
class BaselineRecipe:
    """How a baseline is made.

    Attributes:
        title: as tables show it.
        features: columns of the facts.
        model: makes an unfitted scikit-learn classifier for a number of rows and a seed.
        words: what it is, to begin a sentence with.
    """

    title: str
    features: tuple[str, ...]
    model: Callable[[int, int], Any]
    words: str


def _trees(rows: int, seed: int) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(
        max_iter=60,
        max_leaf_nodes=8,
        min_samples_leaf=max(2, min(20, rows // 20)),
        early_stopping=False,  # it would hold out rows, not groups
        random_state=seed,
    )


def _logistic(rows: int, seed: int) -> Any:
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    imputer = SimpleImputer(keep_empty_features=True)
    return make_pipeline(imputer, StandardScaler(), LogisticRegression())


RECIPES: Final = {
    "metadata": BaselineRecipe(
        "Metadata only",
        (
            "file_size",
            "bytes_per_pixel",
            "format",
            "width",
            "height",
            "aspect_ratio",
            "jpeg_quality",
            "chroma_subsampling",
            "has_exif",
        ),
        _trees,
        "Gradient-boosted trees on size, format, width, height, JPEG quality and chroma "
        "subsampling, and presence of EXIF",
    ),
    "edge_density": BaselineRecipe(
        "Edge density only",
        ("edge_density",),
        _logistic,
        "Logistic regression on the share of pixels on a Canny edge",
    ),
}
"""Every baseline, by its name in ``metrics.json``."""


def read_facts(
    paths: Sequence[str], *, workers: int = 1, progress: Progress | None = None
) -> pd.DataFrame:
    """Facts of each file, a row each; a file that cannot be read has a row without values.

    Args:
        paths: of pictures.
        workers: threads that read.
        progress: called with files done and wanted.
    """
    columns = sorted({feature for recipe in RECIPES.values() for feature in recipe.features})
    rows = []
    with ThreadPoolExecutor(max(1, workers)) as pool:
        for done, inspection in enumerate(pool.map(inspect_file, map(Path, paths)), start=1):
            rows.append(asdict(inspection.facts) if inspection.facts else {})
            if progress is not None:
                progress(done, len(paths))
    return pd.DataFrame(rows, columns=columns, index=range(len(paths)))


def make_baselines(
    test: SampleTable,
    train: SampleTable | None = None,
    *,
    seed: int = 0,
    workers: int = 1,
    progress: Progress | None = None,
) -> dict[str, Baseline]:
    """Scores of every baseline for the rows of `test`.

    Args:
        test: pictures that the detector was tested on.
        train: pictures that it was trained on. None fits the baselines to `test` itself, in
            cross-validation that keeps groups whole: they then know the data set, as a detector
            from elsewhere does not.
        seed: of folds, trees and the choice of at most :data:`FIT_ROWS` of `train`.
        workers: threads that read files.
        progress: called with files done and wanted.

    Raises:
        InputError: if `test` is empty.
    """
    if test.empty:
        raise InputError("Expected a table of samples, but got one with no rows")
    fitted = None if train is None else _some(train, seed)
    paths = [*test["path"], *([] if fitted is None else fitted["path"])]
    facts = read_facts(paths, workers=workers, progress=progress)
    return baselines_from_facts(
        test, facts.iloc[: len(test)], fitted, facts.iloc[len(test) :], seed=seed
    )


def baselines_from_facts(
    test: SampleTable,
    test_facts: pd.DataFrame,
    train: SampleTable | None,
    train_facts: pd.DataFrame,
    *,
    seed: int = 0,
) -> dict[str, Baseline]:
    """As :func:`make_baselines`, from facts that were read before."""
    made = {}
    for name, recipe in RECIPES.items():
        if train is None:
            score, how = _cross_validated(recipe, test, test_facts, seed)
        else:
            score, how = _trained(recipe, test_facts, train, train_facts, seed)
        made[name] = Baseline(recipe.title, how, score)
    return made


def _some(train: SampleTable, seed: int) -> SampleTable:
    return train.sample(FIT_ROWS, random_state=seed) if len(train) > FIT_ROWS else train


def _trained(
    recipe: BaselineRecipe,
    test_facts: pd.DataFrame,
    train: SampleTable,
    train_facts: pd.DataFrame,
    seed: int,
) -> tuple[Values | None, str]:
    label = train["label"].to_numpy()
    if len(np.unique(label)) < 2:
        return None, "Not made: the training table has only one label."
    known, unknown = _numbers(train_facts, test_facts, recipe)
    how = f"{recipe.words}, fitted to {len(label):,} files of the training table."
    return _fit_predict(recipe, known, label, unknown, seed), how


def _cross_validated(
    recipe: BaselineRecipe, test: SampleTable, facts: pd.DataFrame, seed: int
) -> tuple[Values | None, str]:
    label, group = test["label"].to_numpy(), test["group"].astype(str).to_numpy(str)
    folds = min(FOLDS, *(len(np.unique(group[label == value])) for value in (REAL, FAKE)))
    if folds < 2:
        return None, "Not made: it needs two groups of reals and two of fakes."
    parts = stratified_folds(label, group, folds, seed)
    if any(len(np.unique(label[fit])) < 2 for fit, _ in parts):
        return None, "Not made: its groups cannot be divided so that each part has both labels."

    def predict(fit: Indices, rest: Indices) -> Values:
        known, unknown = _numbers(facts.iloc[fit], facts.iloc[rest], recipe)
        return _fit_predict(recipe, known, label[fit], unknown, seed)

    odds = cross_validated_log_odds(label, parts, predict) + log_odds(label.mean())
    return 1 / (1 + np.exp(-odds)), (
        f"{recipe.words}, fitted to the tested files themselves in {folds}-fold cross-validation "
        "by group: it knows this data set, which the detector need not."
    )


def _fit_predict(
    recipe: BaselineRecipe,
    known: Values,
    label: npt.NDArray[np.integer],
    unknown: Values,
    seed: int,
) -> Values:
    from threadpoolctl import threadpool_limits

    # Threads that wait for each other take longer than the little there is to compute.
    with threadpool_limits(1):
        model = recipe.model(len(label), seed).fit(known, label)
        return model.predict_proba(unknown)[:, 1]


def _numbers(
    known: pd.DataFrame, other: pd.DataFrame, recipe: BaselineRecipe
) -> tuple[Values, Values]:
    """Both as matrices of what differs among the known; categories in order, new ones missing."""
    columns: list[tuple[Values, Values]] = []
    for name in recipe.features:
        pair = known[name], other[name]
        if name in CATEGORIES:
            values = sorted(known[name].dropna().unique())
            codes = {value: code for code, value in enumerate(values)}
            pair = pair[0].map(codes), pair[1].map(codes)
        first, second = pair[0].to_numpy(float), pair[1].to_numpy(float)
        if len(np.unique(first)) > 1:  # NaN counts as one value
            columns.append((first, second))
    if not columns:  # a model of nothing says the share of fakes
        columns = [(np.zeros(len(known)), np.zeros(len(other)))]
    return np.column_stack([a for a, _ in columns]), np.column_stack([b for _, b in columns])
