"""What each input is worth: the detector, the blur statistic, other scores, and their fusions."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from blurprint.errors import InputError
from blurprint.lab.evaluation.faces.conditions import AS_IT_IS, ATTACK, BLUR_MEASURED
from blurprint.lab.evaluation.faces.rows import Row
from blurprint.lab.measures.bootstrap import group_codes, group_resamples
from blurprint.lab.measures.few_groups import FEWEST_GROUPS
from blurprint.lab.measures.interval import Interval, percentile_interval
from blurprint.lab.measures.log_odds import cross_validated_log_odds, stratified_folds
from blurprint.lab.measures.metrics import auc
from blurprint.lab.measures.tally import count, rank_values

Values = npt.NDArray[np.float64]
DETECTOR: Final = "detector"
BLUR: Final = "blur, inner face minus ring"
SIZE: Final = "size of that difference"
"""A pasted face may be softer than its surround or sharper: the fusions of blur have both."""
SPECTRUM: Final = "frequency, spectrum of the face"
SCALE: Final = "scale, distance of the eyes"
SHIPPED: Final = "detector with blur, as it ships"
"""The weight of blur in the card of a detector, which no pair decides about."""
FOLDS: Final = 5
_ADDS: Final = "Blur, fused with the detector, raises the AUC"
_COSTS: Final = "Blur, fused with the detector, lowers the AUC"
_NOTHING: Final = "Blur, fused with the detector, changes the AUC by no more than chance may"
_NOT_MEASURED: Final = 0.0
"""What stands for a score that is missing: no difference between the face and its surround."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A score, alone or fused, in every condition of the ablation.

    Attributes:
        name: as tables show it.
        auc: by condition.
        difference: the AUC less that of the detector alone, by condition.
    """

    name: str
    auc: Mapping[str, Interval]
    difference: Mapping[str, Interval]


@dataclass(frozen=True, slots=True)
class Ablation:
    """All entries, the detector first.

    Attributes:
        entries: in the order of the tables; fusions are left out with too few groups.
        conditions: in the order of the tables.
        measured: share of the faces in which blur was measured, by condition.
        groups: number of groups of people.
    """

    entries: tuple[Entry, ...]
    conditions: tuple[str, ...]
    measured: Mapping[str, float]
    groups: int

    @property
    def words(self) -> str:
        """Whether blur adds anything, plainly."""
        fused = next((one for one in self.entries if one.name == fusion_name(BLUR)), None)
        if fused is None:
            return (
                f"Whether blur adds anything cannot be said: {self.groups} groups of people are "
                f"fewer than {FEWEST_GROUPS}."
            )
        verdicts: dict[str, list[str]] = {}
        for name in self.conditions:
            gain, before, after = fused.difference[name], self.entries[0].auc[name], fused.auc[name]
            verdict = _ADDS if gain.low > 0 else _COSTS if gain.high < 0 else _NOTHING
            verdicts.setdefault(verdict, []).append(
                f"{name} ({before.value:.3f} to {after.value:.3f}, difference {gain.value:+.3f}, "
                f"95 % {gain.low:+.3f} to {gain.high:+.3f})"
            )
        return " ".join(f"{verdict}: {'; '.join(of)}." for verdict, of in verdicts.items())


def fusion_name(*others: str) -> str:
    """Name of the fusion of the detector with other scores.

    >>> fusion_name("a", "b")
    'detector + a + b'
    """
    return " + ".join((DETECTOR, *others))


def added_scores(file: Path, rows: Sequence[Row]) -> dict[tuple[int, str, int], float]:
    """Scores of another detector or measurement, from a table, by pair, condition and label.

    Args:
        file: CSV with a column `score`, and either `path`, whose last part is the name of a kept
            picture, or `pair`, `label` (0 real, 1 fake) and, optionally, `condition` (as it is).
        rows: those of :data:`~blurprint.lab.evaluation.faces.conditions.BLUR_MEASURED` are needed;
            a condition of which the table has no row at all is left out.

    Raises:
        InputError: naming the file, if it cannot be read, lacks a column, has a score that is no
            finite number, or lacks a row of a condition of which it has others.
    """
    by_picture = {row.picture: _key(row) for row in rows if row.picture}
    found: dict[tuple[int, str, int], float] = {}
    line = 1
    try:
        with file.open(newline="", encoding="utf-8") as opened:
            for line, row in enumerate(csv.DictReader(opened), 2):  # noqa: B007  # for the error
                score = float(row["score"])
                if not np.isfinite(score):
                    raise ValueError(f"score {row['score']}")
                if row.get("path"):
                    key = by_picture.get(Path(row["path"]).name)
                else:
                    key = (int(row["pair"]), row.get("condition") or AS_IT_IS, int(row["label"]))
                if key is not None:
                    found[key] = score
    except (OSError, KeyError, TypeError, ValueError, csv.Error) as error:
        raise InputError(
            f"{file}, line {line}: Expected the columns `score` and `path`, or `score`, `pair` and "
            f"`label`, but: {type(error).__name__} {error}"
        ) from error
    used = {condition for _, condition, _ in found}
    wanted = [_key(row) for row in rows if row.condition in used & set(BLUR_MEASURED)]
    missing = [key for key in wanted if key not in found]
    if missing or not wanted:
        lacking = f"lacks {len(missing)} of them, such as {missing[0]}" if missing else "has none"
        raise InputError(f"{file}: Expected a score of every face of a condition, but it {lacking}")
    return found


def _key(row: Row) -> tuple[int, str, int]:
    return row.pair, row.condition, row.label


def ablate(
    rows: Sequence[Row],
    added: Mapping[str, Mapping[tuple[int, str, int], float]],
    *,
    draws: int = 1000,
    seed: int = 0,
) -> Ablation:
    """AUC of the detector, of every other score, and of logistic fusions, with their differences.

    A fusion is a logistic regression on the detector's logit and the other scores, each
    standardised; of blur these are the difference and its size, of frequency the power in each
    band. The spectrum alone is such a model too. It learns from the faces of all
    conditions of the ablation but the attack, and is tested on the people of the fold that it did
    not learn from (5 folds over groups). A blur that was not measured counts as no difference.
    Intervals are of a bootstrap over groups of people; the differences are of the same resamples.

    Args:
        rows: of pairs.
        added: scores by name, from :func:`added_scores`.
        draws: number of resamples.
        seed: random seed of folds and resamples.
    """
    used = [row for row in rows if row.condition in BLUR_MEASURED]
    names = tuple(one for one in BLUR_MEASURED if any(row.condition == one for row in used))
    label = np.array([row.label for row in used])
    condition = np.array([row.condition for row in used])
    group = np.array([row.group for row in used])
    columns = {
        DETECTOR: np.array([row.logit - row.added for row in used]),
        BLUR: np.array([_NOT_MEASURED if row.blur is None else row.blur for row in used]),
    }
    columns[SIZE] = np.abs(columns[BLUR])
    columns[SCALE] = np.array([row.eyes for row in used])
    spectra = _spectra(used)
    for name, scores in added.items():
        columns[name] = np.array([scores.get(_key(row), np.nan) for row in used])
    groups = len(np.unique(group))
    entries = dict(columns)
    if groups >= FEWEST_GROUPS:
        if spectra:
            entries[SPECTRUM] = _fused(spectra, label, condition, group, seed)
        fusions = [[BLUR], *([[SPECTRUM]] if spectra else []), *([name] for name in added)]
        if added:
            fusions.append([BLUR, *added])
        # Folds differ by a little, which costs AUC: the detector alone must bear that as well.
        entries[DETECTOR] = _fused([columns[DETECTOR]], label, condition, group, seed)
        for others in fusions:
            parts = [columns[name] for name in (DETECTOR, *others) if name != SPECTRUM]
            if BLUR in others:
                parts.append(columns[SIZE])
            if SPECTRUM in others:
                parts += spectra
            entries[fusion_name(*others)] = _fused(parts, label, condition, group, seed)
        if any(row.added for row in used):
            shipped = np.array([row.logit for row in used])
            entries[SHIPPED] = _fused([shipped], label, condition, group, seed)
    measured = {
        name: float(np.mean([row.blur is not None for row in used if row.condition == name]))
        for name in names
    }
    found = _compared(entries, label, condition, group, names, draws, seed)
    return Ablation(tuple(found), names, measured, groups)


def _spectra(rows: Sequence[Row]) -> list[Values]:
    """One column for each band of frequency; none where a face lacks its spectrum."""
    lengths = {len(row.spectrum) for row in rows}
    if len(lengths) != 1 or 0 in lengths:
        return []
    return list(np.array([row.spectrum for row in rows], np.float64).T)


def _fused(
    parts: Sequence[Values],
    label: npt.NDArray[np.int_],
    condition: npt.NDArray[np.str_],
    group: npt.NDArray[np.str_],
    seed: int,
) -> Values:
    """Cross-validated log-odds, NaN where a part is."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    features = np.stack(parts, axis=1)
    there = np.flatnonzero(np.isfinite(features).all(axis=1))
    x, y, kinds = features[there], label[there], condition[there]

    def predict(known: npt.NDArray[np.intp], unknown: npt.NDArray[np.intp]) -> Values:
        learnt = known[kinds[known] != ATTACK]
        model = make_pipeline(StandardScaler(), LogisticRegression())
        model.fit(x[learnt], y[learnt])
        return np.asarray(model.predict_proba(x[unknown])[:, 1], np.float64)

    scores = np.full(len(features), np.nan)
    folds = stratified_folds(y, group[there], FOLDS, seed)
    scores[there] = cross_validated_log_odds(y, folds, predict)
    return scores


