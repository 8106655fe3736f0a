"""How much of the picture the map really knows."""

from __future__ import annotations

from blurprint.evidence.confident import CONFIDENT, confident_share, is_measured
from blurprint.evidence.evidence import Evidence
from blurprint.evidence.wording import in_pixels, percent, subject
from blurprint.optics.defocus_map import DefocusMap
from blurprint.optics.methods import METHODS
from blurprint.optics.tolerance import TOLERANCE_PX, TOLERANCE_SHARE


def measured_share(defocus: DefocusMap) -> Evidence:
    """Percentage of the photograph with confidence of at least :data:`CONFIDENT`.

    A count of the map's pixels, of error 0.
    """
    share, whole = 100 * confident_share(defocus), subject(defocus)
    if defocus.doubt:
        sentence = defocus.doubt
    elif not in_pixels(defocus):
        sentence = (
            f"The map was read on edges that cover {percent(share)} of the {whole}; elsewhere it "
            "mixes the values of neighbouring edges with zeros."
        )
    elif defocus.method in METHODS and METHODS[defocus.method].calibrated:
        sentence = (
            f"{percent(share)} of the {whole} could be read to within {TOLERANCE_PX:g} px, or "
            f"{100 * TOLERANCE_SHARE:.0f} % where that is more, with a probability of at least "
            f"{CONFIDENT:g}{'; the rest is less certain' if share < 100 else ''}."
        )
    elif not is_measured(defocus):
        sentence = (
            f"{percent(share)} of the {whole} could be measured with a confidence of at least "
            f"{CONFIDENT:g}: it offers next to no edges that show blur."
        )
    else:
        sentence = (
            f"{percent(share)} of the {whole} could be measured with a confidence of at least "
            f"{CONFIDENT:g}; the rest of the map is filled in from the nearest edges."
        )
    return Evidence("measured_share", "Measured share", share, "%", sentence, error=0.0)
