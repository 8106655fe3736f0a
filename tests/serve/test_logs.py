"""A log whose every line is one JSON object."""

from __future__ import annotations

import json
import logging
import sys

from blurprint.serve.logs import JsonLines

OWN = "blurprint.serve"


def test_a_line_is_one_object_whatever_it_says():
    record = logging.LogRecord(OWN, logging.INFO, "x.py", 1, "a\nb \u2028%s", ('"\x1b[31m',), None)
    record.facts = {"status": 200, "code": "a\r\n{}"}
    line = JsonLines().format(record)
    assert line.isascii()
    assert line.isprintable()
    said = json.loads(line)
    assert said["event"] == 'a\nb \u2028"\x1b[31m'
    assert (said["level"], said["status"], said["code"]) == ("info", 200, "a\r\n{}")
    assert said["time"].endswith("+00:00")


def test_an_error_is_told_by_kind_and_place_not_by_its_words():
    try:
        raise ValueError("the name of a file")
    except ValueError:
        record = logging.LogRecord(OWN, logging.ERROR, "x.py", 1, "error", (), sys.exc_info())
    line = JsonLines().format(record)
    assert "the name of a file" not in line
    said = json.loads(line)
    assert said["error"] == "ValueError"
    assert "test_logs.py" in said["at"][-1]


def test_what_others_log_is_not_repeated():
    record = logging.LogRecord("asyncio", logging.ERROR, "x.py", 1, "of %s", ("a name",), None)
    said = json.loads(JsonLines().format(record))
    assert said["event"] == "message of asyncio"
