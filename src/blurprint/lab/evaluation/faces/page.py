"""The results in Markdown, as a section of a page."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from blurprint.lab.evaluation.faces.condition_metrics import FalseAlarms, Measured
from blurprint.lab.evaluation.faces.results import Robustness
from blurprint.lab.fakes.pairs import HELD_OUT
from blurprint.lab.measures.few_groups import FEWEST_GROUPS
from blurprint.lab.pages.markdown import interval, number, percent, table
from blurprint.lab.pages.results_page import IMAGES
from blurprint.lab.pages.style import Figure
from blurprint.score.policy import REASONS

MARKER: Final = "robustness"
"""Name of the place of this section on a page."""
_RANKING: Final = ("auc", "above", "tpr_at_1", "fpr_at_1", "tpr_at_5", "fpr_at_5")
_LABELS: Final = (
    "tpr_of_card",
    "fpr_of_card",
    "judged_reals",
    "judged_fakes",
    "called_fake_reals",
    "called_fake_fakes",
)


def results_section(found: Robustness, figures: list[Figure]) -> str:
    """The whole section."""
    first = next(iter(found.conditions.values()))
    parts = [
        f"Detector: {found.detector} (SHA-256 {found.sha256[:12]}). {first.pairs} pairs of a real "
        f"face and a pseudo-fake, of {first.groups} groups of people. In brackets: 95 % intervals, "
        "by a bootstrap over groups of people"
        + (
            f"; without, because fewer than {FEWEST_GROUPS} groups are too few.\n"
            if first.groups < FEWEST_GROUPS
            else ".\n"
        )
        + "\n".join(f"\n- {note}" for note in found.notes),
        *(f"![{figure.caption}]({IMAGES}/{figure.name}.svg)" for figure in figures),
        "### Ranking, by what happened to the file",
        "AUC: how often a fake scores above a real. Above its own: share of pairs whose fake "
        "scores above its real. The two thresholds call at most 1 % and 5 % of the reals *as they "
        "are* fake: TPR is the share of fakes above them, FPR that of reals.",
        _shares("condition", found.conditions, _RANKING),
        "### By recipe of the fake, as it is",
        f'Recipe "{HELD_OUT}" is in no training of the face network; the threshold is that of all '
        "reals.",
        _shares("recipe", found.recipes, _RANKING),
    ]
    if found.has_rules:
        parts += [
            "### Likelihood ratios and labels",
            "Cllr: cost of the likelihood ratios in bits, 0 perfect, 1 as good as none, above 1 "
            "misleading. ECE: how far P(fake), for a prior of one half, lies from the share of "
            "fakes.",
            _ratios(found.conditions),
            "Ratio above threshold: beyond the threshold of the card, whether the rules let the "
            'face be judged or not. Judged: has a label that is not "unsure". Called fake: has '
            'the label "fake".',
            _shares("condition", found.conditions, _LABELS),
            'Why faces are "unsure", as shares of all faces of a class:',
            _reasons(found),
        ]
    else:
        parts.append(
            "The card has no calibration and no rules, so that there are no likelihood ratios and "
            "labels."
        )
    parts += [
        "### Honest pictures called fake",
        "Pictures as they are, "
        + ("by the labels." if found.has_rules else "above the threshold at 5 %.")
        + " Intervals are Wilson's, for as many independent pictures as there are groups. People "
        "seen in training are listed apart: of these fewer may be called fake than of others.",
        _alarms(found.alarms),
        "### What each input is worth",
        found.ablation.words,
        _ablation(found),
        _measured(found),
    ]
    return "\n\n".join(parts)


_TITLES: Final = {
    "auc": "AUC",
    "above": "above its own",
    "tpr_at_1": "TPR at 1 %",
    "fpr_at_1": "FPR there",
    "tpr_at_5": "TPR at 5 %",
    "fpr_at_5": "FPR there",
    "tpr_of_card": "fakes: ratio above threshold",
    "fpr_of_card": "reals: ratio above threshold",
    "judged_reals": "reals judged",
    "judged_fakes": "fakes judged",
    "called_fake_reals": "reals called fake",
    "called_fake_fakes": "fakes called fake",
}


def _shares(what: str, found: Mapping[str, Measured], names: tuple[str, ...]) -> str:
    rows = []
    for title, one in found.items():
        cells = [
            interval(one.metrics[name]) if name == "auc" else percent(one.metrics[name])
            for name in names
        ]
        rows.append([title, str(one.pairs), *cells])
    return table([what, "pairs", *(_TITLES[name] for name in names)], rows)


def _reasons(found: Robustness) -> str:
    used = {one for sides in found.unsure.values() for side in sides.values() for one in side}
    reasons = [one for one in REASONS if one in used]
    header = [f"{side}: {reason}" for side in ("reals", "fakes") for reason in reasons]
    rows = []
    for name, sides in found.unsure.items():
        cells = [
            f"{100 * sides[side].get(reason, 0):.0f} %" if side in sides else "–"
            for side in ("reals", "fakes")
            for reason in reasons
        ]
        rows.append([name, *cells])
    return table(["condition", *header], rows)


def _ratios(found: Mapping[str, Measured]) -> str:
    rows = [
        [title, interval(one.metrics["cllr"]), interval(one.metrics["ece"])]
        for title, one in found.items()
    ]
    return table(["condition", "Cllr", "ECE"], rows)


def _alarms(found: Mapping[str, Mapping[str, FalseAlarms]]) -> str:
    rows = [
        [
            kind,
            side,
            str(one.pictures),
            str(one.groups),
            percent(one.called_fake),
            percent(one.judged),
        ]
        for side, kinds in found.items()
        for kind, one in kinds.items()
    ]
    return table(["kind", "people", "pictures", "groups", "called fake", "judged"], rows)


def _ablation(found: Robustness) -> str:
    names = found.ablation.conditions
    rows = []
    for place, one in enumerate(found.ablation.entries):
        cells = []
        for name in names:
            area, gain = one.auc[name], one.difference[name]
            if math.isnan(area.value):
                cells.append("–")
                continue
            cell = interval(area)
            if place:
                cell += f"; {number(gain.value, signed=True)}"
                if not math.isnan(gain.low):
                    cell += f" ({gain.low:+.3f} to {gain.high:+.3f})"
            cells.append(cell)
        rows.append([one.name, *cells])
    return (
        "AUC and, after the semicolon, its difference to that of the detector alone. Fusions are "
        "logistic, cross-validated over groups, and so is the detector alone here, to compare like "
        "with like.\n\n" + table(["input", *names], rows)
    )


def _measured(found: Robustness) -> str:
    shares = ", ".join(
        f"{name} {100 * share:.0f} %" for name, share in found.ablation.measured.items()
    )
    before, after = found.residual
    return (
        f"Blur was measured in this share of the faces: {shares}; where it was not, it counts as "
        'no difference. In the attack "blur matched" the pasted face was blurred or sharpened '
        "until it was as soft as its surround: the median size of the log of the ratio of both is "
        f"{number(before)} before and {number(after)} after."
    )
