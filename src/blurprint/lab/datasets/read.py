"""From ``LAYOUT:PATH`` to the table: the one door to every data set."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

import pandas as pd

from blurprint.errors import InputError
from blurprint.lab.datasets.account import Account
from blurprint.lab.datasets.layouts.celebdf import read_celebdf
from blurprint.lab.datasets.layouts.cifake import read_cifake
from blurprint.lab.datasets.layouts.coco import read_coco
from blurprint.lab.datasets.layouts.deepfakebench import read_deepfakebench
from blurprint.lab.datasets.layouts.dfdc import read_dfdc
from blurprint.lab.datasets.layouts.diffusiondb import read_diffusiondb
from blurprint.lab.datasets.layouts.faceforensics import read_faceforensics
from blurprint.lab.datasets.layouts.folder import read_folder
from blurprint.lab.datasets.layouts.folders import few
from blurprint.lab.datasets.layouts.genimage import read_genimage
from blurprint.lab.datasets.layouts.imagefolder import read_imagefolder
from blurprint.lab.datasets.layouts.options import ReadOptions
from blurprint.lab.datasets.layouts.table_file import read_table
from blurprint.lab.datasets.once import every_file_once, require_clips_alike
from blurprint.lab.datasets.table import FAKE, REAL, SPLITS, SampleTable, checked_table

__all__ = [
    "LAYOUTS",
    "ReadOptions",
    "Reader",
    "Reading",
    "read_data",
    "read_described",
    "require_both_classes",
]

Reader = Callable[[Path, ReadOptions, Account], SampleTable]
LAYOUTS: Final[Mapping[str, Reader]] = MappingProxyType(
    {
        "faceforensics": read_faceforensics,
        "cifake": read_cifake,
        "coco": read_coco,
        "diffusiondb": read_diffusiondb,
        "celebdf": read_celebdf,
        "dfdc": read_dfdc,
        "genimage": read_genimage,
        "folder": read_folder,
        "imagefolder": read_imagefolder,
        "deepfakebench": read_deepfakebench,
        "table": read_table,
    }
)
"""Every reader by the name of its layout."""
_GENERAL: Final = frozenset({"folder", "imagefolder", "table"})
_NAMED_ALIKE: Final[Mapping[str, str]] = MappingProxyType(
    {"faceforensics": "FaceForensics++", "celebdf": "Celeb-DF", "deepfakebench": ""}
)
"""Layouts of the same people under one name: DeepfakeBench writes the data set's name itself."""
_DEFAULTS: Final = ReadOptions()


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What was read, and how it came about.

    Attributes:
        table: the rows that were asked for.
        whole: rows of all parts, of which `table` is one or all.
        account: what was inferred and left out.
        group_keys: of each group in `whole`, a name that means the same group in every reading:
            with the data set's name before it or, for layouts that any data set may have, with the
            path of its folder.
        spaces: those data sets' names and paths.
    """

    table: SampleTable
    whole: SampleTable
    account: Account
    group_keys: Mapping[str, str]
    spaces: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        """What a command shows before its work: see :meth:`Account.lines`."""
        return self.account.lines(self.whole)


def read_data(
    specifications: Sequence[str],
    options: ReadOptions = _DEFAULTS,
    *,
    part: str = "all",
    fake_types: Sequence[str] = (),
) -> SampleTable:
    """The table of :func:`read_described`; what it left out becomes warnings."""
    reading = read_described(specifications, options, part=part, fake_types=fake_types)
    for text in reading.account.left_out:
        warnings.warn(text, stacklevel=2)
    return reading.table


def read_described(
    specifications: Sequence[str],
    options: ReadOptions = _DEFAULTS,
    *,
    part: str = "all",
    fake_types: Sequence[str] = (),
) -> Reading:
    """The table of one or several ``LAYOUT:PATH``, joined, with what was inferred.

    Groups of different data sets that have the same name are told apart by the layout before it
    (the path, for layouts that any data set may have).

    Args:
        specifications: ``LAYOUT:PATH`` each, LAYOUT one of :data:`LAYOUTS`.
        options: rule of splitting, compression, frames of a clip, names of labels.
        part: "train", "val", "test", or "all".
        fake_types: methods of the fakes that are kept, all if empty; reals are kept always.

    Raises:
        InputError: if a specification, part or method is unknown, a folder is laid out otherwise,
            a file is read twice or contradicts itself, a clip does, joining makes a group straddle
            parts, or no row is left.
    """
    require_part(part)
    if not specifications:
        raise InputError("Expected at least one LAYOUT:PATH, but got none")
    account = Account()
    spaces, tables, keys = [], [], []
    homes: set[str] = set()
    for specification in specifications:
        layout, path = parse_specification(specification)
        of_one = Account()
        try:
            table = checked_table(LAYOUTS[layout](path, options, of_one), specification)
        except OSError as error:  # a folder that may not be listed, a network that is gone
            raise InputError(
                f"{error.filename or path}: cannot be read ({error.strerror or error})"
            ) from error
        account.add(of_one, specification if len(specifications) > 1 else "")
        spaces.append(specification if layout in _GENERAL else layout)
        tables.append(table)
        home = path.resolve() if layout in _GENERAL else _NAMED_ALIKE.get(layout, layout)
        groups = table["group"].unique()
        keys.append({group: f"{home}/{group}".lstrip("/") for group in groups})
        homes |= {str(home)} if home else {str(group).partition("/")[0] for group in groups}
    collide = _collide(spaces, tables, "group")
    group_keys = {
        f"{space}/{group}" if collide else group: key
        for space, of_one_set in zip(spaces, keys, strict=True)
        for group, key in of_one_set.items()
    }
    whole = _join(
        specifications, spaces, tables, account, collide=collide, check=options.split != "authors"
    )
    whole = _of_types(whole, fake_types, account)
    _tell_unused(options, account)
    return Reading(_of_part(whole, part), whole, account, group_keys, tuple(sorted(homes)))


def require_part(part: str) -> None:
    """Check that `part` is "train", "val", "test" or "all".

    Raises:
        InputError: if not.
    """
    if part not in (*SPLITS, "all"):
        raise InputError(f'Expected `part` to be train, val, test or all, but got "{part}"')


def parse_specification(specification: str) -> tuple[str, Path]:
    r"""Layout and path of ``LAYOUT:PATH``, cut at the first colon.

    >>> layout, path = parse_specification(r"folder:C:\pictures")
    >>> layout, str(path)
    ('folder', 'C:\\pictures')

    Raises:
        InputError: if the layout is unknown or the path missing.
    """
    layout, _, path = specification.partition(":")
    if layout not in LAYOUTS or not path:
        raise InputError(
            f'Expected LAYOUT:PATH, LAYOUT one of {", ".join(LAYOUTS)}, but got "{specification}"'
        )
    try:
        return layout, Path(path).expanduser()
    except RuntimeError:  # "~someone" who is not known here
        return layout, Path(path)


def require_both_classes(table: SampleTable, what: str) -> None:
    """Check that `table` holds reals and fakes.

    Args:
        table: rows to check.
        what: what needs both, as the subject of the error ("Training").

    Raises:
        InputError: if one class is missing.
    """
    reals, fakes = (int((table["label"] == label).sum()) for label in (REAL, FAKE))
    if not reals or not fakes:
        raise InputError(f"{what}: Expected reals and fakes, but got {reals} real, {fakes} fake")


def _collide(spaces: Sequence[str], tables: Sequence[SampleTable], column: str) -> bool:
    """Whether data sets of different name spaces have a group, or clip, of one name."""
    owners: dict[str, str] = {}
    return any(
        owners.setdefault(name, space) != space
        for space, table in zip(spaces, tables, strict=True)
        for name in table[column].unique()
    )


def _join(
    specifications: Sequence[str],
    spaces: Sequence[str],
    tables: Sequence[SampleTable],
    account: Account,
    *,
    collide: bool,
    check: bool,
) -> SampleTable:
    several = len(tables) > 1
    for column, same in (("group", collide), ("clip", _collide(spaces, tables, "clip"))):
        if same:
            tables = [
                table.assign(**{column: f"{space}/" + table[column]})
                for space, table in zip(spaces, tables, strict=True)
            ]
    joined = pd.concat(tables, ignore_index=True) if several else tables[0]
    sources = [index for index, table in enumerate(tables) for _ in range(len(table))]
    joined = every_file_once(joined, sources, specifications, account)
    require_clips_alike(joined)
    if not several:
        return joined
    if check:
        before = {group for table in tables for group in _straddling(table)}
        if new := sorted(_straddling(joined) - before):
            raise InputError(
                f"Expected groups in one part each, but {len(new)} lie in different parts of the"
                f" data joined ({few(new)}); give one folder that holds both, or another"
                " split"
            )
    return joined


def _straddling(table: SampleTable) -> set[str]:
    parts = table.loc[table["split"] != ""].groupby("group")["split"].nunique()
    return set(parts.index[parts > 1])


def _of_types(table: SampleTable, fake_types: Sequence[str], account: Account) -> SampleTable:
    if not fake_types:
        return table
    fakes = table["label"] == FAKE
    there = sorted(table.loc[fakes, "method"].unique())
    for name in fake_types:
        if name not in there:
            raise InputError(
                f'Expected fake types among {", ".join(there) or "none"}, but got "{name}"'
            )
    kept = table.loc[~fakes | table["method"].isin(list(fake_types))].reset_index(drop=True)
    count = len(kept) - int((~fakes).sum())
    account.infer(
        f"{count:,} of {int(fakes.sum()):,} fakes, those of {', '.join(fake_types)}, as asked"
    )
    return kept


def _tell_unused(options: ReadOptions, account: Account) -> None:
    """Say which labels were given but met no name: they may be misspelt."""
    met = {name.strip("/ ").lower() for names in account.labels.values() for name in names}
    if unused := [name for name in options.labels if name.strip().lower() not in met]:
        account.infer(f"--label {', '.join(unused)} met no such name")


def _of_part(table: SampleTable, part: str) -> SampleTable:
    if part == "all":
        return table
    kept = table.loc[table["split"] == part].reset_index(drop=True)
    if kept.empty:
        counts = table["split"].value_counts(sort=False)
        there = ", ".join(f"{name or 'no part'} ({count} rows)" for name, count in counts.items())
        raise InputError(f"Expected rows of part {part}, but got only {there}")
    return kept
