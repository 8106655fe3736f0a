"""Engines by the names that the command has for them."""

from __future__ import annotations

from typing import Final

from blurprint.errors import InputError
from blurprint.scan.engine import Engine
from blurprint.scan.local_engine import local_engine

ENGINES: Final = ("local", "ray")


def engine_of(
    name: str, workers: int | None = None, *, ray_address: str | None = None, ray_gpus: bool = False
) -> Engine:
    """The engine of a name; Ray is not imported unless it is asked for.

    Args:
        name: one of :data:`ENGINES`.
        workers: processes, or actors; None for one for each core.
        ray_address: as for :func:`blurprint.scan.ray_engine.ray_engine`.
        ray_gpus: the same.

    Raises:
        InputError: if there is no such engine, its package is missing, or an option is not for it.
    """
    if name not in ENGINES:
        raise InputError(f'Expected the engine to be {" or ".join(ENGINES)}, but got "{name}"')
    if name == "ray":
        from blurprint.scan.ray_engine import ray_engine

        return ray_engine(ray_address, workers=workers, gpus=ray_gpus)
    if ray_address is not None or ray_gpus:
        raise InputError("--ray-address and --ray-gpus are for --engine ray")
    return local_engine(workers)
