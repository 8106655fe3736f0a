"""The command `blurprint` itself: a picture in place of a command is analysed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from typer.core import TyperGroup

from blurprint.cli.plain_numbers import take_plain_numbers_only


class MainGroup(TyperGroup):
    """Takes `blurprint photo.jpg` as `blurprint analyze photo.jpg`, and numbers of digits only."""

    def __init__(self, *args: Any, **more: Any) -> None:
        """As Typer makes it."""
        super().__init__(*args, **more)
        take_plain_numbers_only(self)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that `args` name, or `analyze` if they begin with a file or an address."""
        if args and args[0] not in self.commands and _is_input(args[0]):
            args = ["analyze", *args]
        return super().resolve_command(ctx, args)


def _is_input(text: str) -> bool:
    return "://" in text or _exists(text) or ("." in text and not text.startswith("-"))


def _exists(text: str) -> bool:
    try:
        return Path(text).exists()
    except (OSError, ValueError):
        return False
