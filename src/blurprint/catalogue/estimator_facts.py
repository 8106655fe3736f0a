"""Methods that measure blur, and cards of their networks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from blurprint.catalogue.card_text import count, number, part, sentences, text, weight_files
from blurprint.catalogue.model import Licence, Measured, Model, Output, Threshold, Training
from blurprint.catalogue.packages import OURS, licence_of
from blurprint.evidence.confident import CONFIDENT
from blurprint.lens.pixel import PIXEL_SIGMA
from blurprint.optics.method import Method
from blurprint.weights.card import EstimatorCard, shipped

_BLUR: Final = "larger = more blurred"
_PAGES: Final = ("docs/estimators.md", "docs/physics.md", "docs/thresholds.md")


def of_method(method: Method) -> Model:
    """What is known of a method that ships."""
    card = None if method.network is None else shipped(method.network, EstimatorCard)
    return _model(
        card,
        name=method.name,
        summary=method.summary,
        used_by=f"analyze --method {method.name}",
        outputs=(_map(method), Output("confidence", "", 0, 1, "larger = surer", method.confidence)),
        thresholds=(Threshold("counts as measured from a confidence of", CONFIDENT),),
    )


def of_estimator_card(card: EstimatorCard) -> Model:
    """What the card of another estimator says."""
    whole = card.sigma == "whole"
    of_what = "of the whole spread, the pixel's box included" if whole else "of the lens alone"
    return _model(
        card,
        name=text(card.content, "name") or card.path.stem,
        summary="blur in pixels, by a network",
        used_by=f"benchmark inputs --card {card.path.name}",
        outputs=(Output("sigma", "px", PIXEL_SIGMA if whole else 0, None, _BLUR, of_what),),
        thresholds=(),
    )


def _model(
    card: EstimatorCard | None,
    *,
    name: str,
    summary: str,
    used_by: str,
    outputs: tuple[Output, ...],
    thresholds: tuple[Threshold, ...],
) -> Model:
    content = {} if card is None else card.content
    return Model(
        name=name,
        kind="estimator",
        summary=summary,
        used_by=used_by,
        outputs=outputs,
        licence=Licence(licence_of(OURS), "" if card is None else text(content, "licence")),
        training=Training("") if card is None else _training(card),
        errors=() if card is None else tuple(_errors(card)),
        thresholds=thresholds,
        limits=sentences(content, "limits"),
        files=weight_files(card),
        parameters=count(content, "parameters"),
        card=None if card is None else str(card.path),
        documented=_PAGES,
        errors_on="" if card is None else _errors_on(card),
    )


def _map(method: Method) -> Output:
    if not method.in_pixels:
        remark = "no widths in pixels: rises with the number of edges as well"
        return Output("map", method.unit, None, None, _BLUR, remark)
    reach = "" if method.reach is None else f"up to {method.reach:.0%} of the picture's diagonal"
    return Output("sigma", method.unit, PIXEL_SIGMA, None, _BLUR, reach)


def _training(card: EstimatorCard) -> Training:
    said = part(card.content, "training")
    photographs, rendered = part(said, "photographs"), part(said, "rendered")
    facts = []
    if (photos := count(photographs, "count")) is not None:
        facts.append(f"{photos:,} photographs")
    if (renders := count(rendered, "train")) is not None:
        facts.append(
            f"{renders:,} renders of them, {count(rendered, 'validation') or 0:,} held out"
        )
    if card.stages:
        facts.append(f"{len(card.stages)} earlier trainings are in the card")
    began = text(part(said, "started_from"), "sha256")
    return Training(
        text(photographs, "sources"),
        None if began is None else f"weights of SHA-256 {began[:12]}...",
        tuple(facts),
    )


def _errors_on(card: EstimatorCard) -> str:
    if not any(_errors(card)):
        return ""
    renders = count(part(part(card.content, "training"), "rendered"), "validation")
    which = "renders" if renders is None else f"{renders:,} renders"
    return (
        f"All of these are of the network alone, at one level, on the {which} held out of its "
        "training, of every condition that is listed. README and docs/estimators.md give the "
        "error of the method, at all levels, on other renders: clean, as JPEG, noisy, and of a "
        "random camera, but without the harder conditions of this list."
    )


def _errors(card: EstimatorCard) -> Iterator[Measured]:
    overall = part(card.content, "errors_on_held_out_renders_px")
    for name, what, unit in (
        ("mean", "mean absolute error, renders held out", "px"),
        ("bias", "estimated minus true, renders held out", "px"),
        ("rank_correlation", "rank correlation, renders held out", ""),
    ):
        if (value := number(overall, name)) is not None:
            yield Measured(what, value, unit)
    conditions = part(card.content, "by_condition")
    for condition in conditions:
        found = part(conditions, condition)
        if (value := number(found, "mean_error_px")) is not None:
            what = f"mean absolute error, {condition}"
            yield Measured(what, value, "px", count=count(found, "pixels"), counted="pixels")
