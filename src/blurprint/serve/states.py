"""What the service answers, as programs read it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from blurprint.report.write import FILE_NAMES
from blurprint.serve.job import CONFIDENCE, MAP, STEPS, VALUES, share_done
from blurprint.serve.store import DONE, FAILED, QUEUED, RUNNING, Entry

if TYPE_CHECKING:
    from blurprint.serve.service import Service

EXAMPLE_ID: Final = "q3k0bF7yVwQ1rT9xZ2mN5sD8aH4jL6pE"


class Error(BaseModel):
    """What went wrong."""

    code: str = Field(description="For programs.", examples=["unreadable"])
    message: str = Field(description="For people.", examples=["is an SVG drawing, not a picture"])


class Problems(BaseModel):
    """Every answer that is an error."""

    error: Error


class Progress(BaseModel):
    """How far an analysis is."""

    step: str = Field(description=f"One of: {', '.join(STEPS)}.", examples=["measuring blur"])
    share: float = Field(description="Of its time, roughly, from 0 to 1.", examples=[0.1])
    frames_done: int | None = Field(None, description="Of a video: frames that were measured.")
    frames: int | None = Field(None, description="Of a video: frames that will be.")


class Links(BaseModel):
    """Where the parts of a result lie; all but `self` once it is done."""

    model_config = ConfigDict(serialize_by_alias=True)

    self_: str = Field(alias="self", description="This state.")
    report_html: str | None = Field(None, description="The report as one page.")
    report_json: str | None = Field(None, description="The report as a file.")
    map_png: str | None = Field(None, description="The map of blur in colours.")
    confidence_png: str | None = Field(None, description="Its confidence, in gray.")
    defocus_npz: str | None = Field(None, description="The map as numbers, float16.")
    picture: str | None = Field(
        None, description="The photograph as it was measured, encoded anew."
    )
    values: str | None = Field(None, description="The map in cells: see `values.bin`.")


class ResultState(BaseModel):
    """One file and what became of it."""

    id: str = Field(description="Unguessable; whoever knows it can read the result.")
    state: Literal["queued", "running", "done", "failed"]
    name: str = Field(
        description="Of the file, as given: the last part of a path, with signs that are no text "
        "as escapes. Text of a stranger.",
        examples=["holiday.jpg"],
    )
    created: datetime = Field(description="When the file was taken in, UTC.")
    expires: datetime = Field(description="When the result is removed, UTC.")
    position: int | None = Field(None, description="In the queue, from 1, while it waits.")
    progress: Progress | None = Field(None, description="While it runs.")
    error: Error | None = Field(None, description="Of a failure.")
    report: dict[str, Any] | None = Field(
        None, description="What `report.json` of `blurprint analyze` holds, once it is done."
    )
    links: Links


class Results(BaseModel):
    """The files of a request, in their order."""

    results: list[ResultState]


class Limits(BaseModel):
    """What the service takes, to be checked before sending."""

    max_file_bytes: int
    max_request_bytes: int
    max_files: int
    max_pixels: int
    keep_hours: float
    methods: list[str]
    default_method: str
    default_prior: float
    videos: bool = Field(description="Whether videos are taken.")
    heic: bool = Field(description="Whether HEIC, as phones store photographs, is read.")
    token_required: bool
    signed_in: bool = Field(description="Whether this request brought the token, or needs none.")


class Health(BaseModel):
    """Whether the service works."""

    status: Literal["ok", "ready", "starting", "stopping"]


def address(result: str, part: str = "") -> str:
    """Of a result or a part of it."""
    return f"/v1/results/{result}{'/' if part else ''}{part}"


def state_of(service: Service, entry: Entry, *, position: int | None = None) -> dict[str, Any]:
    """A :class:`ResultState` as JSON has it, without what does not apply."""
    links = {"self": address(entry.id)}
    state: dict[str, Any] = {
        "id": entry.id,
        "state": entry.state,
        "name": entry.name,
        "created": _moment(entry.created),
        "expires": _moment(entry.expires),
    }
    if entry.state == QUEUED and position is not None:
        state["position"] = position
    if entry.state == RUNNING and (now := service.step(entry.id)) is not None:
        step, done, of = now
        state["progress"] = {"step": step, "share": share_done(step, done, of)}
        if of:
            state["progress"] |= {"frames_done": done, "frames": of}
    if entry.state == FAILED:
        state["error"] = {"code": entry.error_code or "", "message": entry.error_message or ""}
    if entry.state == DONE:
        folder = service.store.files_of(entry.id)
        state["report"] = json.loads((folder / FILE_NAMES["json"]).read_text("utf-8"))
        links |= {
            "report_html": address(entry.id, FILE_NAMES["html"]),
            "report_json": address(entry.id, FILE_NAMES["json"]),
            "map_png": address(entry.id, MAP),
            "confidence_png": address(entry.id, CONFIDENCE),
            "defocus_npz": address(entry.id, FILE_NAMES["npz"]),
            "picture": address(entry.id, "picture"),
            "values": address(entry.id, VALUES),
        }
    state["links"] = links
    return state


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
