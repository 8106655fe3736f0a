"""Jobs of a standing pool: some end their process, some never end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from blurprint.serve.process import Report


@dataclass(frozen=True)
class NumberJob:
    id: str
    what: str
    seconds: float = 20.0


def warm_nothing() -> None:
    """A process that need not be warm."""


def warm_badly() -> None:
    """A process that cannot be warm."""
    os._exit(3)


def work(job: NumberJob, report: Report) -> str:
    what, _, rest = job.what.partition(" ")
    report("thinking")
    match what:
        case "exit":
            os._exit(7)
        case "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        case "pid":
            return str(os.getpid())
        case "sleep":
            time.sleep(0.5)
        case "forever":
            time.sleep(600)
        case "child":
            child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
            Path(rest).write_text(str(child.pid))
            child.wait()
        case "memory":
            try:
                np.ones(4_000_000_000, np.uint8)
            except MemoryError:
                return "MemoryError"
        case "print":
            print("PRINTED", flush=True)
            os.write(2, b"PRINTED")
    return what.upper()
