"""The finding of a clip in words, and the notes on how it was analysed."""

from __future__ import annotations

from collections.abc import Sequence

from blurprint.clips.frame_rows import FrameRow
from blurprint.clips.tracks import LEAST_FRAMES, LEAST_SHARE, Track
from blurprint.evidence.error import is_beyond
from blurprint.evidence.evidence import Evidence
from blurprint.evidence.face_finding import OTHERWISE
from blurprint.evidence.finding import Finding
from blurprint.evidence.wording import more_or_less
from blurprint.photos.video_facts import VideoFacts, in_seconds
from blurprint.score.score import Score


def finding_of(
    score: Score, evidence: Sequence[Evidence], frames: Sequence[FrameRow], tracks: Sequence[Track]
) -> Finding:
    """What was found, in words, as of a picture."""
    median = next(row for row in evidence if row.name == "blur_median")
    if median.value is None:
        where = f"No blur could be measured in any of {len(frames)} frames of this clip."
    else:
        where = f"Blur of the clip: {median.sentence[0].lower()}{median.sentence[1:]}"
    unusual = "How usual that is, is unknown: no clips were measured for comparison."
    if median.value is None:
        unusual = ""
    compared = [one for one in tracks if one["face_inner_ring"].value is not None]
    otherwise = OTHERWISE if any(_differs(one) for one in compared[:2]) else ""
    words = faces_sentence(frames, tracks) + "".join(f" {_face_words(one)}" for one in compared[:2])
    return Finding(where, unusual, "", otherwise, faces=words, score=score.words)


def _differs(track: Track) -> bool:
    """Whether it is said that the inner face is blurred more or less than its surround."""
    row = track["face_inner_ring"]
    if row.value is None or row.details["frames"] < LEAST_SHARE * len(track.faces):
        return False
    return is_beyond(row.value, row.error)


def _share_of(count: int, facts: VideoFacts) -> str:
    """How many of the frames of the file were analysed; where it is not known, of how many."""
    total, seconds = facts.frames, in_seconds(facts.duration_s)
    if total is None:
        were = "frame was" if count == 1 else "frames were"
        stated = f" (it states {facts.duration_s:,.1f} s)" if facts.duration_s else ""
        return f"{count} {were} analysed; how many the file has is unknown{stated}."
    if facts.met < total:
        were = "was" if count == 1 else "were"
        return f"{count} of the {total:,} frames that the file states{seconds} {were} analysed."
    if count < total:
        were = "was" if count == 1 else "were"
        return f"{count} of its {total:,} frames{seconds} {were} analysed."
    if total == 1:
        return "It has a single frame, which was analysed."
    return f"All its {total:,} frames{seconds} were analysed."


def _face_words(track: Track) -> str:
    row = track["face_inner_ring"]
    assert row.value is not None
    count = round(row.details["frames"])
    of = (
        f"all its {count} frames"
        if count == len(track.faces)
        else f"the {count} of its {len(track.faces)} frames in which both could be measured"
    )
    if count < LEAST_SHARE * len(track.faces):
        return (
            f"The blur of the inner face of {track.name} could be compared with its surround in "
            f"{count} of {len(track.faces)} frames only, too few to say more."
        )
    if not is_beyond(row.value, row.error):
        return (
            f"The inner face of {track.name} is as blurred as its surround within the scatter of "
            f"the comparison, by the median of {of}."
        )
    return (
        f"The inner face of {track.name} is {more_or_less(row.value)} blurred than its surround, "
        f"by the median of {of}."
    )


def faces_sentence(frames: Sequence[FrameRow], tracks: Sequence[Track]) -> str:
    """How many faces were followed, and in how many frames."""
    looked = f"{len(frames)} frame{'s' * (len(frames) != 1)}"
    if not tracks:
        return f"No face was found in {looked}."
    lasting = [track for track in tracks if len(track.faces) >= LEAST_FRAMES]
    number = f"{len(tracks)} face{'s were' if len(tracks) != 1 else ' was'}"
    text = f"{number} followed through {looked}"
    if len(tracks) == 1:
        return f"{text}, and found in {len(tracks[0].faces)} of them."
    short = len(tracks) - len(lasting)
    named = ", ".join(f"{one.name} in {len(one.faces)}" for one in lasting[:3])
    text += f": {named} of them" if named else ""
    text += "." if len(lasting) <= 3 else f", and {len(lasting) - 3} more."
    if short:
        text += f" {short} {'is' if short == 1 else 'are'} seen in fewer than {LEAST_FRAMES}."
    return f"{text} Faces are followed by place and size alone."


def reading_notes(
    *,
    wanted: int,
    frames: Sequence[FrameRow],
    failed: int,
    example: str,
    left_out: str,
    stream: str,
    facts: VideoFacts,
) -> list[str]:
    """What was looked at, and what could not be."""
    notes = [_share_of(len(frames), facts)]
    notes += [text for text in (stream, left_out) if text]
    missing = wanted - len(frames) - failed
    if missing > 0:
        notes.append(f"{missing} of the {wanted} frames that were wanted could not be decoded.")
    if failed:
        notes.append(f"{failed} could not be analysed, the first because: {example}")
    sizes = {row.native_size for row in frames}
    if len(sizes) > 1:
        names = ", ".join(f"{width} × {height}" for width, height in sorted(sizes))
        notes.append(f"Its frames change their size: {names} pixels.")
    scales = {round(row.scale, 3) for row in frames}
    if len(scales) > 1:
        notes.append(
            "They were measured at several scales: of lengths, only the medians in pixels of the "
            "file compare with one another."
        )
    cuts = sum(row.cut for row in frames)
    if cuts:
        notes.append(
            f"{cuts} time{'s' * (cuts != 1)} the scene changes between the frames that were looked "
            "at; faces are not followed across."
        )
    return notes
