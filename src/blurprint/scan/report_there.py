"""What `explain` adds its section to: the report that is there, or a new one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from blurprint.errors import OutputError
from blurprint.limits import DEFAULT_MAX_SIDE

if TYPE_CHECKING:
    from blurprint.photos.photo import Photo
    from blurprint.report.report import Report


def report_there(
    data: bytes,
    path: str | Path,
    folder: str | Path,
    *,
    method: str | None = None,
    max_side: int | None = None,
    overwrite: bool = False,
) -> tuple[Report, Photo]:
    """The report of a picture that is in `folder`, or a new one; and the photo at its own size.

    The picture is decoded once, for both. A report that is there keeps the prior of its score.

    Args:
        data: the bytes of the picture's file.
        path: of that file, as the report names it.
        folder: of its results.
        method: of the map; None for that of the report that is there, or "net".
        max_side: in pixels; None for that of the report that is there, or the default.
        overwrite: replace what does not agree.

    Raises:
        OutputError: if `folder` holds another picture's report, one that was made otherwise than
            asked for, or an explanation, and `overwrite` is off.
        PhotoError: if the picture cannot be decoded.
    """
    path = Path(path)
    folder = Path(folder)
    import hashlib

    import numpy as np

    from blurprint.analysis import analyze, report_of
    from blurprint.photos.photo import read_photos
    from blurprint.report.earlier import earlier_report
    from blurprint.report.write import FILE_NAMES, existing_results
    from blurprint.score.policy import DEFAULT_PRIOR

    side = DEFAULT_MAX_SIDE if max_side is None else max_side

    def new() -> tuple[Report, Photo]:
        photo, native = read_photos(data, (side, 0), name=str(path))
        return analyze(photo, method=method or "net"), native

    attributions = folder / "explanation.npz"
    explained = attributions.exists()
    there = existing_results(folder, tuple(FILE_NAMES)) + [attributions] * explained
    earlier = earlier_report(folder)
    if earlier is None:
        if there and not overwrite:
            raise OutputError(
                f"{there[0]}: exists already, and no report.json says of which picture; "
                "--overwrite replaces it"
            )
        return new()
    sha256, problem = hashlib.sha256(data).hexdigest(), ""
    longest = max(earlier.native_size)
    if sha256 != earlier.sha256 and earlier.source == str(path):
        problem = f"is the report of {path} as it was before it changed"
    elif sha256 != earlier.sha256:
        problem = f"is the report of another picture, {earlier.source}, and not of {path}"
    elif method not in (None, earlier.method):
        problem = f"was measured with method {earlier.method}, but got --method {method}"
    elif max_side is not None and min(side or longest, longest) != max(earlier.size):
        width, height = earlier.size
        problem = f"was measured at {width} x {height} px, but got --max-side {side}"
    elif (explained or earlier.explained) and not overwrite:
        raise OutputError(f"{earlier.file}: has an explanation already; --overwrite replaces it")
    if problem and not overwrite:
        raise OutputError(
            f"{earlier.file}: {problem}; --overwrite replaces it, another --out keeps it"
        )
    if problem:
        return new()
    photo, native = read_photos(data, (earlier.max_side, 0), name=str(path))
    defocus = earlier.defocus()
    prior = DEFAULT_PRIOR if earlier.prior is None else earlier.prior
    if defocus is None or not np.array_equal(defocus.mask, photo.mask):
        return analyze(photo, method=earlier.method, prior=prior), native
    return report_of(photo, defocus, file=data, prior=prior), native
