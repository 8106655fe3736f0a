"""Maps for the studies, one at a time: the disk keeps them, memory does not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Final

from blurprint.arrays import FloatMap
from blurprint.errors import InputError, PhotoError
from blurprint.jobs import run_jobs
from blurprint.lab.datasets.table import SampleTable
from blurprint.lab.loading.map_cache import MapCache
from blurprint.lab.loading.pictures import ViewMaker, ViewOptions, require_pictures
from blurprint.optics.methods import METHODS
from blurprint.optics.minmax import minmax

Progress = Callable[[int, int], None]
MINMAX: Final = "minmax"
METRIC: Final = "metric"
MAP_WORDS: Final[Mapping[str, str]] = {
    MINMAX: "each map stretched from 0 to 1",
    METRIC: "blur in pixels",
}
MAP_TITLES: Final[Mapping[str, str]] = {MINMAX: "stretched maps", METRIC: "maps in pixels"}


class Maps:
    """The maps of pictures, as the studies take them.

    Args:
        options: method of the map, size and fit.
        cache: where maps are kept, or None to compute them every time.
    """

    def __init__(self, options: ViewOptions, cache: MapCache | None = None) -> None:
        """See the class."""
        self.options = options
        self._maker = ViewMaker(options, cache)

    @property
    def kinds(self) -> tuple[str, ...]:
        """ "minmax" and, of estimators that measure in pixels, "metric"."""
        return (MINMAX, METRIC) if METHODS[self.options.estimator].in_pixels else (MINMAX,)

    def of(self, path: str) -> dict[str, FloatMap]:
        """The map of each kind, float32 (S, S).

        Raises:
            PhotoError: if the picture cannot be read.
        """
        try:
            sigma = self._maker.sigma(Path(path))
        except OSError as error:
            raise PhotoError(f"{path}: cannot be read ({error.strerror})") from error
        return {kind: minmax(sigma) if kind == MINMAX else sigma for kind in self.kinds}

    def prepare(self, paths: Iterable[str], workers: int, progress: Progress | None = None) -> None:
        """Compute maps in processes, so that :meth:`of` finds them on disk.

        Raises:
            PhotoError: if a picture cannot be read.
        """
        wanted = sorted(set(paths))
        work = partial(_compute, self)
        for done, error in enumerate(
            run_jobs(work, wanted, workers=workers, died=_died),
            1,
        ):
            if error:
                raise PhotoError(error)
            if progress is not None:
                progress(done, len(wanted))


def _compute(maps: Maps, path: str) -> str:
    maps.of(path)
    return ""


def _died(path: str) -> str:
    return f"{path}: measuring it ends the process"


def require_picture_rows(table: SampleTable) -> None:
    """Check that there are rows, and no videos among them.

    Raises:
        InputError: if not.
    """
    if len(table) == 0:
        raise InputError("Expected a table with rows, but it is empty")
    require_pictures(table["path"].astype(str))
