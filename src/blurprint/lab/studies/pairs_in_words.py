"""What pairs rest on, and what is in no pair: for the words and the summary of a study."""

from __future__ import annotations

from typing import Any, Final

from blurprint.lab.datasets.same_frames import NAME, NUMBER, ORDER, SHIFTED
from blurprint.lab.datasets.table import SampleTable

# Nine of ten pairs must bear the claim: docs/thresholds.md.
MOST_UNSURE: Final = 0.1
"""Share of pairs that may show different frames where something is claimed of them."""


def matched_by(pairs: SampleTable) -> str:
    """The rule, and how frames were matched within clips that it paired.

    Args:
        pairs: from :func:`blurprint.lab.datasets.pairs.match_pairs`, or some of its rows.
    """
    text: str = pairs.attrs["rule"]
    ways = {
        NAME: "frames of the same name",
        NUMBER: "frames of the same number",
        SHIFTED: "frames of the same number, though counted from another beginning",
        ORDER: "not matched by frame but in the order of names",
    }
    counts = {way: int((pairs["matched"] == way).sum()) for way in ways}
    used = [way for way in ways if counts[way]]
    for way in used:
        text += f", {ways[way]}"
        if counts[way] < len(pairs):
            text += f" ({counts[way]:,} of {len(pairs):,})"
    return text


def pairing_summary(pairs: SampleTable) -> dict[str, Any]:
    """Counts for the summary: pairs in order alone, and rows in no pair."""
    return {
        "pairs_in_order_alone": int((pairs["matched"] == ORDER).sum()),
        "pairs_counted_from_elsewhere": int((pairs["matched"] == SHIFTED).sum()),
        "fakes_in_no_pair": pairs.attrs["lone_fakes"],
        "reals_in_no_pair": pairs.attrs["lone_reals"],
    }


def pairing_words(pairs: SampleTable) -> list[str]:
    """Sentences on what is uncertain in the pairs, and on what is in none."""
    words = []
    if in_order := int((pairs["matched"] == ORDER).sum()):
        words.append(
            f"In {in_order:,} of {len(pairs):,} pairs the two pictures go together by their order "
            "alone, for no names or numbers agree: nothing says that they show the same frame, and "
            "what differs may be the scene."
        )
    if apart := int((pairs["matched"] == SHIFTED).sum()):
        words.append(
            f"In {apart:,} of {len(pairs):,} pairs the clips have as many frames, whose numbers "
            "are all shifted by the same: if the fake's frames are counted from another beginning, "
            "frames of the same number are not the same frame."
        )
    parts = [
        f"{pairs.attrs[f'lone_{kind}']:,} of {pairs.attrs[kind]:,} {kind} "
        f"(such as {', '.join(pairs.attrs[f'some_{kind}'])})"
        for kind in ("fakes", "reals")
        if pairs.attrs[f"lone_{kind}"]
    ]
    if parts:
        words.append(f"In no pair, and so left out: {' and '.join(parts)}.")
    return words


def show_one_frame(pairs: SampleTable) -> bool:
    """Whether all but a tenth of the pairs are known to show the same frame of the same scene."""
    unsure = pairs["matched"].isin([ORDER, SHIFTED]).mean()
    return bool(pairs.attrs["same_scene"] and unsure <= MOST_UNSURE)
