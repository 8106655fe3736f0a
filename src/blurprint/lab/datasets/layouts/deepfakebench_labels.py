"""What the labels of DeepfakeBench's JSON files mean, and of data sets written in its form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from blurprint.errors import InputError
from blurprint.lab.datasets.layouts.folders import few
from blurprint.lab.datasets.layouts.labels import LABELS, known_labels, label_hint, meaning
from blurprint.lab.datasets.table import FAKE, REAL

_REALS: Final = (
    *("FF-real", "DFD_real", "CelebDFv1_real", "CelebDFv2_real", "DF_real"),
    *("DFDC_Real", "DFDCP_Real", "UADFV_Real", "roop_Real"),
    *("RealVideo-RealAudio", "RealVideo-FakeAudio"),
)
_FAKES: Final = (
    *("FF-DF", "FF-F2F", "FF-FS", "FF-NT", "FF-FH", "FF-SH", "DFD_fake"),
    *("CelebDFv1_fake", "CelebDFv2_fake", "DF_fake"),
    *("DFDC_Fake", "DFDCP_FakeA", "DFDCP_FakeB", "UADFV_Fake", "roop_Fake"),
    *("FakeVideo-RealAudio", "FakeVideo-FakeAudio"),
)
DF40: Final = frozenset(
    (
        *("fsall", "frall", "efsall", "e4s", "midjourney", "deepfacelab", "danet", "fomm", "e4e"),
        *("hyperreenact", "mraa", "one_shot_free", "pirender", "tpsm", "facedancer"),
        *("facevid2vid", "mcnet", "fsgan", "lia", "inswap", "simswap", "sadtalker", "wav2lip"),
        *("uniface", "blendface", "mobileswap", "faceswap", "dalle2_face", "heygen"),
        *("whichisreal", "stylegan2", "stylegan3", "styleganxl", "ddim", "dit", "pixart", "sit"),
        *("sd1.5", "sd2.1", "vqgan", "stargan", "starganv2", "styleclip", "collabdiff", "rddm"),
        *("adm", "biggan", "glide", "sdv4", "sdv5", "vqdm", "wukong"),
    )
)
"""Methods of DF40, which are labels with _Real and _Fake behind them."""
BENCH_LABELS: Final[Mapping[str, int]] = MappingProxyType(
    {
        **dict.fromkeys(_REALS, REAL),
        **dict.fromkeys(_FAKES, FAKE),
        **{f"{name}_real": REAL for name in DF40},
        **{f"{name}_fake": FAKE for name in DF40},
    }
)
"""Labels by name. Only pictures count: of FakeAVCeleb, RealVideo-FakeAudio is real."""
SILENT: Final = "realvideo-fakeaudio"
"""Its sound is fake, and its pictures are real."""


def bench_labels(given: Mapping[str, int]) -> dict[str, int]:
    """All that are known, by name in lower case; `given` goes first."""
    return known_labels(given, LABELS, BENCH_LABELS)


def require_known(file: Path, names: Iterable[str], labels: Mapping[str, int]) -> None:
    """Check that the meaning of every label is known.

    Raises:
        InputError: if one is not; all that are not are listed.
    """
    unknown = sorted({name for name in names if meaning(labels, name) is None})
    if unknown:
        raise InputError(
            f"{file}: Expected labels that are known to be real or fake, but got {few(unknown)};"
            f" say {label_hint(unknown)}"
        )
