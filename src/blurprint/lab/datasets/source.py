"""Which data: all that decides which rows are read; it travels with everything made from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field, fields, replace
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import BeforeValidator
from pydantic.dataclasses import dataclass

from blurprint.errors import InputError
from blurprint.invalid import STRICT, Names, our_errors
from blurprint.lab.datasets.account import Account
from blurprint.lab.datasets.layouts.options import ReadOptions
from blurprint.lab.datasets.read import (
    Reading,
    parse_specification,
    read_described,
    require_part,
)

_OPTIONS: Final = ("split", "split_seed", "compression", "frames", "labels")


def _label(name: str, value: object) -> int:
    """0 real, 1 fake, also by these words."""
    known = {"real": 0, "fake": 1, 0: 0, 1: 1}
    if isinstance(value, bool) or not isinstance(value, str | int) or value not in known:
        raise InputError(f'Expected the label "{name}" to be real or fake, but got "{value}"')
    return known[value]


def _labels(stated: Any) -> Any:
    if not isinstance(stated, Mapping):
        return stated
    return {name: _label(name, value) for name, value in stated.items()}


@our_errors
@dataclass(frozen=True, config=STRICT)
class DataSource:
    """What is read and how: in configurations, cards and ``metrics.json`` as the table "data".

    Attributes:
        data: ``LAYOUT:PATH`` each.
        split: rule of splitting; None takes the layout's default.
        split_seed: of splits that are drawn.
        compression: see :class:`ReadOptions`.
        frames: of each clip at most; 0 for all.
        fake_types: methods of the fakes that are kept; all if empty.
        labels: meanings of names that the layout does not know, 0 or "real" and 1 or "fake".
        defaults: which of "split" and "compression" nobody asked for: see :meth:`settled`.

    Raises:
        InputError: if a value is of another type.
    """

    data: Names
    split: str | None = None
    split_seed: int = 42
    compression: str | None = None
    frames: int = 32
    fake_types: Names = ()
    labels: Annotated[Mapping[str, int], BeforeValidator(_labels)] = field(default_factory=dict)
    defaults: Names = ()

    def options(self) -> ReadOptions:
        """As the readers take it.

        Raises:
            InputError: if a value is unknown.
        """
        return ReadOptions(
            split=self.split,
            compression=self.compression,
            frames=self.frames,
            seed=self.split_seed,
            labels=self.labels,
        )

    def checked(self, part: str = "all") -> DataSource:
        """This, if its layouts, options and the part are known; nothing on disk is looked at.

        Raises:
            InputError: if one is not.
        """
        self.options()
        for specification in self.data:
            parse_specification(specification)
        require_part(part)
        return self

    def read(self, part: str = "all") -> Reading:
        """The table; errors are those of :func:`read_described`."""
        return read_described(self.data, self.options(), part=part, fake_types=self.fake_types)

    def settled(self, account: Account) -> DataSource:
        """This with what its defaults came to when it was read, as cards and results keep it.

        A default depends on what is there; where data sets of one reading came to different ones,
        it stays a default.
        """
        out = self
        for name, values in account.settled.items():
            if len(values) != 1 or getattr(self, name) is not None:
                continue
            (value,) = values
            split = value if name == "split" else out.split
            compression = value if name == "compression" else out.compression
            defaults = (*out.defaults, name)
            out = replace(out, split=split, compression=compression, defaults=defaults)
        return out

    def to_dict(self) -> dict[str, Any]:
        """As TOML and JSON take it; None where a default of the layout was asked for."""
        return {
            "data": list(self.data),
            "split": self.split,
            "split_seed": self.split_seed,
            "compression": self.compression,
            "frames": self.frames,
            "fake_types": list(self.fake_types),
            "labels": dict(self.labels),
            "defaults": list(self.defaults),
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> DataSource:
        """What :meth:`to_dict` gave; what it does not hold takes its default.

        Raises:
            InputError: if a setting is unknown or of another type.
        """
        known = {one.name for one in fields(cls)}
        if unknown := sorted(set(values) - known):
            raise InputError(f"Unknown settings of the data: {', '.join(unknown)}")
        plain = {name: value for name, value in values.items() if value is not None}
        return cls(**{"data": (), **plain})

    def over(self, given: Mapping[str, Any]) -> DataSource:
        """This with what `given` has other than None, by field name."""
        asked = {name: value for name, value in given.items() if value is not None}
        defaults = tuple(name for name in self.defaults if name not in asked)
        return replace(self, **{"defaults": defaults, **asked})

    def anchored(self) -> DataSource:
        """This with absolute paths: a card is read where other folders have these names."""
        pairs = map(parse_specification, self.data)
        return replace(self, data=tuple(f"{layout}:{path.absolute()}" for layout, path in pairs))

    def unsettled(self) -> DataSource:
        """This with its defaults as defaults again, as other data need it."""
        split, compression = (
            None if name in self.defaults else getattr(self, name)
            for name in ("split", "compression")
        )
        return replace(self, split=split, compression=compression, defaults=())

    def differences(self, other: DataSource) -> list[str]:
        """Settings in which `other` differs, a phrase each: "split identity instead of authors"."""
        mine, theirs = self.to_dict(), other.to_dict()
        return [
            f"{name.replace('_', ' ')} {_shown(theirs[name])} instead of {_shown(mine[name])}"
            for name in mine
            if name != "defaults"
            and mine[name] != theirs[name]
            and not (name == "data" and _places(self.data) == _places(other.data))
        ]

    def layouts(self) -> set[str]:
        """Names of its layouts."""
        return {parse_specification(one)[0] for one in self.data}


def trained_source(card: Mapping[str, Any]) -> DataSource | None:
    """The data that a detector was trained on, from its card; None where it does not say.

    Cards made before splits had a seed of their own hold that of the training, which drew them.
    """
    stored = card.get("data")
    if not isinstance(stored, Mapping) or not stored.get("data"):
        return None
    known = {one.name for one in fields(DataSource)}
    plain = {name: value for name, value in stored.items() if name in known}
    if "split_seed" not in plain:
        settings = card.get("settings")
        seed = settings.get("seed") if isinstance(settings, Mapping) else None
        plain["split_seed"] = seed if isinstance(seed, int) else 42
    return DataSource.from_dict(plain)


def source_for(
    trained: DataSource | None, given: Mapping[str, Any]
) -> tuple[DataSource, list[str]]:
    """The data to use a detector on: what was asked for, the rest as it was trained.

    Settings of the training count where the data are laid out alike; for data of other layouts
    only the number of frames does. Where other files are named, fake types are not taken over.

    Args:
        trained: see :func:`trained_source`.
        given: what was asked for, by field of :class:`DataSource`; None where nothing was.

    Returns:
        The source, and sentences that say what was taken from the card and what differs from it.

    Raises:
        InputError: if neither names data.
    """
    asked = {name: value for name, value in given.items() if value is not None}
    if trained is None:
        if not asked.get("data"):
            raise InputError("Expected --data LAYOUT:PATH, for the detector's card names no data")
        return DataSource(**asked), ["The detector's card does not say what it was trained on"]
    named = DataSource(data=tuple(asked.get("data") or trained.data))
    same = _places(named.data) == _places(trained.data)
    if same:
        base = trained
    elif named.layouts() == trained.layouts():
        base = replace(trained.unsettled(), data=named.data, fake_types=())
    else:
        base = DataSource(named.data, frames=trained.frames)
    source = base.over(asked)
    notes = []
    kept = [name for name in (*_OPTIONS, "fake_types") if name not in asked]
    if taken := [
        f"{name.replace('_', ' ')} {_shown(getattr(source, name))}"
        for name in kept
        if getattr(base, name) == getattr(trained, name)
        and getattr(trained, name) not in (None, (), {})
    ]:
        notes.append(f"As in training, from the card: {', '.join(taken)}")
    if differ := trained.differences(source):
        notes.append(f"Differs from training: {'; '.join(differ)}")
    return source, notes


def _places(data: Sequence[str]) -> set[tuple[str, Path]]:
    return {(layout, path.resolve()) for layout, path in map(parse_specification, data)}


def _shown(value: object) -> str:
    if isinstance(value, Mapping):
        return (
            ", ".join(f"{name}={'fake' if label else 'real'}" for name, label in value.items())
            or "none"
        )
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "all"
    return "the default" if value is None else str(value)
