"""What `explain` adds its section to: the report that is there, or a new one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from blurprint.errors import OutputError
from blurprint.limits import DEFAULT_MAX_SIDE

if TYPE_CHECKING:
    from blurprint.report.report import Report


def report_there(
    path: Path, folder: Path, method: str | None, max_side: int | None, *, overwrite: bool
) -> Report:
    """The report of the picture in `path` that is in `folder`, or a new one.

    Args:
        path: the picture.
        folder: of its results.
        method: of the map; None for that of the report that is there, or "net".
        max_side: in pixels; None for that of the report that is there, or the default.
        overwrite: replace what does not agree.

    Raises:
        OutputError: if `folder` holds another picture's report, one that was made otherwise than
            asked for, or an explanation, and `overwrite` is off.
        PhotoError: if the picture cannot be read.
    """
    import numpy as np

    from blurprint.analysis import analyze
    from blurprint.evidence.measure import measure_evidence
    from blurprint.evidence.measure_faces import measure_faces
    from blurprint.faces.find_faces_of import find_faces_of
    from blurprint.photos.photo import read_photo
    from blurprint.report.earlier import earlier_report
    from blurprint.report.report import Report
    from blurprint.report.write import FILE_NAMES, existing_results
    from blurprint.score.score import NO_SCORE

    side = DEFAULT_MAX_SIDE if max_side is None else max_side
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
        return analyze(read_photo(path, max_side=side), method=method or "net")
    photo = read_photo(path, max_side=earlier.max_side)
    problem = ""
    if photo.sha256 != earlier.sha256 and earlier.source == str(path):
        problem = f"is the report of {path} as it was before it changed"
    elif photo.sha256 != earlier.sha256:
        problem = f"is the report of another picture, {earlier.source}, and not of {path}"
    elif method not in (None, earlier.method):
        problem = f"was measured with method {earlier.method}, but got --method {method}"
    elif max_side is not None and read_photo(path, max_side=side).size != earlier.size:
        width, height = earlier.size
        problem = f"was measured at {width} x {height} px, but got --max-side {side}"
    elif (explained or earlier.explained) and not overwrite:
        raise OutputError(f"{earlier.file}: has an explanation already; --overwrite replaces it")
    if problem and not overwrite:
        raise OutputError(
            f"{earlier.file}: {problem}; --overwrite replaces it, another --out keeps it"
        )
    if problem:
        return analyze(read_photo(path, max_side=side), method=method or "net")
    defocus = earlier.defocus()
    if defocus is None or not np.array_equal(defocus.mask, photo.mask):
        return analyze(photo, method=earlier.method)
    return Report(
        photo,
        defocus,
        measure_evidence(defocus),
        NO_SCORE,
        faces=measure_faces(photo, defocus, find_faces_of(photo)),
    )
