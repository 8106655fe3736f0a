"""What a process of a test service does: as the first word of the uploaded file says."""

from __future__ import annotations

import json
import os
import signal
import time

from blurprint.serve.job import Failure, Upload
from blurprint.serve.process import Report


def warm_nothing() -> None:
    """A process that need not be warm."""


def act(upload: Upload, report: Report) -> Failure | None:
    """As the file says: "die 9", "kill", "sleep 2", "frames 6 24", "fail", "bug"."""
    word, _, value = upload.path.read_bytes().decode("ascii", "replace").partition(" ")
    report("reading")
    if word == "die":
        os._exit(int(value))
    if word == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if word == "frames":
        report("measuring blur", *map(int, value.split()))
        time.sleep(0.7)
    if word == "sleep":
        time.sleep(float(value))
    if word == "fail":
        return Failure("unreadable", value)
    if word == "bug":
        raise ValueError(value)
    upload.folder.mkdir()
    (upload.folder / "report.json").write_text(json.dumps({"word": word}))
    return None
