"""The cards of networks, as the terminal shows them: a table for each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from blurprint.cli.plain import shown

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from blurprint.catalogue.model import Measured, Model, Output, Threshold, Training, WeightFile

NOT_STATED: Final = "not stated"


def show(models: Sequence[Model], console: Console | None = None) -> None:
    """Of several, one table of the most important first; then a table of two columns for each."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = console or Console(highlight=False)
    if len(models) > 1:
        console.print(_overview(models))
    for model in models:
        table = Table(
            title=Text(shown(f"{model.name}: {model.summary}"), "bold"),
            title_justify="left",
            show_header=False,
            box=None,
            padding=(0, 1, 0, 0),
        )
        table.add_column(style="cyan", no_wrap=True)
        table.add_column(overflow="fold")
        for name, lines in rows(model):
            mark = "- " if len(lines) > 1 and name != "weights" else ""
            table.add_row(name, Text("\n".join(mark + shown(line) for line in lines)))
        console.print(table)
        console.print()


def _overview(models: Sequence[Model]) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table("name", "kind", "gives", "error", "licence of weights", show_lines=False)
    for model in models:
        first = model.outputs[0]
        licence = "no weights" if model.licence.weights == "" else _said(model.licence.weights)
        cells = (
            model.name,
            model.kind,
            f"{first.quantity} in {first.unit}" if first.unit else first.quantity,
            _error(model.errors[0]) if model.errors else NOT_STATED,
            licence,
        )
        table.add_row(*(Text(shown(cell)) for cell in cells))
    return table


def rows(model: Model) -> Iterator[tuple[str, list[str]]]:
    """Each row: its name, and its lines."""
    yield "kind", [model.kind]
    yield "used by", [f"blurprint {model.used_by}"]
    yield "gives", [_output(one) for one in model.outputs]
    weights = "no weights" if model.licence.weights == "" else _said(model.licence.weights)
    yield "licence", [f"code: {_said(model.licence.code)}", f"weights: {weights}"]
    yield "training", _training(model.training)
    said = [model.errors_on] if model.errors_on else []
    yield "error", [*map(_error, model.errors), *said] or [NOT_STATED]
    yield "thresholds", [_threshold(one) for one in model.thresholds] or [NOT_STATED]
    yield "limits", list(model.limits) or [NOT_STATED]
    if model.files:
        yield "weights", [line for file in model.files for line in _file(file)]
        count = model.parameters
        yield "parameters", [NOT_STATED if count is None else f"{count:,}"]
    yield "documented", list(model.documented)


def _said(text: str | None) -> str:
    return NOT_STATED if text is None else text


def _output(one: Output) -> str:
    unit = f" {one.unit}" if one.unit else ""
    if one.low is None and one.high is None:
        span = f"{one.quantity} in {one.unit}, range {NOT_STATED}"
    elif one.high is None:
        span = f"{one.quantity} from {one.low:.2g}{unit}"
    elif one.low is None:
        span = f"{one.quantity} up to {one.high:.2g}{unit}"
    else:
        span = f"{one.quantity} from {one.low:.2g} to {one.high:.2g}{unit}"
    return "; ".join(filter(None, (span, one.direction, one.remark)))


def _training(one: Training) -> list[str]:
    if one.data == "":
        return ["none: nothing in it was trained"]
    lines = [_said(one.data), *one.facts]
    if one.started_from is not None:
        lines.append(f"began with {one.started_from}")
    return lines


def _error(one: Measured) -> str:
    unit = f" {one.unit}" if one.unit else ""
    ends = (
        f"interval {NOT_STATED}"
        if one.low is None or one.high is None
        else f"interval {one.low:.3g} to {one.high:.3g}"
    )
    of = "" if one.count is None else f", {one.count:,} {one.counted}"
    return f"{one.what}: {one.value:.3g}{unit} ({ends}{of})"


def _threshold(one: Threshold) -> str:
    unit = f" {one.unit}" if one.unit else ""
    text = f"{one.what} {one.value:.3g}{unit}"
    if one.error is not None:
        text += f"; {100 * one.error:.2g} % {one.error_of}"
    return text


def _file(file: WeightFile) -> list[str]:
    size = "" if file.bytes is None else f"{file.bytes / 1e6:.2f} MB, "
    digest = file.sha256 or file.stated_sha256
    return [f"{Path(file.file).name}, {size}hash {file.state}, SHA-256:", _said(digest)]
