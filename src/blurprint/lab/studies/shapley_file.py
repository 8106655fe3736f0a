"""Attributions of many pictures as one ``.npz``, and files of the authors' layout.

Ours holds float32 ``dmaps`` (N, S, S), ``defocus_shaps`` (N, S, S), ``rgb_shaps`` (N, 3, R, R) or
(0, 3, 0, 0), and ``paths`` (N,) as text: nothing that would be executed. The authors' file has the
same names, but arrays of objects, which NumPy stores as pickles; a pickle can run any code. Of
those only what makes arrays, lists and text is let through, and the rest is refused.
"""

from __future__ import annotations

import io
import pickle
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from blurprint.arrays import FloatMap
from blurprint.errors import InputError
from blurprint.files import write_atomic

NAMES: Final = ("dmaps", "defocus_shaps", "rgb_shaps", "paths")
_LETS_THROUGH: Final = frozenset(
    {
        *(
            (f"numpy.{core}.multiarray", name)
            for core in ("core", "_core")
            for name in ("_reconstruct", "scalar")
        ),
        *((f"numpy.{core}.numeric", "_frombuffer") for core in ("core", "_core")),
        ("numpy", "ndarray"),
        ("numpy", "dtype"),
        ("_codecs", "encode"),  # bytes, in pickles of protocol 2
    }
)
_NO_HEADER: Final = "is no NumPy array"


@dataclass(frozen=True, slots=True, eq=False)
class Shaps:
    """Maps and attributions of N pictures.

    Attributes:
        dmaps: (N, S, S), a map each, as the detector saw it.
        defocus_shaps: (N, S, S), of the defocus detector, summed over the three equal channels.
        rgb_shaps: (N, 3, R, R), of the RGB detector, or (0, 3, 0, 0) without one.
        paths: of the pictures.
    """

    dmaps: FloatMap
    defocus_shaps: FloatMap
    rgb_shaps: FloatMap
    paths: tuple[str, ...]

    def __post_init__(self) -> None:
        count = len(self.paths)
        if self.dmaps.ndim != 3 or len(self.dmaps) != count:
            raise InputError(f"Expected `dmaps` to be ({count}, S, S), but got {self.dmaps.shape}")
        if self.defocus_shaps.shape != self.dmaps.shape:
            raise InputError(
                f"Expected `defocus_shaps` to be {self.dmaps.shape}, but got "
                f"{self.defocus_shaps.shape}"
            )
        if (
            self.rgb_shaps.ndim != 4
            or self.rgb_shaps.shape[1] != 3
            or len(self.rgb_shaps) not in (0, count)
        ):
            raise InputError(
                f"Expected `rgb_shaps` to be ({count}, 3, R, R) or empty, but got "
                f"{self.rgb_shaps.shape}"
            )


def shaps_bytes(shaps: Shaps) -> bytes:
    """The content of the ``.npz``."""
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer,
        dmaps=shaps.dmaps.astype(np.float32, copy=False),
        defocus_shaps=shaps.defocus_shaps.astype(np.float32, copy=False),
        rgb_shaps=shaps.rgb_shaps.astype(np.float32, copy=False),
        paths=np.array(
            [path.encode("utf-8", "backslashreplace").decode() for path in shaps.paths], np.str_
        ),
    )
    return buffer.getvalue()


def write_shaps(shaps: Shaps, file: Path) -> None:
    """Write the ``.npz``, whole or not at all.

    Raises:
        OutputError: if it cannot be written.
    """
    write_atomic(file, shaps_bytes(shaps))


