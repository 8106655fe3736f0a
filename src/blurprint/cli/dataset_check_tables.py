"""What `blurprint dataset check` found, as the terminal shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from blurprint.lab.audit.check_result import CheckResult

_SHOWN = 5
"""Examples of each finding that the terminal shows; the files hold all."""


def show(result: CheckResult, console: Console | None = None, *, lacking: str = "") -> None:
    """The findings as tables, then the warnings; `lacking` says which parts lack a class."""
    from rich.console import Console

    console = console or Console(highlight=False)
    _show_counts(result, console)
    _show_shortcuts(result, console)
    _show_examples(result, console)
    warnings = [*([lacking] if lacking else []), *result.warnings]
    for warning in warnings:
        console.print(f"Warning: {warning}", markup=False, soft_wrap=True)
    if not warnings:
        console.print("No warnings.")


def _show_counts(result: CheckResult, console: Console) -> None:
    from rich.markup import escape
    from rich.table import Table

    table = Table("split", "label", "method", title="Pictures", title_justify="left")
    for name in ("pictures", "clips", "groups"):
        table.add_column(name, justify="right")
    for one in result.counts:
        table.add_row(
            one.split or "none",
            "fake" if one.label else "real",
            escape(one.method),
            f"{one.pictures:,}",
            f"{one.clips:,}",
            f"{one.groups:,}",
        )
    console.print(table)


def _show_shortcuts(result: CheckResult, console: Console) -> None:
    from rich.markup import escape
    from rich.table import Table

    if not result.shortcuts:
        console.print("Shortcuts: not measured; ten pictures of each label in a split are needed.")
        return
    table = Table(
        "split",
        "feature",
        title=f"Shortcuts: AUC of predicting the label, on {result.sampled:,} pictures",
        title_justify="left",
    )
    for name in ("AUC", "99 % interval", "real", "fake"):
        table.add_column(name, justify="right")
    for one in result.shortcuts:
        table.add_row(
            one.split or "none",
            one.feature.replace("_", " "),
            f"{one.auc:.2f}",
            f"{one.low:.2f} to {one.high:.2f}",
            escape(one.real),
            escape(one.fake),
            style="bold" if one.warns else None,
        )
    console.print(table)


def _show_examples(result: CheckResult, console: Console) -> None:
    _show_some(console, "Not readable", [one.reason for one in result.unreadable])
    for across, name in (("split", "splits"), ("label", "labels")):
        lines = [
            f"{one.kind} {one.name}: {', '.join(one.values)}"
            for one in result.straddles
            if one.across == across
        ]
        _show_some(console, f"In more than one of the {name}", lines)
    for name, copies in (
        ("Copies across splits", [copy for copy in result.copies if copy.across_splits]),
        ("Copies across labels", [copy for copy in result.copies if not copy.across_splits]),
    ):
        _show_some(
            console,
            name,
            [
                f"{copy.first} ({copy.splits[0] or 'none'}) = {copy.second}"
                f" ({copy.splits[1] or 'none'})" + (", identical" if copy.identical else "")
                for copy in copies
            ],
        )


def _show_some(console: Console, title: str, lines: list[str]) -> None:
    if not lines:
        return
    console.print(f"{title}: {len(lines):,}", markup=False)
    for line in lines[:_SHOWN]:
        console.print(f"  {line}", markup=False, soft_wrap=True)
    if len(lines) > _SHOWN:
        console.print(f"  and {len(lines) - _SHOWN:,} more")
