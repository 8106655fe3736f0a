"""Settings of a training as TOML, and back."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any, Final

from blurprint.errors import InputError
from blurprint.files import write_atomic


def write_toml(file: Path, settings: Mapping[str, Any]) -> None:
    """Write nested settings; None is left out, for TOML has none.

    Raises:
        OutputError: if it cannot be written.
    """
    import tomli_w

    write_atomic(file, tomli_w.dumps(_plain(settings)).encode())


def read_toml(file: Path) -> dict[str, Any]:
    """Settings from a file.

    Raises:
        InputError: if it is missing or no TOML; the message names the line.
    """
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        raise InputError(f"{file}: cannot be read ({error.strerror})") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{file}: is no TOML ({error})") from error


def read_config(file: str | Path) -> dict[str, Any]:
    """Settings from a file, or those that ship under a name of :data:`SHIPPED`.

    A file of that name goes first.

    Raises:
        InputError: if it is missing or no TOML; the message names the line.
    """
    file = Path(file)
    if str(file) in SHIPPED and not file.exists():
        text = (
            resources.files("blurprint.lab.training.detector")
            .joinpath(f"{file}.toml")
            .read_text("utf-8")
        )
        return tomllib.loads(text)
    return read_toml(file)


SHIPPED: Final = ("paper",)
"""Names of settings that ship: the paper's experiment."""


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {k: _plain(v) for k, v in value.items() if v is not None}
    return [_plain(v) for v in value] if isinstance(value, (list, tuple)) else value