def read_shaps(file: Path) -> Shaps:
    """What :func:`write_shaps` wrote, or a file of the authors' layout; nothing in it is executed.

    Planes with channels last, or with a single channel or three equal ones where one is expected,
    are put in order; of a map's channels the first is taken, attributions are summed.

    Raises:
        InputError: if the file is missing, no such file, or wants anything but arrays and text.
    """
    try:
        with zipfile.ZipFile(file) as stored:
            names = {Path(name).stem: name for name in stored.namelist() if name.endswith(".npy")}
            missing = [n for n in NAMES if n not in names and n != "rgb_shaps"]
            if missing:
                raise InputError(f"{file}: holds no {', '.join(missing)}")
            arrays = {n: _array(file, n, stored.read(names[n])) for n in NAMES if n in names}
    except OSError as error:
        raise InputError(f"{file}: cannot be read ({error.strerror or error})") from error
    except zipfile.BadZipFile as error:
        raise InputError(f"{file}: is no .npz file ({error})") from error
    paths = tuple(_text(path) for path in arrays["paths"].ravel().tolist())
    dmaps = _pictures(file, "dmaps", arrays["dmaps"])
    defocus = _pictures(file, "defocus_shaps", arrays["defocus_shaps"])
    rgb = np.zeros((0, 3, 0, 0), np.float32)
    if len(arrays.get("rgb_shaps", ())):
        rgb = _pictures(file, "rgb_shaps", arrays["rgb_shaps"])
        rgb = np.repeat(rgb / 3, 3, axis=1) if rgb.shape[1] == 1 else rgb
    try:
        return Shaps(dmaps[:, 0], defocus.sum(axis=1), rgb, paths)
    except InputError as error:
        raise InputError(f"{file}: {error}") from error


def _array(file: Path, name: str, data: bytes) -> npt.NDArray[Any]:
    """An array of a ``.npy``; arrays of objects by :class:`_OnlyArrays`."""
    stream = io.BytesIO(data)
    try:
        version = np.lib.format.read_magic(stream)
        read = (
            np.lib.format.read_array_header_1_0
            if version == (1, 0)
            else np.lib.format.read_array_header_2_0
        )
        shape, _, dtype = read(stream)
        if not dtype.hasobject:
            stream.seek(0)
            return np.load(stream, allow_pickle=False)
    except (ValueError, EOFError) as error:
        raise InputError(f"{file}: {name} {_NO_HEADER} ({error})") from error
    try:
        found = _OnlyArrays(stream, f"{file}: {name}").load()
        return np.asarray(found, dtype=object).reshape(shape)
    except InputError:
        raise
    except Exception as error:  # a broken pickle raises whatever its bytes lead to
        raise InputError(f"{file}: {name} cannot be read ({type(error).__name__})") from error


class _OnlyArrays(pickle.Unpickler):
    """Makes arrays, lists, tuples, numbers and text; refuses to look up anything else."""

    def __init__(self, stream: io.BytesIO, source: str) -> None:
        super().__init__(stream, encoding="latin1")
        self._source = source

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _LETS_THROUGH:
            raise InputError(
                f"{self._source} wants {module}.{name}, which is no array or text; it is refused, "
                "for loading it could run any code"
            )
        return super().find_class(module, name)

    def persistent_load(self, pid: Any) -> Any:
        raise InputError(f"{self._source} wants a persistent object, which is refused")


def _text(path: object) -> str:
    if isinstance(path, bytes):
        return path.decode("utf-8", "replace")
    return str(path)


def _pictures(file: Path, name: str, array: npt.NDArray[Any]) -> FloatMap:
    """(N, C, S, S) with C of 1 or 3, whatever the layout of each picture."""
    planes = []
    for one in array:
        try:
            plane = np.asarray(one.tolist() if one.dtype == object else one, np.float32)
        except (AttributeError, TypeError, ValueError) as error:
            raise InputError(f"{file}: {name} holds something that is no numbers") from error
        plane = plane[0] if plane.ndim == 4 and len(plane) == 1 else plane
        if plane.ndim == 3 and plane.shape[-1] in (1, 3) and plane.shape[0] not in (1, 3):
            plane = np.moveaxis(plane, -1, 0)
        plane = plane[None] if plane.ndim == 2 else plane
        if plane.ndim != 3 or plane.shape[0] not in (1, 3):
            raise InputError(f"{file}: {name} holds a picture of shape {plane.shape}")
        planes.append(plane)
    if len({plane.shape for plane in planes}) > 1:
        raise InputError(f"{file}: {name} holds pictures of several shapes")
    return np.stack(planes) if planes else np.zeros((0, 1, 0, 0), np.float32)
