"""Checks in a process of its own: one that ends it is a line, and the others are still made.

A package may raise anything when it is imported, and a library may end the process: one that was
built for another processor, for example. The process writes each line as soon as it has it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from queue import Empty, Queue
from threading import Thread
from typing import IO, Final

from blurprint.doctor.line import Line

TIMEOUT_S: Final = 120.0
"""Longest that one check may take, in seconds, the start of the process included."""
_SHOWN: Final = 300
"""Characters of a foreign error that a line shows."""


def run_apart(
    checks: Sequence[tuple[str, str, str]], *, timeout_s: float = TIMEOUT_S
) -> Iterator[Line]:
    """The lines of `checks`, in their order, one for each.

    Args:
        checks: of each its group, its name, and the function: "module:function" of this room, or
            "module:function:argument".
        timeout_s: longest that one may take.
    """
    left = list(checks)
    while left:
        lines = 0
        for line in _one_process(left, timeout_s):
            yield line
            lines += 1
        left = left[lines:]


def _one_process(checks: list[tuple[str, str, str]], timeout_s: float) -> Iterator[Line]:
    """Lines as far as the process comes; the last is of the check that ended it, if one did."""
    code = (
        f"import sys; sys.path[:] = {sys.path!r}; from blurprint.doctor.apart import main; main()"
    )
    try:
        process = subprocess.Popen(
            [sys.executable, "-c", code, json.dumps(checks)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
        )
    except OSError as error:
        for group, name, _ in checks:
            yield Line(group, name, "wrong", f"no process could be started ({in_words(error)})")
        return
    said: Queue[str | None] = Queue()
    errors: list[str] = []
    readers = [
        Thread(target=_read_to, args=(process.stdout, said), daemon=True),
        Thread(target=_keep_last, args=(process.stderr, errors), daemon=True),
    ]
    for reader in readers:
        reader.start()
    try:
        for group, name, _ in checks:
            began = time.perf_counter()
            try:
                text = said.get(timeout=timeout_s)
            except Empty:
                yield _lost(group, name, f"took longer than {timeout_s:g} seconds", began)
                return
            if text is None:
                ended = _end(process.wait())
                readers[1].join(1)
                why = ": ".join([f"ended its process ({ended})", *errors])
                yield _lost(group, name, why, began)
                return
            yield Line(**json.loads(text))
    finally:
        process.kill()
        process.wait()
        for reader, stream in zip(readers, (process.stdout, process.stderr), strict=True):
            reader.join(1)
            if stream is not None and not reader.is_alive():
                stream.close()


def _lost(group: str, name: str, why: str, began: float) -> Line:
    advice = "install the package again; if it stays so, please report it"
    return Line(group, name, "wrong", why, advice).after(time.perf_counter() - began)


def _end(code: int) -> str:
    if code >= 0:
        return f"status {code}"
    import signal

    with suppress(ValueError):
        return signal.Signals(-code).name
    return f"signal {-code}"


def _read_to(stream: IO[str] | None, queue: Queue[str | None]) -> None:
    for text in stream or ():
        queue.put(text)
    queue.put(None)


def _keep_last(stream: IO[str] | None, kept: list[str]) -> None:
    """The last line that is not empty: what Python says when it ends by an error."""
    for text in stream or ():
        if text.strip():
            kept[:] = [text.strip()[:_SHOWN]]


def main() -> None:
    """In the process: run the checks of ``sys.argv[1]``, and print each line as JSON."""
    import warnings

    warnings.simplefilter("ignore")
    # What packages print goes to standard error; the lines alone go to standard output.
    lines = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    for group, name, function in json.loads(sys.argv[1]):
        line = guarded(group, name, partial(_called, function, group, name))
        print(json.dumps(line.to_dict()), file=lines, flush=True)
    lines.close()
    os._exit(0)  # a library that fails when the process ends has done its work


def _called(function: str, group: str, name: str) -> Line:
    from importlib import import_module

    module, _, rest = function.partition(":")
    called, _, argument = rest.partition(":")
    check = getattr(import_module(f"blurprint.doctor.{module}"), called)
    line: Line = check(group, name, argument) if argument else check(group, name)
    return line


def guarded(group: str, name: str, check: Callable[[], Line]) -> Line:
    """The line of a check, timed; whatever it raises is a line too."""
    began = time.perf_counter()
    try:
        line = check()
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # extensions in Rust panic with classes of their own
        line = Line(group, name, "wrong", in_words(error), "install the package again")
    return line.after(time.perf_counter() - began)


def in_words(error: BaseException) -> str:
    """An error in one line.

    >>> in_words(ValueError("a\\nb"))
    'ValueError: a b'
    """
    text = " ".join(str(error).split())[:_SHOWN]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
