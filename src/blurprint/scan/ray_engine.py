"""The engine of many machines: Ray Data, to which items travel as paths, never as pictures.

One streaming execution of Ray Data serves the whole scan. Batches of items go into a queue as long
as few are out; a read task takes them from there, `map_batches` hands them to actors that keep the
networks open, and rows come back as batches are done. So memory is bounded on both sides, and the
end of the input, or Ctrl-C, is the end of the queue.

Ray starts an actor that died again, and gives it its batch again. An actor therefore notes which
batch it begins: one that was begun before is measured with a process for each item, so that what
ended the actor ends only that process, and becomes a row that says so.
"""

from __future__ import annotations

import logging
import os
import pickle
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec
from itertools import chain, islice
from math import floor
from typing import Any, Final

import cv2

from blurprint.errors import BlurprintError, InputError, MachineError, install_extra
from blurprint.files import reason
from blurprint.jobs import run_jobs
from blurprint.scan.engine import Done, Engine, Work
from blurprint.scan.item_work import died, done
from blurprint.scan.scan_settings import ScanSettings
from blurprint.weights.session import CPU, CUDA, has_provider, use_provider

BATCH: Final = 64
"""Items that travel together."""
_READING: Final = -1
"""Stands for the task that hands out batches where these are noted."""
_NEEDED: Final = ("ray", "pyarrow", "pandas")
_AHEAD: Final = 3
"""Batches that are out for each actor: one that is measured, one that waits, one on its way."""
_GOES_ON: Final = "what was written is whole, and the same command goes on"
_PATIENCE_S: Final = 10.0
_STORE_BYTES: Final = 200 << 20
"""Memory of the object store of a Ray that is started here: it holds paths and rows only."""


def ray_engine(
    address: str | None = None,
    *,
    workers: int | None = None,
    gpus: bool = False,
    batch: int = BATCH,
) -> Engine:
    """An engine of actors on a Ray cluster, each of one core and one thread.

    Every machine of the cluster needs Blurprint and what an item names: paths of files must be the
    same on all of them, as on a shared file system, and addresses reachable from all.

    Args:
        address: of a cluster that runs already and to which this machine belongs ("auto",
            "host:6379"); None starts a Ray on this machine, and ends it afterwards.
        workers: number of actors; None for one for each core of the cluster. More than there are
            cores share these, which pays where reading waits for a network: an actor reads and
            measures in turn.
        gpus: whether networks run on the cluster's GPUs, where the ONNX Runtime of a machine has
            them. Their numbers differ from those of processors in the last digits; column
            "provider" says what ran.
        batch: items that travel together.

    Raises:
        InputError: if Ray is missing, or a number is below 1; from the engine, if the cluster
            cannot be reached or has no core, or no GPU that was asked for.
        BlurprintError: from the engine, if Ray ends the work.
        MachineError: from the engine, if a machine keeps items from being measured.
    """
    check_ray()
    if batch < 1 or (workers is not None and workers < 1):
        raise InputError(
            f"Expected `workers` and `batch` of at least 1, but got {workers} and {batch}"
        )

    def run(work: Iterator[Work], settings: ScanSettings) -> Iterator[Done]:
        for first in work:  # of nothing, as when all was done before, no Ray is started
            with _cluster(address, workers), _ended_by_ray():
                yield from _stream(chain((first,), work), settings, workers, gpus, batch)

    return run


def check_ray() -> None:
    """See that Ray Data is there, without importing it.

    Raises:
        InputError: naming what is missing and the extra, if it is not.
    """
    if missing := [name for name in _NEEDED if find_spec(name) is None]:
        raise InputError(
            f'The engine "ray" needs {missing[0]}, which is missing: {install_extra("scale")}'
        )


@contextmanager
def _cluster(address: str | None, workers: int | None) -> Iterator[None]:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    how: dict[str, Any] = {"address": address}
    if address is None:
        how = {
            "address": "local",
            "num_cpus": workers or _cores(),
            "include_dashboard": False,
            "object_store_memory": _STORE_BYTES,
        }
        # It calls what Ray Data does with every actor an error.
        os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
    else:
        _check_that_it_answers(address)
    import ray

    if ray.is_initialized():  # by whoever calls us
        yield
        return
    try:
        ray.init(log_to_driver=False, logging_level=logging.ERROR, **how)
    except Exception as error:  # whatever the network raises
        what = " ".join(str(error).split()) or type(error).__name__
        raise InputError(f"No Ray cluster at {address or 'this machine'}: {what}") from error
    try:
        yield
    finally:
        ray.shutdown()


def _check_that_it_answers(address: str) -> None:
    """Ray itself tries for minutes.

    Raises:
        InputError: if nobody listens at a host and port.
    """
    host, _, port = address.rpartition(":")
    if not host or "/" in host or not port.isdecimal():
        return
    try:
        socket.create_connection((host, int(port)), _PATIENCE_S).close()
    except OverflowError:
        raise InputError(f"No Ray cluster at {address}: there is no such port") from None
    except OSError as error:
        raise InputError(f"No Ray cluster at {address}: {reason(error)}") from error


@contextmanager
def _ended_by_ray() -> Iterator[None]:
    """What ends the work of the cluster, such as a machine without Blurprint, as our error."""
    from ray.exceptions import RayError

    try:
        yield
    except RayError as error:
        last = (str(error).strip().splitlines() or [type(error).__name__])[-1].strip()
        raise BlurprintError(f"Ray ended the work ({last}); {_GOES_ON}") from error


def _cores() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # macOS, Windows
        return os.cpu_count() or 1


