"""The log: a JSON object a line, which holds nothing out of an upload, its name included."""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import Any, Final

_BRIEF: Final = 8
_OWN: Final = ("blurprint.serve", "uvicorn")
"""Loggers whose words are known; those of others may quote what a client sent."""


def brief(result: str) -> str:
    """Enough of an id to follow a result through the log, too little to fetch it.

    >>> brief("abcdefghijklmnop")
    'abcdefgh'
    """
    return result[:_BRIEF]


class JsonLines(logging.Formatter):
    """A record as one line of JSON; line breaks and control signs are escapes in it."""

    def format(self, record: logging.LogRecord) -> str:
        """The line: time, level, event, and the facts given as ``extra={"facts": {...}}``."""
        own = record.name.startswith(_OWN)
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage() if own else f"message of {record.name}",
        }
        line |= getattr(record, "facts", {})
        if record.exc_info and record.exc_info[0] is not None:
            # The words of an error may quote what a client sent; where it arose may not.
            kind, _, trace = record.exc_info
            line["error"] = kind.__name__
            line["at"] = [
                f"{frame.filename}:{frame.lineno} {frame.name}"
                for frame in traceback.extract_tb(trace)
            ]
        return json.dumps(line, ensure_ascii=True)


def log_to_stderr() -> None:
    """Have the whole process log to standard error; of others than this service, warnings."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.getLogger().handlers = [handler]
    logging.getLogger().setLevel(logging.WARNING)
    logging.getLogger(_OWN[0]).setLevel(logging.INFO)
    logging.captureWarnings(capture=True)
