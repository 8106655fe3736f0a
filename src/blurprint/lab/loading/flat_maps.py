"""Maps that are the same everywhere: they hold no blur, and are counted wherever maps are used."""

from __future__ import annotations

from typing import Any

from blurprint.arrays import FloatMap
from blurprint.lab.datasets.table import FAKE, REAL
from blurprint.optics.minmax import is_constant


class FlatMaps:
    """Counts pictures whose map is the same everywhere, by class and each picture once."""

    def __init__(self) -> None:
        """Nothing is counted yet."""
        self._flat: dict[str, tuple[int, bool]] = {}

    def see(self, path: str, label: int, values: FloatMap) -> None:
        """Count the map, (H, W) or a view of it, of the picture in `path`, of class `label`."""
        self._flat[path] = (label, is_constant(values))

    def summary(self) -> dict[str, dict[str, int]]:
        """By class: maps that are the same everywhere, and all that were seen."""
        return {
            name: {
                "same_everywhere": sum(flat for one, flat in self._flat.values() if one == label),
                "of": sum(one == label for one, _ in self._flat.values()),
            }
            for name, label in (("reals", REAL), ("fakes", FAKE))
        }

    @property
    def share(self) -> float:
        """Of all maps that were seen, those that are the same everywhere."""
        flat = [one for _, one in self._flat.values()]
        return sum(flat) / len(flat) if flat else 0.0

    def words(self) -> tuple[str, ...]:
        """One paragraph, or none if no map is the same everywhere."""
        counts: dict[str, Any] = self.summary()
        flat = sum(one["same_everywhere"] for one in counts.values())
        if not flat:
            return ()
        parts = " and ".join(
            f"{one['same_everywhere']:,} of {one['of']:,} {name}" for name, one in counts.items()
        )
        return (
            f"The maps of {parts} are the same everywhere, as the paper's map is where no edge is "
            "found in a picture. They say nothing about its blur, and yet they are in all numbers "
            "here.",
        )