def _compared(
    entries: Mapping[str, Values],
    label: npt.NDArray[np.int_],
    condition: npt.NDArray[np.str_],
    group: npt.NDArray[np.str_],
    names: Sequence[str],
    draws: int,
    seed: int,
) -> list[Entry]:
    code = group_codes(group)
    weights = np.stack(list(group_resamples(code, draws=draws, seed=seed)))
    found: dict[str, tuple[dict[str, Interval], dict[str, Interval]]] = {
        entry: ({}, {}) for entry in entries
    }
    for name in names:
        real = AS_IT_IS if name == ATTACK else name
        at = np.flatnonzero(
            ((condition == name) & (label == 1)) | ((condition == real) & (label == 0))
        )
        before: Values | None = None
        for entry, scores in entries.items():
            areas = _areas(label[at], scores[at], code[at], weights)
            before = areas if before is None else before
            found[entry][0][name] = _interval(areas, len(np.unique(code)))
            found[entry][1][name] = _interval(areas - before, len(np.unique(code)))
    return [Entry(entry, *parts) for entry, parts in found.items()]


def _areas(
    label: npt.NDArray[np.int_], score: Values, code: npt.NDArray[np.intp], weights: Values
) -> Values:
    """AUC of the rows, then of every resample, (1 + draws,); NaN where a score is missing."""
    if not np.isfinite(score).all():
        return np.full(1 + len(weights), np.nan)
    ranking = rank_values(label, score)
    return np.array([auc(count(ranking)), *(auc(count(ranking, times[code])) for times in weights)])


def _interval(areas: Values, groups: int) -> Interval:
    value, drawn = float(areas[0]), areas[1:]
    drawn = drawn[np.isfinite(drawn)]
    if groups < FEWEST_GROUPS or not len(drawn):
        return Interval(value, float("nan"), float("nan"))
    return percentile_interval(value, drawn)