def _stream(
    work: Iterator[Work], settings: ScanSettings, workers: int | None, gpus: bool, batch: int
) -> Iterator[Done]:
    from ray.util.queue import Queue

    actors, shares = _shares(workers, gpus)
    queue = Queue(actor_options={"num_cpus": 0})
    results = _results(queue, settings, actors, shares)
    out: set[int] = set()
    number, ended = 0, False
    while True:
        while not ended and len(out) < _AHEAD * actors:
            taken = tuple(islice(work, batch))
            if not taken:
                ended = True
                queue.put(None)
                break
            queue.put(pickle.dumps((number, taken)))
            out.add(number)
            number += 1
        found = next(results, None) if out else None
        if found is None:
            break
        which, measured = found
        if isinstance(measured, MachineError):
            queue.put(None)
            raise MachineError(f"{measured}; {_GOES_ON}")
        if which in out:  # a batch that was lost on its way back may come twice
            out.remove(which)
            yield from measured
    if out:
        raise BlurprintError(f"Ray ended with {len(out)} batches out; {_GOES_ON}")
    next(results, None)  # so that it ends in order


def _shares(workers: int | None, gpus: bool) -> tuple[int, dict[str, float]]:
    """Number of actors, and what each takes of the cluster, by Ray's names."""
    import ray

    there = ray.cluster_resources()
    cores = int(there.get("CPU", 0))
    if cores < 1:
        raise InputError("The Ray cluster has no processor core to give")
    actors = workers or cores
    shares = {"num_cpus": _share(cores, actors)}
    if gpus:
        if not there.get("GPU"):
            raise InputError("The Ray cluster has no GPU to give")
        shares["num_gpus"] = _share(there["GPU"], actors)
    return actors, shares


def _share(of: float, actors: int) -> float:
    """What each of some actors gets, at most 1, rounded down as finely as Ray counts.

    >>> _share(2, 3), _share(4, 3)
    (0.6666, 1.0)
    """
    return min(1.0, floor(1e4 * of / actors) / 1e4)


def _results(
    queue: Any, settings: ScanSettings, actors: int, shares: dict[str, float]
) -> Iterator[tuple[int, list[Done] | MachineError]]:
    import ray
    from ray import data

    logging.getLogger("ray.data").setLevel(logging.ERROR)
    context = data.DataContext.get_current()
    context.enable_progress_bars = False
    context.target_max_block_size = 1  # a block a batch: none waits for others to fill a block
    journal = ray.remote(num_cpus=0)(_Journal).remote()
    rows = data.read_datasource(
        _source(queue, journal), override_num_blocks=1, num_cpus=0
    ).map_batches(
        _Measurer,
        batch_size=1,
        batch_format="pyarrow",
        compute=data.ActorPoolStrategy(size=actors, max_tasks_in_flight_per_actor=2),
        fn_constructor_args=(settings, journal, "num_gpus" in shares),
        **shares,
    )
    for block in rows.iter_batches(batch_size=None, batch_format="pyarrow", prefetch_batches=0):
        for one in block["batch"].to_pylist():
            yield pickle.loads(one)


def _source(queue: Any, journal: Any) -> Any:
    """What Ray Data reads: the batches of a queue, until it holds None.

    They leave the queue, so that a second reading, which Ray begins where the first one died, is
    refused: it would give other batches than Ray expects.
    """
    import pyarrow as pa
    import ray
    from ray.data.block import BlockMetadata
    from ray.data.datasource import Datasource, ReadTask

    def read() -> Iterator[Any]:
        if ray.get(journal.begin.remote(_READING)):
            raise RuntimeError("the task that hands out the batches died")
        while (batch := queue.get()) is not None:
            yield pa.table({"batch": pa.array([batch], pa.binary())})

    class Feed(Datasource):  # type: ignore[misc]  # of a module without types
        def estimate_inmemory_data_size(self) -> None:
            return None

        def get_read_tasks(self, *_: Any, **__: Any) -> list[Any]:
            return [ReadTask(read, BlockMetadata(None, None, None, None))]

    return Feed()


class _Journal:
    """How often each batch was begun."""

    def __init__(self) -> None:
        self._begun: dict[int, int] = {}

    def begin(self, batch: int) -> int:
        """Note a batch; how often it was begun before."""
        before = self._begun.get(batch, 0)
        self._begun[batch] = before + 1
        return before

    def end(self, batch: int) -> None:
        """Forget a batch."""
        self._begun.pop(batch, None)


class _Measurer:
    """The actor: it keeps the networks open, as a process of the local engine does."""

    def __init__(self, settings: ScanSettings, journal: Any, gpu: bool) -> None:
        self._settings, self._journal = settings, journal
        cv2.setNumThreads(1)
        use_provider(CUDA if gpu and has_provider(CUDA) else CPU)

    def __call__(self, table: Any) -> Any:
        """Rows of a batch, for its items."""
        import pyarrow as pa

        given = table["batch"].to_pylist()
        return pa.table({"batch": pa.array(map(self._measured, given), pa.binary())})

    def _measured(self, given: bytes) -> bytes:
        number, batch = pickle.loads(given)
        try:
            measured = self._rows(number, batch)
        except MachineError as error:
            return pickle.dumps((number, MachineError(f"Machine {socket.gethostname()}: {error}")))
        self._journal.end.remote(number)
        return pickle.dumps((number, measured))

    def _rows(self, number: int, batch: tuple[Work, ...]) -> list[Done]:
        import ray

        if ray.get(self._journal.begin.remote(number)):
            return list(
                run_jobs(
                    partial(done, self._settings),
                    batch,
                    workers=1,
                    died=partial(died, self._settings),
                )
            )
        return [done(self._settings, work) for work in batch]
