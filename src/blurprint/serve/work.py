"""One uploaded file to the files of its result, in a process of the pool."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from blurprint.analysis import analyze, report_of
from blurprint.clips.analyze_clip import analyze_clip
from blurprint.clips.clip_report import ClipReport
from blurprint.clips.write import write_clip
from blurprint.errors import InputError, OutputError, PhotoError
from blurprint.optics.estimate import estimate_defocus
from blurprint.photos.photo import read_photo
from blurprint.report.figures import map_png, photo_jpeg
from blurprint.report.report import Report as PhotoReport
from blurprint.report.write import write_report
from blurprint.scan.first_bytes import is_video_inside
from blurprint.score.face_judge import FaceJudge
from blurprint.serve.for_senders import (
    clip_for_sender,
    for_sender,
    is_not_installed,
    report_for_sender,
)
from blurprint.serve.job import (
    CONFIDENCE,
    MAP,
    PICTURE,
    VALUES,
    VALUES_FACTS,
    Failure,
    Upload,
)
from blurprint.serve.values import confidence_png, values_of
from blurprint.weights.card import ships

if TYPE_CHECKING:
    from blurprint.serve.process import Report

_WARM_SIDE: Final = 320


def warm() -> None:
    """Open the networks, on noise, so that the first file does not wait for them."""
    import numpy as np

    noise = np.random.default_rng(0).integers(0, 256, (_WARM_SIDE, _WARM_SIDE, 3), np.uint8)
    analyze(noise)
    if ships("face"):
        FaceJudge.shipped()


def analyze_upload(upload: Upload, report: Report) -> Failure | None:
    """Analyse a file and write its result; whatever goes wrong is a failure that says so."""
    try:
        _analyze(upload, report)
    except (PhotoError, InputError) as error:
        said = str(error).replace(str(upload.path), upload.name).removeprefix(f"{upload.name}: ")
        is_unreadable = isinstance(error, PhotoError) and not is_not_installed(said)
        return Failure("unreadable" if is_unreadable else "invalid", for_sender(said))
    except OutputError as error:
        return Failure("no_room", "The result could not be stored.", str(error))
    except MemoryError:
        return Failure("out_of_memory", "The picture needs more memory than the service allows.")
    except Exception as error:
        return Failure(
            "internal",
            "The analysis failed with an unexpected error.",
            _place_of(error),
        )
    return None


def _analyze(upload: Upload, report: Report) -> None:
    if is_video_inside(upload.path):
        clip = clip_for_sender(_clip(upload, report))
        report("writing")
        write_clip(clip, upload.folder, half=True, more=_shown(clip.shown[0].report))
        return
    found = report_for_sender(_picture(upload, report))
    report("writing")
    write_report(found, upload.folder, half=True, more=_shown(found))


def _picture(upload: Upload, report: Report) -> PhotoReport:
    report("reading")
    data = upload.path.read_bytes()
    photo = read_photo(
        data, max_side=upload.max_side, max_pixels=upload.max_pixels, name=upload.name
    )
    report("measuring blur")
    defocus = estimate_defocus(photo, method=upload.method)
    report("looking at faces")
    return report_of(photo, defocus, file=data, prior=upload.prior)


def _clip(upload: Upload, report: Report) -> ClipReport:
    report("measuring blur")
    clip = analyze_clip(
        upload.path,
        method=upload.method,
        prior=upload.prior,
        max_side=upload.max_side,
        max_pixels=upload.max_pixels,
        progress=lambda done, of: report("measuring blur", done, of),
    )
    return replace(clip, source=upload.name)


def _shown(found: PhotoReport) -> dict[str, bytes]:
    """The files that the page shows, by name."""
    top = found.distribution.top if found.distribution else 1.0
    values, facts = values_of(found.defocus, top)
    return {
        MAP: map_png(found.defocus, top),
        CONFIDENCE: confidence_png(found.defocus),
        PICTURE: photo_jpeg(found.photo, max(found.photo.size)),
        VALUES: values,
        VALUES_FACTS: json.dumps(facts).encode("ascii"),
    }


def _place_of(error: Exception) -> str:
    """Kind and place of an error, without its words, which may quote the file."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return type(error).__name__
    file = Path(trace.tb_frame.f_code.co_filename)
    return f"{type(error).__name__} at {file.parent.name}/{file.name}:{trace.tb_lineno}"
