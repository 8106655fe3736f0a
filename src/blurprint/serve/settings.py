"""Settings of the service: from the environment, `BLURPRINT_...`, or from the command line."""

from __future__ import annotations

import os
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final

from pydantic import Field, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from blurprint.errors import InputError
from blurprint.invalid import in_words
from blurprint.jobs import default_jobs
from blurprint.limits import DEFAULT_MAX_SIDE, MIN_SIDE
from blurprint.numerals import is_number

PREFIX: Final = "BLURPRINT_"
LEAST_TOKEN: Final = 16
"""Characters of a token at least, so that it cannot be guessed by trying."""


def default_folder() -> Path:
    """Where results lie if nothing is said: in the user's folder for the state of programs."""
    home = Path(os.environ.get("XDG_STATE_HOME", ""))
    if not home.is_absolute():  # its specification has such a value ignored
        home = Path.home() / ".local" / "state"
    return home / "blurprint" / "serve"


class ServeSettings(BaseSettings):
    """What the service is bound by. Each field is also a variable of the environment."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True)

    host: str = Field("127.0.0.1", min_length=1, description="Address to listen on.")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on; 0 for any free one.")
    hosts: str = Field(
        "",
        description="Names under which it may be addressed, by commas, as the header `Host` has "
        "them without the port; empty: on a loopback address that and `localhost`, else any.",
    )
    token: str = Field(
        "", repr=False, description="Secret that every request must bring; empty for none."
    )
    folder: Path = Field(
        default_factory=default_folder, description="Folder of uploads and results."
    )
    workers: int = Field(
        default_factory=default_jobs, ge=1, le=256, description="Processes that analyse."
    )
    queue: int = Field(32, ge=1, le=100_000, description="Files that may wait for a process.")
    uploads: int = Field(16, ge=1, le=1000, description="Requests that may send files at a time.")
    max_file_mb: float = Field(50, gt=0, le=100_000, description="Size of a file at most, in MB.")
    max_request_mb: float = Field(
        200, gt=0, le=100_000, description="Size of a request at most, in MB."
    )
    max_files: int = Field(20, ge=1, le=10_000, description="Files in a request at most.")
    max_pixels: float = Field(
        100, gt=0, le=10_000, description="Pixels that a picture may declare at most, in millions."
    )
    max_side: int = Field(
        DEFAULT_MAX_SIDE,
        ge=MIN_SIDE,
        le=65_535,
        description="Longer side to which larger pictures are reduced, in pixels.",
    )
    memory_mb: int = Field(
        4096, ge=0, description="Memory of a process at most, in MB, on Linux; 0 for no bound."
    )
    timeout_s: float = Field(
        120, gt=0, le=86_400, description="Time for the analysis of a picture, in seconds."
    )
    video_timeout_s: float = Field(
        600, gt=0, le=86_400, description="Time for the analysis of a video, in seconds."
    )
    idle_s: float = Field(
        20, gt=0, le=3600, description="Time without a byte after which a request is given up."
    )
    upload_s: float = Field(
        300, gt=0, le=86_400, description="Time for the body of a request, in seconds."
    )
    wait_s: float = Field(
        10,
        ge=0,
        le=600,
        description="Time for which `POST /v1/analyze` waits for results before it answers 202.",
    )
    drain_s: float = Field(
        30, ge=0, le=3600, description="Time to finish what is being analysed when told to stop."
    )
    keep_hours: float = Field(
        24, gt=0, le=87_600, description="Time for which results are kept, in hours."
    )
    keep_mb: float = Field(
        2000, gt=0, le=100_000_000, description="Size of all results; the oldest go beyond it."
    )

    @field_validator("*", mode="before")
    @classmethod
    def _plain(cls, value: Any, info: ValidationInfo) -> Any:
        """Variables are text, of which pydantic takes as Python does: `1_0` too."""
        kind = cls.model_fields[str(info.field_name)].annotation
        text = value if kind in (int, float) and isinstance(value, str) else "0"
        if not is_number(text, whole=kind is int):
            raise ValueError(f"a {'whole ' * (kind is int)}number of plain digits")
        return value

    @field_validator("folder", mode="before")
    @classmethod
    def _named(cls, folder: Any) -> Any:
        """An empty path means the current folder to Python, and to nobody who leaves it empty."""
        if isinstance(folder, str) and not folder.strip():
            raise ValueError("the path of a folder")
        return folder

    @field_validator("folder")
    @classmethod
    def _at_home(cls, folder: Path) -> Path:
        """No shell has replaced the "~" of a variable in a file of settings."""
        try:
            return folder.expanduser()
        except RuntimeError as error:
            raise ValueError(f"the path of a folder ({error})") from error

    @field_validator("token")
    @classmethod
    def _long(cls, token: str) -> str:
        if token and (len(token) < LEAST_TOKEN or not token.isascii() or not token.isprintable()):
            raise ValueError(f"empty or at least {LEAST_TOKEN} printable ASCII characters")
        return token

    @property
    def max_file_bytes(self) -> int:
        """`max_file_mb` in bytes."""
        return max(round(self.max_file_mb * 1e6), 1)

    @property
    def max_request_bytes(self) -> int:
        """`max_request_mb` in bytes."""
        return max(round(self.max_request_mb * 1e6), 1)

    @property
    def most_pixels(self) -> int:
        """`max_pixels` as a number of pixels."""
        return max(round(self.max_pixels * 1e6), 1)

    @property
    def is_loopback(self) -> bool:
        """Whether only programs of this machine reach it."""
        return is_loopback(self.host)

    @property
    def allowed_hosts(self) -> frozenset[str]:
        """Values of the header `Host`, without port, that are answered; empty for all."""
        named = {name.strip().lower().strip("[]") for name in self.hosts.split(",")} - {""}
        if named:
            return frozenset(named)
        if self.is_loopback:
            return frozenset({"localhost", "127.0.0.1", "::1", self.host.lower()})
        return frozenset()


def is_loopback(host: str) -> bool:
    """Whether an address is one of the machine itself.

    >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("0.0.0.0")
    (True, True, False)
    """
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def read_settings(**given: Any) -> ServeSettings:
    """Settings of the environment, and over them those that are given and not None.

    Raises:
        InputError: naming the setting that is wrong; also a variable of the environment that
            begins as settings do and is none, which would else be passed over in silence.
    """
    known = {f"{PREFIX}{name}".upper() for name in ServeSettings.model_fields}
    unknown = sorted(
        name for name in os.environ if name.upper().startswith(PREFIX) and name.upper() not in known
    )
    if unknown:
        raise InputError(
            f"Expected variables of the environment that are known, but got {', '.join(unknown)}; "
            f"known are {', '.join(sorted(known))}"
        )
    try:
        return ServeSettings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        if first["loc"] == ("token",):  # its value is a secret, also where it is wrong
            raise InputError(f"Expected `token` to be {first['ctx']['error']}") from None
        raise InputError(in_words(error)) from None
