"""The network that judges faces, by its card."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from blurprint.catalogue.card_text import (
    Content,
    count,
    number,
    part,
    sentences,
    text,
    weight_files,
)
from blurprint.catalogue.model import Licence, Measured, Model, Output, Threshold, Training
from blurprint.catalogue.packages import OURS, licence_of
from blurprint.score.rules import Limits, Rules, Thresholds, rules_of
from blurprint.weights.card import FaceCard

_POLARITY: Final = "0 = real, 1 = fake"
_FAR: Final = 1e9
"""A logit beyond every bound of a calibration."""
_ERRORS: Final = {
    "cllr": "cost of the likelihood ratios (Cllr; 1 = says nothing)",
    "cllr_min": "of that, what their order costs (Cllr min)",
    "cllr_cal": "of that, what their calibration costs (Cllr cal)",
    "ece": "expected calibration error",
}


def of_face_card(card: FaceCard, used_by: str) -> Model:
    """What the card of a face network says.

    Raises:
        InputError: if its rules are missing or wrong.
    """
    rules = rules_of(card)
    return Model(
        name=card.path.stem,
        kind="face network",
        summary="whether a face was pasted in or regenerated, as a likelihood ratio",
        used_by=used_by,
        outputs=tuple(_outputs(rules)),
        licence=Licence(licence_of(OURS), text(card.content, "licence")),
        training=_training(part(card.content, "training")),
        errors=tuple(_errors(part(card.content, "errors"))),
        thresholds=(*_thresholds(rules.thresholds), *_limits(rules.limits)),
        limits=sentences(card.content, "cannot"),
        files=weight_files(card),
        parameters=count(card.content, "parameters"),
        card=str(card.path),
        documented=("docs/faces.md", "docs/score.md", "docs/results.md"),
    )


def _outputs(rules: Rules) -> Iterator[Output]:
    each = [cell.calibration for cell in rules.calibrations.cells]
    low = min((10 ** one.log10_lr(-_FAR) for one in each), default=None)
    high = max((10 ** one.log10_lr(_FAR) for one in each), default=None)
    yield Output("P(fake)", "", 0, 1, _POLARITY, "for the prior that is stated with it")
    bounds = "bounds of the data, the widest of all sizes and compressions"
    yield Output("likelihood ratio", "", low, high, "below 1 = real, above 1 = fake", bounds)


def _thresholds(found: Thresholds) -> Iterator[Threshold]:
    most = "in the condition where most are"
    reals = f"of untouched faces are above it (false alarms), {most}; {found.reals:,} faces of "
    reals += f"{found.real_groups:,} groups in all"
    fakes = f"of the fakes are below it (missed), {most}; {found.fakes:,} fakes of "
    fakes += f"{found.fake_groups:,} groups in all"
    yield Threshold("fake: ratio above", 10**found.fake, "", found.false_alarms, reals)
    strong = found.strong_false_alarms
    yield Threshold("strong signs: ratio above", 10**found.strong, "", strong, reals)
    yield Threshold("real: ratio below", 10**found.real, "", found.missed, fakes)


def _limits(found: Limits) -> Iterator[Threshold]:
    yield Threshold("judged from a distance of the eyes of", found.smallest_face_px, "px")
    yield Threshold("judged from a JPEG quality of", found.lowest_quality)
    yield Threshold("judged from a measured share of the face of", found.least_measured)
    yield Threshold("judged from a probability of a face of", found.least_probability)


def _training(said: Content) -> Training:
    facts = []
    for what in ("faces", "groups"):
        counts = part(said, what)
        train, held_out = count(counts, "train"), count(counts, "validation")
        if train is not None and held_out is not None:
            facts.append(f"{train:,} {what}, {held_out:,} held out")
    licences = part(said, "licences")
    stated = sorted(((count(licences, name) or 0, name) for name in licences), reverse=True)
    facts += [f"licence of {pictures:,} pictures: {name}" for pictures, name in stated]
    began = part(said, "started_from")
    named = [text(began, name) for name in ("source", "trained_on", "licence")]
    return Training(text(said, "sources"), ", ".join(filter(None, named)) or None, tuple(facts))


def _errors(said: Content) -> Iterator[Measured]:
    for name, content in part(said, "recipes").items():
        if (auc := _measured(f"AUC, pseudo-fakes “{name}”", part(content, "auc"))) is not None:
            yield Measured(
                auc.what, auc.value, "", auc.low, auc.high, count(content, "fakes"), "fakes"
            )
    ratios = part(said, "ratios")
    for name, what in _ERRORS.items():
        if (one := _measured(what, part(ratios, name))) is not None:
            yield one


def _measured(what: str, said: Content) -> Measured | None:
    value = number(said, "value")
    if value is None:
        return None
    return Measured(what, value, "", number(said, "low"), number(said, "high"))
