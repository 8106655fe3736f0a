"""What each threshold trades: sweeps around its value, on photographs, as Markdown.

    python benchmarks/thresholds.py PHOTOGRAPHS [--portraits FOLDER] [--clips FOLDER]
        [--pictures 60] [--only pyramid bars ...]

Photographs, portraits (one face each) and video clips are looked for in the folders and below.
Every table is one constant, our value in bold, and what other values would do: how many pictures
are accused wrongly, how many cases are missed, how large errors are. Blur, noise, text, bars and
copies are added here, so that the truth is known. Tables go to standard output, progress to
standard error; expect half an hour for 60 pictures on one core. docs/thresholds.md quotes results.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from itertools import cycle, pairwise
from pathlib import Path
from time import perf_counter
from types import ModuleType
from typing import Any, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from blurprint.arrays import FloatMap, Mask
from blurprint.evidence import confident, doubts, finding, regions
from blurprint.evidence.confident import measured_percentiles
from blurprint.evidence.error import error_of_difference
from blurprint.faces import find, track
from blurprint.files import PICTURE_SUFFIXES
from blurprint.hiding import dots, drawn, noise, palette, repeated
from blurprint.lab.audit import hashes, shortcuts
from blurprint.lab.measures import few_groups
from blurprint.lab.measures.means import mean_interval
from blurprint.lab.rendering import sharpness
from blurprint.lens.aperture import DISK
from blurprint.lens.lens import blur, to_linear, to_srgb
from blurprint.optics import edge, net, residual, spread
from blurprint.optics.defocus_map import DefocusMap
from blurprint.optics.estimate import _of_part
from blurprint.optics.map_picture import GUESSED
from blurprint.optics.net import Reading, net_map
from blurprint.optics.tolerance import tolerance
from blurprint.photos import bars, corners
from blurprint.photos.photo import Photo, read_photo
from blurprint.photos.video import VIDEO_SUFFIXES, read_frames

RGB = FloatMap
LONGEST = 512
"""Longer side of the photographs in pixels; larger ones are reduced."""
WEAK, STRONG = (2.0, 4.0), (6.0, 9.0, 13.0)
"""Blur that is added, in pixels."""
SHADING = 40.0
"""Blur beyond all that is measured: what is left of a photograph is soft shading."""


# The tables


def sweep(
    module: ModuleType,
    names: str,
    values: Sequence[Any],
    measure: Callable[[], Mapping[str, float]],
) -> None:
    """Print what `measure` gives with each of `values`, and ours, in the place of a constant.

    Args:
        module: that holds the constant.
        names: of the constant; several, in one string, are changed together.
        values: to try; tuples where there are several names.
        measure: looks the constant up anew at each call.
    """
    start = perf_counter()
    several = names.split()
    ours = tuple(getattr(module, name) for name in several)
    tried = {value if len(several) > 1 else (value,) for value in values} | {ours}
    lines = []
    for value in sorted(tried):
        try:
            for name, one in zip(several, value, strict=True):
                setattr(module, name, one)
            found = measure()
        finally:
            for name, one in zip(several, ours, strict=True):
                setattr(module, name, one)
        told = ", ".join(map(written, value))
        told = f"**{told}**" if value == ours else told
        lines.append(f"| {told} | {' | '.join(f'{number:.3g}' for number in found.values())} |")
    print(f"\n`{module.__name__.removeprefix('blurprint.')}`: {', '.join(several)}\n")
    print(f"| value | {' | '.join(found)} |\n|{' --- |' * (1 + len(found))}")
    print("\n".join(lines), flush=True)
    print(f"  {names}: {perf_counter() - start:.0f} s", file=sys.stderr, flush=True)


def written(value: object) -> str:
    """With at most four digits.

    >>> written(0.30000000000000004), written((1.5, 2))
    ('0.3', '(1.5, 2)')
    """
    if isinstance(value, tuple):
        return f"({', '.join(map(written, value))})"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def share(found: Iterable[object]) -> float:
    """How many are true, in percent; NaN of none."""
    truths = [bool(one) for one in found]
    return 100 * sum(truths) / len(truths) if truths else float("nan")


def count(where: npt.NDArray[np.bool_]) -> int:
    return int(np.count_nonzero(where))


def ratio(part: float, whole: float) -> float:
    return 100 * part / whole if whole else float("nan")


# The pictures


class Planted(NamedTuple):
    """A photograph with blur added: its true sigma, and where that is known, (H, W) each.

    It is known where the photograph's own blur was measured and is under half of what was added,
    so that an error of it counts for little.
    """

    rgb: RGB
    added: float
    truth: FloatMap
    known: Mask


class Material:
    """The pictures of a run, each kind made once."""

    def __init__(self, options: argparse.Namespace) -> None:
        """Read nothing yet: of the folders and the number of pictures in `options`."""
        self.count: int = options.pictures
        self._folders = options

    @cached_property
    def photographs(self) -> list[RGB]:
        """At most 512 px wide or high."""
        return [reduced(path) for path in some(self._folders.photographs, self.count)]

    @cached_property
    def portraits(self) -> list[RGB]:
        """As large; none without a folder of them."""
        return [reduced(path) for path in some(self._folders.portraits, self.count)]

    @cached_property
    def many_portraits(self) -> list[RGB]:
        """Four times as many, for what compares pairs: portraits are framed alike."""
        return [reduced(path) for path in some(self._folders.portraits, 4 * self.count)]

    @cached_property
    def clips(self) -> list[Path]:
        """Videos; none without a folder of them."""
        return some(self._folders.clips, self.count, VIDEO_SUFFIXES)

    @cached_property
    def few(self) -> list[RGB]:
        """Half of the photographs, for what takes long."""
        return self.photographs[::2]

    @cached_property
    def clean(self) -> list[RGB]:
        """Photographs at half their size: free of the marks of compression."""
        return [
            cv2.resize(rgb, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
            for rgb in self.photographs
        ]

    @cached_property
    def own(self) -> list[DefocusMap]:
        """Maps of `few` as they are."""
        return [net_map(rgb) for rgb in self.few]

    @cached_property
    def planted(self) -> list[Planted]:
        """`few` under blur of 1 to 13 px."""
        return [
            Planted(
                blurred(rgb, sigma),
                sigma,
                np.hypot(own.sigma, np.float32(sigma)),
                (own.confidence >= 0.5) & (own.sigma < sigma / 2),
            )
            for rgb, own in zip(self.few, self.own, strict=True)
            for sigma in (1.0, *WEAK, *STRONG)
        ]

    @cached_property
    def planted_maps(self) -> list[DefocusMap]:
        """What method "net" reads of `planted`."""
        return [net_map(one.rgb) for one in self.planted]

    @cached_property
    def screens(self) -> list[RGB]:
        """Pages of text and boxes, as they are and after JPEG 80."""
        pages = [page(np.random.default_rng(seed)) for seed in range(20)]
        return pages + [jpeg(one, 80) for one in pages]

    @cached_property
    def dense_screens(self) -> list[RGB]:
        """The same, full of lines."""
        pages = [page(np.random.default_rng(seed), 1.5) for seed in range(20)]
        return pages + [jpeg(one, 80) for one in pages]


def some(folder: Path | None, count: int, suffixes: Iterable[str] = PICTURE_SUFFIXES) -> list[Path]:
    """`count` files of a folder, evenly spread over their sorted paths."""
    if folder is None:
        return []
    paths = [path for path in sorted(folder.rglob("*")) if path.suffix.lower() in suffixes]
    return [paths[len(paths) * place // count] for place in range(min(count, len(paths)))]


def reduced(path: Path) -> RGB:
    rgb = read_photo(path).rgb
    factor = LONGEST / max(rgb.shape[:2])
    if factor < 1:
        rgb = cv2.resize(rgb, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(rgb)


def blurred(rgb: RGB, sigma: float) -> RGB:
    return rounded(to_srgb(blur(to_linear(rgb), sigma, DISK)))


def rounded(rgb: npt.NDArray[Any]) -> RGB:
    """As a file of 8 bits keeps it."""
    return (np.rint(np.clip(rgb, 0, 1) * 255) / 255).astype(np.float32)


def unit(image: Image.Image) -> RGB:
    return np.asarray(np.asarray(image) / 255, np.float32)


def jpeg(rgb: RGB, quality: int) -> RGB:
    values = np.rint(rgb[..., ::-1] * 255).astype(np.uint8)
    _, data = cv2.imencode(".jpg", values, [cv2.IMWRITE_JPEG_QUALITY, quality])
    decoded = cv2.imdecode(data, cv2.IMREAD_COLOR)
    assert decoded is not None
    return decoded[..., ::-1].astype(np.float32) / 255


def noisy(rgb: RGB, strength: float, seed: int = 0) -> RGB:
    rng = np.random.default_rng(seed)
    return rounded(rgb + strength * rng.normal(size=(*rgb.shape[:2], 1)))


def page(rng: np.random.Generator, spacing: float = 0.0) -> RGB:
    """A screen of 384 px: boxes and lines of text, as many letters apart as `spacing`, or drawn."""
    canvas = Image.new("RGB", (384, 384), (245, 245, 250))
    draw = ImageDraw.Draw(canvas)
    for _ in range(int(rng.integers(0, 4))):
        left, top = (int(v) for v in rng.integers(0, 250, 2))
        fill = tuple(int(v) for v in rng.integers(60, 240, 3))
        draw.rectangle((left, top, left + 120, top + 90), fill=fill)
    size = int(rng.integers(10, 26))
    for top in range(8, 370, int((spacing or rng.uniform(1.4, 8)) * size)):
        text = "".join(chr(97 + int(v)) for v in rng.integers(0, 26, 60))
        draw.text((12, top), text, (20, 20, 20), font=ImageFont.load_default(size))
    return unit(canvas)


def with_text(rgb: RGB) -> RGB:
    """Lines of white text over the photograph, an eighth of its height each."""
    canvas = Image.fromarray(np.rint(rgb * 255).astype(np.uint8))
    draw = ImageDraw.Draw(canvas)
    height = rgb.shape[0]
    for top in range(height // 8, height - height // 8, height // 6):
        font = ImageFont.load_default(max(12, height // 12))
        draw.text((8, top), "lines of text over a picture", (255, 255, 255), font=font)
    return unit(canvas)


# The sweeps, by the part of the code that they are of


def pyramid(material: Material) -> None:
    """`optics/net.py`: when a coarser level replaces a finer one."""
    network = net._network(net.NET)
    cases = [(one, remembered(one.rgb)) for one in material.planted if one.added > 1]
    sharp = [(rgb, remembered(rgb)) for rgb in material.few]
    shading = [noisy(blurred(rgb, SHADING), 1 / 255) for rgb in material.few]
    shaded = [(rgb, remembered(rgb)) for rgb in shading]

    def measure() -> dict[str, float]:
        tally = {kind: np.zeros(4) for kind in ("weak", "strong")}
        for one, read in cases:
            reading = net._read_pyramid(one.rgb, read)
            sure = one.known & (network.confidence(reading) >= 0.5)
            off = np.abs(reading.sigma - one.truth)
            wrong = sure & (off > tolerance(reading.sigma))
            tally["weak" if one.added in WEAK else "strong"] += (
                count(one.known),
                count(sure),
                count(wrong),
                count(sure & (reading.sigma < one.truth / 2)),
            )
        changed = level = claimed = 0
        for rgb, read in sharp:
            fine, reading = read(rgb), net._read_pyramid(rgb, read)
            sure = (network.confidence(fine) >= 0.5) & (fine.sigma < 2)
            off = np.abs(reading.sigma - fine.sigma)
            changed += count(sure & (off > tolerance(fine.sigma)))
            level += count(sure)
        for rgb, read in shaded:
            claimed += count(network.confidence(net._read_pyramid(rgb, read)) >= 0.5)
        found = {}
        for kind, (known, sure_of, wrong_of, half) in tally.items():
            found[f"{kind}: measured %"] = ratio(sure_of, known)
            found[f"{kind}: wrong of it %"] = ratio(wrong_of, sure_of)
            found[f"{kind}: under half %"] = ratio(half, sure_of)
        found["sharp: changed %"] = ratio(changed, level)
        found["shading: measured %"] = ratio(claimed, sum(rgb[..., 0].size for rgb in shading))
        return found

    sweep(net, "MAX_LEVELS", (1, 2, 3, 4, 6), measure)
    for names in ("COARSE", "FINE", "FLAT", "SURE", "BEYOND"):
        pair = f"{names}_FROM {names}_FULL"
        ours = np.array([getattr(net, name) for name in pair.split()])
        factors = (0.9, 0.97, 1.01, 1.6) if names == "BEYOND" else (0.6, 0.8, 1.25, 1.6)
        steps = [tuple(float(v) for v in ours * factor) for factor in factors]
        sweep(net, pair, steps, measure)
    sweep(net, "BEYOND_SHARE", ((0.0, 1.0), (0.2, 0.7), (0.5, 0.9)), measure)
    sweep(net, "BEYOND_SCALE", (0.3, 0.5, 2.0), measure)
    sweep(net, "LARGEST_SHARE", (0.015, 0.02, 0.04, 0.06), measure)


def remembered(rgb: RGB) -> Callable[[FloatMap], Reading]:
    """Reads the levels of a picture, each once, for as many merges as are wanted."""
    held: dict[tuple[int, ...], Reading] = {}
    network = net._network(net.NET)

    def read(level: FloatMap) -> Reading:
        if level.shape not in held:
            held[level.shape] = network.read(level, net.MOST_PIXELS)
        return Reading(*(None if p is None else p.copy() for p in held[level.shape]))  # type: ignore[arg-type]  # a mask where it has planes

    return read


def confidence(material: Material) -> None:
    """`evidence`: from which confidence a pixel counts, and how many pixels it takes."""

    def of_pixels() -> dict[str, float]:
        known = sure = wrong = 0
        for one, found in zip(material.planted, material.planted_maps, strict=True):
            counts = one.known & (found.confidence >= confident.CONFIDENT)
            known += count(one.known)
            sure += count(counts)
            off = np.abs(found.sigma - one.truth) > tolerance(found.sigma)
            wrong += count(counts & off)
        return {"measured %": ratio(sure, known), "wrong of it %": ratio(wrong, sure)}

    def of_median(places: Callable[[], float], parts: int) -> Callable[[], dict[str, float]]:
        def measure() -> dict[str, float]:
            said = wrong = regions_ = 0
            for one, found in zip(material.planted, material.planted_maps, strict=True):
                for cut in tiles(one.known.shape, parts):
                    if one.known[cut].mean() < 0.05:
                        continue
                    regions_ += 1
                    sure = one.known[cut] & (found.confidence[cut] >= 0.5)
                    if sure.mean() < max(places(), 1e-9):
                        continue
                    median = float(np.median(found.sigma[cut][sure]))
                    truth = float(np.median(one.truth[cut][one.known[cut]]))
                    said += 1
                    wrong += abs(median - truth) > float(tolerance(median))
            return {
                "medians reported %": ratio(said, regions_),
                "wrong of them %": ratio(wrong, said),
            }

        return measure

    sweep(confident, "CONFIDENT", (0.3, 0.4, 0.6, 0.7, 0.8), of_pixels)
    shares = (0.0, 0.0001, 0.005, 0.02, 0.1)
    sweep(confident, "MIN_SHARE", shares, of_median(lambda: confident.MIN_SHARE, 1))
    least = (0.0, 0.001, 0.005, 0.05, 0.1, 0.2)
    sweep(regions, "LEAST_SHARE", least, of_median(lambda: regions.LEAST_SHARE, 3))


def tiles(shape: tuple[int, ...], parts: int) -> list[tuple[slice, slice]]:
    rows, columns = (np.linspace(0, side, parts + 1).astype(int) for side in shape[:2])
    return [
        (slice(rows[r], rows[r + 1]), slice(columns[c], columns[c + 1]))
        for r in range(parts)
        for c in range(parts)
    ]


def finding_words(material: Material) -> None:
    """`evidence/finding.py`: when a part is said to be blurred most, and the reasons given."""
    # Sharp ones, so that one blur that is added makes one blur.
    sharp = [
        rgb for rgb in material.photographs if measured_percentiles(net_map(rgb), (95,))[0] < 1.5
    ]
    even = [net_map(blurred(rgb, 4.0)) for rgb in sharp]
    uneven: dict[float, list[DefocusMap]] = {}
    for factor in (1.25, 1.5, 2.0):
        uneven[factor] = []
        for rgb in sharp:
            third = rgb.shape[1] // 3
            mixed = blurred(rgb, 3.0)
            mixed[:, :third] = blurred(rgb, 3.0 * factor)[:, :third]
            uneven[factor].append(net_map(mixed))

    def says(defocus: DefocusMap) -> bool:
        known = [part for part in regions.parts_of(defocus) if part.median is not None]
        if len(known) < 2:
            return False
        soft, sharp = (by(known, key=lambda part: part.median or 0.0) for by in (max, min))
        error = error_of_difference(soft.error, sharp.error)
        return (soft.median or 0) - (sharp.median or 0) > finding.PICKED * (error or 0)

    def picked() -> dict[str, float]:
        found = {f"{len(even)} of one blur, 4 px: said to differ %": share(map(says, even))}
        for factor, maps in uneven.items():
            found[f"a third {factor:g} times as blurred: said %"] = share(says(one) for one in maps)
        return found

    def flat() -> dict[str, float]:
        sure = low = lost = low_lost = 0
        for rgb, own in zip(material.few, material.own, strict=True):
            contrast = finding._contrast(Photo.from_array(rgb)) < finding.FLAT_CONTRAST
            measured = own.confidence >= 0.5
            sure, low = sure + count(measured), low + count(measured & contrast)
            lost, low_lost = lost + count(~measured), low_lost + count(~measured & contrast)
        return {"of the measured %": ratio(low, sure), "of the unmeasured %": ratio(low_lost, lost)}

    def strong() -> dict[str, float]:
        named = {added: np.zeros(2) for added in (1.0, *WEAK, *STRONG)}
        for one, found in zip(material.planted, material.planted_maps, strict=True):
            lost = one.known & (found.confidence < 0.5) & (found.confidence >= GUESSED)
            named[one.added] += (lost & (found.sigma >= finding.STRONG_PX)).sum(), count(lost)
        return {f"blur of {added:g} px: named %": ratio(*part) for added, part in named.items()}

    sweep(finding, "PICKED", (0.0, 1.0, 1.5, 2.5, 3.0, 4.0), picked)
    sweep(finding, "FLAT_CONTRAST", (0.0025, 0.005, 0.02, 0.04), flat)
    sweep(finding, "STRONG_PX", (1.0, 1.5, 3.0, 4.0), strong)


def doubt_checks(material: Material) -> None:
    """`evidence/doubts.py` and `optics/residual.py`: what is said to be wrong with a picture."""
    maps = [net_map(rgb) for rgb in material.clean]

    def compressed() -> dict[str, float]:
        changed, fewer, of = 0, 0, 0
        for rgb, own in zip(material.clean, maps, strict=True):
            read = net_map(jpeg(rgb, doubts.LOW_QUALITY))
            sure = own.confidence >= 0.5
            both = sure & (read.confidence >= 0.5)
            changed += (both & (np.abs(read.sigma - own.sigma) > tolerance(own.sigma))).sum()
            fewer, of = fewer + (sure & ~both).sum(), of + sure.sum()
        return {"no longer measured %": ratio(fewer, of), "changed %": ratio(changed, of - fewer)}

    large = {
        factor: [
            net_map(
                rounded(cv2.resize(rgb, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC))
            )
            for rgb in material.clean[::2]
        ]
        for factor in (1.5, 2.0, 3.0)
    }

    def enlarged() -> dict[str, float]:
        def soft(found: DefocusMap) -> bool:
            if not confident.is_measured(found):
                return False
            return measured_percentiles(found, (5,))[0] >= doubts.ENLARGED_PX

        found = {
            "at half size %": share(map(soft, maps)),
            "as they are %": share(map(soft, material.own)),
        }
        return found | {f"enlarged {f:g} times %": share(map(soft, of)) for f, of in large.items()}

    def drawing() -> dict[str, float]:
        def found(rgb: RGB) -> bool:
            levels = np.rint(rgb[..., 1] * 255)
            here = levels[:-1, :-1]
            even = (here == levels[1:, :-1]) & (here == levels[:-1, 1:])
            return bool(even.mean() >= doubts.DRAWN)

        return {
            "photographs %": share(map(found, material.photographs)),
            "screens %": share(map(found, material.screens)),
        }

    shaken = {length: [net_map(moved(rgb, length)) for rgb in material.few] for length in (6, 12)}

    def motion() -> dict[str, float]:
        def found(one: DefocusMap) -> bool:
            return bool(doubts.streaks(one).mean() >= doubts.STREAKED)

        still = {"photographs %": share(map(found, material.own))}
        return still | {f"moved by {n} px %": share(map(found, of)) for n, of in shaken.items()}

    titled = [with_text(blurred(rgb, 3.0)) for rgb in material.few]
    titled_maps = [net_map(rgb) for rgb in titled]
    soft_maps = [
        (one.rgb, found)
        for one, found in zip(material.planted, material.planted_maps, strict=True)
        if one.added in (2.0, 4.0)
    ][::3]

    def finer() -> dict[str, float]:
        def found(rgb: RGB, defocus: DefocusMap) -> bool:
            sure = count(defocus.confidence >= 0.5)
            left = count(residual.residual(rgb, defocus).unexplained)
            return left >= doubts.LEFT_OVER * max(sure, 1)

        return {
            "photographs %": share(map(found, material.few, material.own)),
            "blurred 2 and 4 px %": share(found(*one) for one in soft_maps),
            "text over blur of 3 px %": share(map(found, titled, titled_maps)),
            "map 1.5 times too large %": share(
                found(rgb, enlarged_map(defocus, 1.5)) for rgb, defocus in soft_maps
            ),
            "map twice too large %": share(
                found(rgb, enlarged_map(defocus, 2.0)) for rgb, defocus in soft_maps
            ),
        }

    sweep(doubts, "LOW_QUALITY", (30, 50, 65, 75, 85, 90, 95), compressed)
    sweep(doubts, "ENLARGED_PX", (0.6, 0.7, 0.85, 1.2, 1.5), enlarged)
    sweep(doubts, "DRAWN", (0.3, 0.4, 0.5, 0.7, 0.8), drawing)
    sweep(doubts, "LINE", (0.3, 0.4, 0.6, 0.7), motion)
    sweep(doubts, "STREAKED", (0.1, 0.25, 0.35, 0.65, 0.8), motion)
    sweep(doubts, "LEFT_OVER", (0.01, 0.02, 0.03, 0.1), finer)
    sweep(residual, "CLAIMED", (0.4, 0.5, 0.75, 0.9), finer)
    sweep(residual, "NOTICEABLE", (2.0, 3.0, 6.0, 8.0), finer)
    sweep(residual, "QUIET", (0.05, 0.1, 0.35, 0.5), finer)
    sweep(residual, "LEAST", (0.5 / 255, 1 / 255, 4 / 255), finer)


def enlarged_map(defocus: DefocusMap, factor: float) -> DefocusMap:
    return DefocusMap(factor * defocus.sigma, defocus.confidence, defocus.method)


def moved(rgb: RGB, length: int) -> RGB:
    """Blurred along a line of `length` pixels, at 20 degrees."""
    side = 2 * length + 1
    line = np.zeros((side, side), np.float32)
    reach = length / 2 * np.array([np.cos(0.35), np.sin(0.35)])
    ends = [tuple(int(v) for v in np.rint(16 * (length + sign * reach))) for sign in (-1, 1)]
    cv2.line(line, ends[0], ends[1], 1.0, 1, cv2.LINE_AA, 4)
    return rounded(to_srgb(cv2.filter2D(to_linear(rgb), -1, line / line.sum())))


def hidden_noise(material: Material) -> None:
    """`hiding/noise.py`: noise and grain, as strong as hides the blur."""
    rng = np.random.default_rng(0)
    covered = []
    for rgb in material.few:
        for size, strength in ((0.0, 0.03), (0.0, 0.05), (0.8, 0.05), (1.6, 0.05), (2.4, 0.1)):
            grain = rng.normal(size=rgb.shape[:2]).astype(np.float32)
            if size:
                grain = cv2.GaussianBlur(grain, (0, 0), size)
            grain *= np.float32(strength / grain.std())
            covered.append(jpeg(rounded(blurred(rgb, 3.0) + grain[..., None]), 90))

    def measure() -> dict[str, float]:
        return {
            "photographs %": share(map(noise.noise_hides_blur, material.photographs)),
            "under noise: missed %": 100 - share(map(noise.noise_hides_blur, covered)),
        }

    for name in ("_WHITE", "_FINE", "_COARSE"):
        least, even = getattr(noise, name)
        sweep(noise, name, [(least * f, even) for f in (0.5, 0.7, 1.4, 2.0)], measure)
        sweep(noise, name, [(least, 1 + (even - 1) * f) for f in (0.6, 0.8, 1.25, 1.6)], measure)
    sweep(noise, "_FINE_EVEN", (1.3, 1.4, 1.6, 1.8), measure)


def hidden_repeats(material: Material) -> None:
    """`hiding/repeated.py`: pixels repeated by an enlargement."""
    cases = {
        factor: [
            cv2.resize(rgb, None, fx=factor, fy=factor, interpolation=cv2.INTER_NEAREST)
            for rgb in material.few
        ]
        for factor in (1.05, 1.1, 1.2, 1.5, 2.0)
    }

    def measure() -> dict[str, float]:
        found = {
            "photographs %": share(map(repeated.is_repeated, material.photographs)),
            "screens %": share(map(repeated.is_repeated, material.screens)),
        }
        for factor, of in cases.items():
            found[f"enlarged {factor:g} times %"] = share(map(repeated.is_repeated, of))
        return found

    sweep(repeated, "_MOST_SHARED", (0.02, 0.05, 0.15, 0.2, 0.5), measure)
    sweep(repeated, "_OTHERS_CHANGE", (0.05, 0.15, 0.5, 0.8), measure)


def hidden_palette(material: Material) -> None:
    """`hiding/palette.py`: so few colours that the steps between them hide the blur."""
    harmless: list[RGB] = []
    harmful: list[RGB] = []
    cases = zip(material.planted, material.planted_maps, strict=True)
    for one, own in [case for case in cases if case[0].added in (2.0, 4.0)][1::3]:
        image = Image.fromarray(np.rint(one.rgb * 255).astype(np.uint8))
        for colours in (8, 16, 32, 64, 128, 256):
            for dither in (Image.Dither.NONE, Image.Dither.FLOYDSTEINBERG):
                colour_table = image.quantize(colours)
                shown = unit(image.quantize(palette=colour_table, dither=dither).convert("RGB"))
                read = net_map(shown)
                sure = (own.confidence >= 0.5) & (read.confidence >= 0.5)
                off = np.abs(read.sigma - own.sigma)[sure] > tolerance(own.sigma)[sure]
                (harmful if off.size and off.mean() > 0.25 else harmless).append(shown)

    def measure() -> dict[str, float]:
        return {
            "photographs %": share(map(palette.has_few_colours, material.photographs)),
            f"{len(harmless)} palettes that change little: called %": share(
                map(palette.has_few_colours, harmless)
            ),
            f"{len(harmful)} that change a quarter or more: missed %": 100
            - share(map(palette.has_few_colours, harmful)),
        }

    sweep(palette, "_COARSE", (4.0, 8.0, 16.0, 24.0), measure)
    sweep(palette, "_BANDED", [(d, palette._BANDED[1]) for d in (0.75, 1.0, 2.5, 4.0)], measure)
    sweep(palette, "_BANDED", [(palette._BANDED[0], s) for s in (0.2, 0.28, 0.45, 0.6)], measure)
    sweep(palette, "_LEAST_CHANGE", (0.005, 0.01, 0.04, 0.08), measure)


def hidden_dots(material: Material) -> None:
    """`hiding/dots.py`: quantiles of the numbers that :func:`dots.is_dithered` bounds."""
    bayer = np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]]) / 16 + 1 / 32
    patterns, diffused = [], []
    for rgb in material.few:
        soft = blurred(rgb, 2.0)
        height, width = soft.shape[:2]
        tiled = np.tile(bayer, (height // 4 + 1, width // 4 + 1))[:height, :width, None]
        patterns.append(
            jpeg((soft.mean(axis=2, keepdims=True) > tiled).repeat(3, 2).astype(np.float32), 90)
        )
        gray = Image.fromarray(np.rint(soft.mean(axis=2) * 255).astype(np.uint8))
        ones = np.asarray(gray.convert("1")).astype(np.float32)[..., None].repeat(3, 2)
        diffused.append(jpeg(ones, 90))
    start = perf_counter()
    groups = {"photographs": material.photographs, "Bayer": patterns, "diffused": diffused}
    seen = {
        kind: [found for rgb in of if (found := dots.spectrum(rgb)) is not None]
        for kind, of in groups.items()
    }
    print("\n`hiding.dots`: what is_dithered compares with its bounds\n")
    print("| number | photographs, 50 % | 95 % | 99 % | Bayer, 5 % | 50 % | diffused, 5 % | 50 % |")
    print(f"|{' --- |' * 8}")
    for field in dots.Spectrum._fields:
        row = [
            float(np.percentile([getattr(one, field) for one in seen[kind]], percent))
            for kind, percents in (
                ("photographs", (50, 95, 99)),
                ("Bayer", (5, 50)),
                ("diffused", (5, 50)),
            )
            for percent in percents
        ]
        print(f"| {field} | {' | '.join(f'{value:.3g}' for value in row)} |")
    print(f"  dots: {perf_counter() - start:.0f} s", file=sys.stderr, flush=True)


def hidden_drawings(material: Material) -> None:
    """`hiding/drawn.py`: screens and drawings, whole or as a part of a picture."""
    inlaid = []
    for rgb, screen in zip(material.few, cycle(material.screens)):
        both = rgb.copy()
        height, width = (
            min(a, b) // 2 for a, b in zip(rgb.shape[:2], screen.shape[:2], strict=True)
        )
        both[:height, :width] = screen[8 : 8 + height, 8 : 8 + width]
        inlaid.append((both, height, width))

    def whole() -> dict[str, float]:
        return {
            "photographs %": share(map(drawn.is_drawn, material.photographs)),
            "portraits %": share(map(drawn.is_drawn, material.portraits)),
            "screens: missed %": 100 - share(map(drawn.is_drawn, material.screens)),
            "dense ones: missed %": 100 - share(map(drawn.is_drawn, material.dense_screens)),
            "photograph with a text: called whole %": share(
                drawn.is_drawn(one) for one, *_ in inlaid
            ),
        }

    def parts() -> dict[str, float]:
        inside = outside = within = without = 0
        for rgb, height, width in inlaid:
            marked = drawn.drawn_parts(rgb)
            marked = np.zeros(rgb.shape[:2], np.bool_) if marked is None else marked
            inside += int(marked[:height, :width].sum())
            outside += int(marked.sum() - marked[:height, :width].sum())
            within += height * width
            without += marked.size - height * width
        found = (drawn.drawn_parts(rgb) for rgb in material.photographs)
        return {
            "photographs with a part %": share(one is not None for one in found),
            "text marked %": ratio(inside, within),
            "photograph beside it marked %": ratio(outside, without),
        }

    for name, measure in (
        ("_WHOLE", whole),
        ("_DENSE", whole),
        ("_SHOWS", whole),
        ("_PART", parts),
    ):
        bounds = getattr(drawn, name)
        for field in bounds._fields:
            ours = getattr(bounds, field)
            if ours:
                print(f"\nBy `{field}`, ours {ours:g}:")
                steps = [bounds._replace(**{field: ours * f}) for f in (0.5, 0.75, 1.33, 2.0)]
                sweep(drawn, name, steps, measure)
    sweep(drawn, "_SHOWN", (0.01, 0.02, 0.1, 0.2), whole)
    sweep(drawn, "_CROWDED", (0.02, 0.04, 0.16, 0.3), whole)
    sweep(drawn, "_FEW_THINGS", (2, 3, 10, 20), whole)
    sweep(drawn, "_ONE_DIRECTION", (0.4, 0.6, 0.9), whole)
    sweep(drawn, "_STEADY", (0.01, 0.025, 0.1, 0.2), whole)


def bars_around(material: Material) -> None:
    """`photos/bars.py`: bars and frames."""
    cases = []
    for place, rgb in enumerate(material.photographs):
        height, width = rgb.shape[:2]
        for colour, quality in ((0.0, 95), (1.0, 75), (0.5, 85), (0.0, 50)):
            thick = (6, 14, 30, 60)[place % 4]
            sides = ((thick, thick, 0, 0), (0, 0, thick, thick), (thick,) * 4)[place % 3]
            framed = cv2.copyMakeBorder(
                rgb, *sides, cv2.BORDER_CONSTANT, value=(colour, colour, colour)
            )
            where = (sides[0], sides[2], sides[0] + height, sides[2] + width)
            cases.append((jpeg(framed, quality), where))

    def measure() -> dict[str, float]:
        lost = exact = 0
        for rgb, where in cases:
            off = np.subtract(bars.find_photograph(rgb), where)
            inwards = off * (1, 1, -1, -1)
            exact += int(np.abs(off).max() <= 1)
            lost += int(inwards.max() > 1)
        of_photographs = (
            bars.find_photograph(rgb).size != rgb.shape[1::-1] for rgb in material.photographs
        )
        return {
            "photographs cut %": share(of_photographs),
            "bars found to 1 px %": ratio(exact, len(cases)),
            "cut into the photograph %": ratio(lost, len(cases)),
        }

    for name in ("EVEN", "DRIFT", "STEP", "THIN_DRIFT", "RINGING", "UNEVEN", "PEER"):
        ours = getattr(bars, name)
        sweep(bars, name, [ours * f for f in (0.25, 0.5, 2.0, 4.0)], measure)
    for name in ("SPAN", "SHARPNESS", "MIXED"):
        ours = getattr(bars, name)
        sweep(bars, name, [ours * f for f in (0.5, 0.75, 1.25)], measure)
    reach = bars.THIN_PX - bars.RINGING_PX
    sweep(bars, "RINGING_PX THIN_PX", [(px, px + reach) for px in (5, 9, 25, 33)], measure)
    sweep(bars, "BLEED_PX", (1, 2, 5, 8), measure)


def rounded_corners(material: Material) -> None:
    """`photos/corners.py`: rounded corners."""
    cases = []
    for place, rgb in enumerate(material.photographs):
        for quality in (95, 75):
            radius = (8, 16, 32, 64)[place % 4]
            shown = rgb.copy()
            shown[corners.corners_beyond(rgb.shape[:2], radius)] = place % 2
            cases.append((jpeg(shown, quality), radius))

    def found(rgb: RGB) -> Mask | None:
        return corners.rounded_corners(rgb, bars.Rectangle(0, 0, *rgb.shape[:2]))

    def measure() -> dict[str, float]:
        right = 0
        for rgb, radius in cases:
            away = found(rgb)
            beyond = corners.corners_beyond(rgb.shape[:2], radius)
            right += int(away is not None and (away != beyond).sum() < 0.3 * beyond.sum() + 8)
        return {
            "photographs %": share(found(rgb) is not None for rgb in material.photographs),
            "portraits %": share(found(rgb) is not None for rgb in material.portraits),
            "corners found %": ratio(right, len(cases)),
        }

    sweep(corners, "EVEN", (2, 4, 16, 32), measure)
    sweep(corners, "RINGING", (6, 12, 36, 48), measure)
    sweep(corners, "LEAST_RADIUS", (3, 4, 8, 12), measure)
    sweep(corners, "ALIKE", (0.5, 0.65, 0.9, 0.95), measure)
    sweep(corners, "FITTING", (1, 2, 4), measure)


def faces(material: Material) -> None:
    """`faces/find.py`: boxes of faces."""
    eight = [np.rint(rgb * 255).astype(np.uint8) for rgb in material.portraits[::2]]
    others = [np.rint(rgb * 255).astype(np.uint8) for rgb in material.few[::2]]

    def detect() -> dict[str, float]:
        seen = [find.find_faces(rgb, search_side=find.SEARCH_SIDE) for rgb in eight]
        false = [find.find_faces(rgb, search_side=find.SEARCH_SIDE) for rgb in others]
        return {
            "portraits: no face %": share(not boxes for boxes in seen),
            "portraits: more than one %": share(len(boxes) > 1 for boxes in seen),
            "photographs: a face %": share(map(bool, false)),
        }

    sweep(find, "SEARCH_SIDE", (240, 360), detect)
    sweep(find, "MIN_FACE", (16, 48), detect)
    sweep(find, "_SAME_FACE", (0.0, 0.8), detect)


def followed(material: Material) -> None:
    """`faces/track.py`: one face followed through a clip."""
    clips = []
    for path in material.clips:
        frames = [frame.rgb for frame in read_frames(path, 32)]
        boxes = [find.find_faces(frame) for frame in frames]
        clips.append((boxes, [(frame.shape[1], frame.shape[0]) for frame in frames]))

    def follow() -> dict[str, float]:
        tracked = [track.largest_track(boxes) for boxes, _ in clips]
        with_face = [sum(map(bool, boxes)) for boxes, _ in clips]
        jumps, sides = [], []
        for boxes, sizes in clips:
            smooth = list(track.track_face(boxes, sizes).values())
            for one, two in pairwise(smooth):
                jumps.append(np.hypot(*np.subtract(one.centre, two.centre)) / two.width)
                sides.append(abs(np.log(two.width / one.width)))
        # A track of every second detection, beside errors of the search on a fifth of the frames
        stray = []
        rng = np.random.default_rng(0)
        for boxes, sizes in clips:
            width, height = sizes[0]
            for _ in range(10):
                mixed = []
                for of_frame in boxes:
                    more = list(of_frame[:1]) if rng.random() < 0.5 else []
                    if rng.random() < 0.2:
                        side = float(rng.uniform(0.2, 0.6) * min(width, height))
                        left, top = rng.uniform(0, 1, 2) * (width - side, height - side)
                        more.append(find.FaceBox(float(left), float(top), side, side))
                    mixed.append(more)
                real = {box for of_frame in boxes for box in of_frame[:1]}
                best = track.largest_track(mixed)
                stray.append(
                    ratio(sum(box not in real for box in best.values()), max(len(best), 1))
                )
        return {
            "frames followed of those with a face %": ratio(sum(map(len, tracked)), sum(with_face)),
            "largest jump, sides": max(jumps, default=0.0),
            "mean change of side %": 100 * float(np.mean(sides)) if sides else 0.0,
            "strays of the search in the track %": float(np.mean(stray)),
        }

    sweep(track, "MIN_SHARE", (0.05, 0.1, 0.3, 0.4, 0.6), follow)
    sweep(track, "_REACH", (0.25, 0.5, 2.0, 4.0), follow)
    sweep(track, "_GROWTH", (1.2, 1.5, 3.0, 5.0), follow)
    sweep(track, "_WINDOW", (1, 3, 5, 15), follow)


def copies(material: Material) -> None:
    """`lab/audit/hashes.py`: which pictures count as copies of one another."""
    grays = [
        cv2.cvtColor(np.rint(rgb * 255).astype(np.uint8), cv2.COLOR_RGB2GRAY)
        for rgb in (*material.photographs, *material.many_portraits)
    ]
    changed = []
    for gray in grays:
        small = cv2.resize(gray, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        for other in (
            small,
            np.rint(255 * jpeg(np.repeat(gray[..., None] / np.float32(255), 3, 2), 30)[..., 0]),
            np.clip(0.8 * gray.astype(np.float32) + 30, 0, 255),
            255 * np.power(gray / 255, 0.7),
        ):
            changed.append((gray, np.rint(other).astype(np.uint8)))

    def prints(pictures: Iterable[npt.NDArray[np.uint8]]) -> tuple[hashes.Hashes, Any]:
        seen = [(hashes.perceptual_hash(one), hashes.thumbnail(one)) for one in pictures]
        kept = [(code, thumb) for code, thumb in seen if code is not None]
        codes = np.array([code for code, _ in kept], np.uint64)
        return codes, np.array([thumb for _, thumb in kept])

    codes, thumbs = prints(grays)
    left = np.array([hashes.perceptual_hash(one) or 0 for one, _ in changed], np.uint64)
    right = np.array([hashes.perceptual_hash(two) or 0 for _, two in changed], np.uint64)
    apart = hashes.bits_apart(left, right)
    alike = hashes.likeness(
        np.array([hashes.thumbnail(one) for one, _ in changed]),
        np.array([hashes.thumbnail(two) for _, two in changed]),
    )
    every = np.stack(np.triu_indices(len(codes), 1))
    apart_all = hashes.bits_apart(codes[every[0]], codes[every[1]])
    alike_all = hashes.likeness(thumbs[every[0]], thumbs[every[1]])

    def measure() -> dict[str, float]:
        near = (apart_all <= hashes.MAX_DISTANCE) & (alike_all >= hashes.MIN_LIKENESS)
        found = (apart <= hashes.MAX_DISTANCE) & (alike >= hashes.MIN_LIKENESS)
        return {
            f"{len(changed)} copies: missed %": 100 - share(found),
            f"false pairs of {len(apart_all)}": float(near.sum()),
            "by the hash alone": float((apart_all <= hashes.MAX_DISTANCE).sum()),
            "by the thumbnail alone": float((alike_all >= hashes.MIN_LIKENESS).sum()),
        }

    sweep(hashes, "MAX_DISTANCE", (0, 2, 6, 8, 10, 12), measure)
    sweep(hashes, "MIN_LIKENESS", (0.8, 0.9, 0.97, 0.99), measure)
    faint = [np.rint(128 + (gray - gray.mean()) * 3 / max(gray.std(), 1)) for gray in grays]

    def contrast() -> dict[str, float]:
        found = {}
        for spread_ in (0.5, 1.0, 2.0, 4.0):
            weak = [np.rint(128 + (gray - 128.0) * spread_ / 3).astype(np.uint8) for gray in faint]
            rng = np.random.default_rng(0)
            pairs = []
            for gray in weak:
                again = np.clip(gray + rng.normal(0, 2, gray.shape), 0, 255).astype(np.uint8)
                one, two = hashes.perceptual_hash(gray), hashes.perceptual_hash(again)
                if one is not None and two is not None:
                    pairs.append(bin(one ^ two).count("1") <= hashes.MAX_DISTANCE)
            found[f"deviation {spread_:g}: hashed %"] = ratio(len(pairs), len(weak))
            found[f"of {spread_:g}: same under noise of 2, %"] = share(pairs)
        return found

    sweep(hashes, "_MIN_CONTRAST", (0.5, 1.0, 4.0), contrast)


def predictors(material: Material) -> None:
    """`lab/audit/shortcuts.py`: warnings of features that predict the label, simulated."""
    del material
    true = (0.5, 0.6, 0.65, 0.7, 0.8)
    measured: dict[tuple[int, float, float], list[Any]] = {}

    def areas(pictures: int, area: float, level: float) -> list[Any]:
        key = (pictures, area, level)
        if key not in measured:
            rng = np.random.default_rng(1)
            # Of two normal distributions of unit variance: AUC = Phi(d / sqrt 2).
            shift = {0.5: 0.0, 0.6: 0.358, 0.65: 0.545, 0.7: 0.742, 0.8: 1.19}[area]
            labels = np.repeat([0, 1], pictures)
            measured[key] = [
                shortcuts._measure(
                    rng.normal(size=2 * pictures) + shift * labels,
                    labels,
                    np.arange(2 * pictures),
                    seed,
                    learned=False,
                )
                for seed in range(200 if area == 0.5 else 50)
            ]
        return measured[key]

    def measure() -> dict[str, float]:
        shortcuts.DRAWS, draws = 300, shortcuts.DRAWS  # type: ignore[misc]  # a Final, set for the sweep alone
        try:
            return {
                f"{pictures} of each, AUC {area:g}: warned %": share(
                    one.value > shortcuts.LIMIT and one.low > 0.5
                    for one in areas(pictures, area, shortcuts.CONFIDENCE)
                )
                for pictures in (30, 200)
                for area in true
            }
        finally:
            shortcuts.DRAWS = draws  # type: ignore[misc]  # a Final, set for the sweep alone

    sweep(shortcuts, "LIMIT", (0.5, 0.55, 0.65, 0.7), measure)
    sweep(shortcuts, "CONFIDENCE", (0.9, 0.95, 0.999), measure)


def edges(material: Material) -> None:
    """`optics/edge.py` and `optics/spread.py`: the classical estimator."""
    cases = [one for one in material.planted if one.added in (1.0, *WEAK, 6.0)][::3]
    flat = [
        noisy(np.full((256, 256, 3), 0.5, np.float32), s, k) for k, s in enumerate((0.01, 0.03))
    ]

    def measure() -> dict[str, float]:
        known = sure = wrong = 0
        relative = []
        for one in cases:
            found = edge.edge_map(one.rgb)
            counts = one.known & (found.confidence >= 0.5)
            off = np.abs(found.sigma - one.truth)
            known, sure = known + count(one.known), sure + count(counts)
            wrong += count(counts & (off > tolerance(found.sigma)))
            if counts.any():
                relative.append(float(np.median((off / one.truth)[counts])))
        noise_ = [float((edge.edge_map(rgb).confidence >= 0.5).mean()) for rgb in flat]
        return {
            "measured %": ratio(sure, known),
            "wrong of it %": ratio(wrong, sure),
            "median error %": 100 * float(np.mean(relative)) if relative else float("nan"),
            "pure noise: measured %": 100 * float(np.mean(noise_)),
        }

    for name in (
        "NOISE_GATE",
        "MIN_STEP",
        "MODEL_ERROR",
        "MAX_ERROR",
        "MAX_SIGMA_SHARE",
        "REACH_PX",
    ):
        ours = getattr(edge, name)
        sweep(edge, name, [ours * f for f in (0.4, 0.65, 1.5, 2.5)], measure)
    sweep(edge, "MAX_LEVELS", (2, 3, 4, 6), measure)
    sweep(edge, "DISCOUNT_REACH", (2, 4, 16), measure)
    sweep(edge, "POOL_RADIUS", (0, 1, 3, 5), measure)
    sweep(edge, "MIN_WIDEST_PX", (4.0, 16.0), measure)
    sweep(spread, "PRIOR", (1.0, 2.0, 8.0, 16.0), measure)


def sharp_places(material: Material) -> None:
    """`lab/rendering/sharpness.py`: which places of a photograph may stand for sharp ones."""
    third = [
        cv2.cvtColor(
            cv2.resize(rgb, None, fx=1 / 3, fy=1 / 3, interpolation=cv2.INTER_AREA),
            cv2.COLOR_RGB2GRAY,
        )
        for rgb in material.photographs
    ]
    soft = {
        sigma: [cv2.GaussianBlur(gray, (0, 0), sigma) for gray in third]
        for sigma in (0.5, 0.7, 1.0, 2.0)
    }

    def measure() -> dict[str, float]:
        found = {
            "shrunk by 3: trusted %": 100
            * float(np.mean([sharpness.judge(g).trusted.mean() for g in third]))
        }
        for sigma, of in soft.items():
            trusted = [sharpness.judge(gray).trusted.mean() for gray in of]
            found[f"blurred {sigma:g} px: trusted %"] = 100 * float(np.mean(trusted))
        return found

    sweep(sharpness, "SHARP_RATIO", (0.4, 0.5, 0.75, 0.9), measure)
    sweep(sharpness, "FLAT_ENERGY", (1e-6, 1e-5, 1e-4, 3e-4), measure)
    sweep(sharpness, "COARSE_RATIO", (0.4, 0.6, 1.0, 1.2), measure)
    sweep(sharpness, "SOFT_SHARE", (0.01, 0.02, 0.08, 0.2), measure)


def outlines(material: Material) -> None:
    """`optics/estimate.py`: how far inside the outline of a cut-out shape a map is disturbed."""
    start = perf_counter()
    bands = ((0, 2), (2, 4), (4, 6), (6, 8), (8, 12), (12, 20))
    changed = {band: np.zeros(2) for band in bands}
    for rgb, own in zip(material.few, material.own, strict=True):
        height, width = rgb.shape[:2]
        disk = np.zeros((height, width), np.uint8)
        cv2.ellipse(disk, (width // 2, height // 2), (width // 3, height // 3), 0, 0, 360, 1, -1)
        mask = disk > 0
        cut_out = Photo.from_array(np.dstack([rgb, mask.astype(np.float32)]))
        read = _of_part(cut_out, net_map)
        inside = cv2.distanceTransform(disk, cv2.DIST_L2, 5)
        off = np.abs(read.sigma - own.sigma) > tolerance(own.sigma)
        for low, high in bands:
            ring = mask & (inside > low) & (inside <= high) & (own.confidence >= 0.5)
            changed[low, high] += (off & ring).sum(), ring.sum()
    print("\n`optics.estimate`: OUTLINE_PX, ours 4, and SOFT_PX, ours 2\n")
    print("| px inside the outline | changed beyond the tolerance % |\n| --- | --- |")
    for (low, high), part in changed.items():
        print(f"| {low} to {high} | {ratio(*part):.3g} |")
    print(f"  outlines: {perf_counter() - start:.0f} s", file=sys.stderr, flush=True)


def groups_needed(material: Material) -> None:
    """`lab/measures/few_groups.py`: how often an interval of 95 % holds the truth, simulated."""
    del material
    start = perf_counter()
    print("\n`lab.measures.few_groups`: FEWEST_GROUPS, ours", few_groups.FEWEST_GROUPS)
    print("\n| groups | normal: holds the truth % | exponential % |\n| --- | --- | --- |")
    rng = np.random.default_rng(0)
    for count in (2, 5, 10, 20, 40):
        row = []
        for draw, truth in ((rng.normal, 0.0), (rng.exponential, 1.0)):
            held = []
            for seed in range(400):
                values = draw(size=count)
                found = mean_interval(values, np.arange(count), draws=400, seed=seed, fewest=1)
                held.append(found.low <= truth <= found.high)
            row.append(share(held))
        print(f"| {count} | {row[0]:.3g} | {row[1]:.3g} |")
    print(f"  few groups: {perf_counter() - start:.0f} s", file=sys.stderr, flush=True)


SWEEPS: Mapping[str, Callable[[Material], None]] = {
    "pyramid": pyramid,
    "confidence": confidence,
    "finding": finding_words,
    "doubts": doubt_checks,
    "edge": edges,
    "outlines": outlines,
    "noise": hidden_noise,
    "repeats": hidden_repeats,
    "palette": hidden_palette,
    "dots": hidden_dots,
    "drawings": hidden_drawings,
    "bars": bars_around,
    "corners": rounded_corners,
    "faces": faces,
    "clips": followed,
    "copies": copies,
    "predictors": predictors,
    "groups": groups_needed,
    "sharpness": sharp_places,
}


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("photographs", type=Path, help="folder of ordinary photographs")
    parser.add_argument("--portraits", type=Path, help="folder of portraits, one face each")
    parser.add_argument("--clips", type=Path, help="folder of videos of one speaker")
    parser.add_argument("--pictures", type=int, default=60, help="photographs, and portraits")
    parser.add_argument("--only", nargs="+", choices=SWEEPS, default=list(SWEEPS))
    options = parser.parse_args()
    cv2.setNumThreads(1)
    material = Material(options)
    print(f"{len(material.photographs)} photographs, {len(material.portraits)} portraits")
    for name in options.only:
        print(f"{name} ...", file=sys.stderr, flush=True)
        print(f"\n## {name}", flush=True)
        SWEEPS[name](material)


if __name__ == "__main__":
    main()
