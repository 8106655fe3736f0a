"""How often earlier compressions and changed thumbnails are recognised, and how often in error.

    python benchmarks/provenance.py FOLDER [--pictures 200] [--seed 0]

FOLDER has photographs. Each is shrunk by a factor of 0.45, 0.55 or 0.7, which removes what
compressions it had, and saved once or twice; thumbnails are made of it as it is. Lines are counts
of those found.
"""

from __future__ import annotations

import argparse
import io
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance

from blurprint.files import PICTURE_SUFFIXES
from blurprint.provenance.read import read_provenance
from blurprint.provenance.thumbnail import LARGEST_PLACE, LEAST_CORRELATION, compare

FIRST = (60, 70, 75, 80, 85, 90, 92, 95)
SECOND = (75, 90, 95)
CROP = (3, 5)

Case = tuple[str, bool]


def saved(picture: Image.Image, container: str = "JPEG", **options: int) -> bytes:
    """The picture as a file."""
    file = io.BytesIO()
    picture.save(file, container, **options)
    return file.getvalue()


def opened(data: bytes) -> Image.Image:
    """The file as RGB."""
    return Image.open(io.BytesIO(data)).convert("RGB")


def is_found(data: bytes) -> bool:
    """Whether an earlier compression is found in a file."""
    return read_provenance(data)["recompression"].status == "found"


def compressions(picture: Image.Image, draw: random.Random) -> Iterator[Case]:
    """Once, twice, and cropped between."""
    once = saved(picture, quality=draw.randrange(50, 100), subsampling=draw.choice((0, 2)))
    yield "once, JPEG", is_found(once)
    yield "once, PNG", is_found(saved(picture, "PNG"))
    first = draw.choice(FIRST)
    again = opened(saved(picture, quality=first))
    cropped = again.crop((*CROP, *again.size))
    yield f"twice, {first} then PNG, cropped", is_found(saved(cropped, "PNG"))
    for second in SECOND:
        yield f"twice, {first} then {second}", is_found(saved(again, quality=second))
        yield f"twice, {first} then {second}, cropped", is_found(saved(cropped, quality=second))


def thumbnails(picture: Image.Image, other: Image.Image, draw: random.Random) -> Iterator[Case]:
    """Of the picture itself, and of the picture before it was changed."""
    width, height = picture.size
    ratio = 160 / max(width, height)
    small = picture.resize((round(width * ratio), round(height * ratio)))
    small = opened(saved(small, quality=draw.randrange(40, 91)))
    tone = ImageEnhance.Brightness(picture).enhance(draw.uniform(0.8, 1.2))
    changed = {"thumbnail, not changed": picture, "thumbnail, tone": tone}
    changed["thumbnail, another picture"] = other
    for kept in (0.95, 0.9):
        size = int(width * kept), int(height * kept)
        left, top = draw.randrange(width - size[0]), draw.randrange(height - size[1])
        changed[f"thumbnail, cropped to {kept}"] = picture.crop(
            (left, top, left + size[0], top + size[1])
        )
    for share in (0.1, 0.2, 0.3):
        side = int(min(width, height) * share)
        mask = Image.new("L", (side, side))
        ImageDraw.Draw(mask).ellipse((0, 0, side, side), fill=255)
        pasted = picture.copy()
        place = draw.randrange(width - side), draw.randrange(height - side)
        pasted.paste(other.resize((side, side)), place, mask)
        changed[f"thumbnail, pasted {share}"] = pasted
    for name, now in changed.items():
        found = compare(np.asarray(now.convert("L")), np.asarray(small.convert("L")))
        differs = found.correlation < LEAST_CORRELATION or found.place > LARGEST_PLACE
        yield name, differs


def main() -> None:
    """Print the counts, and the time that a file of two megapixels takes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pictures", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    paths = [p for p in options.folder.rglob("*") if p.suffix.lower() in PICTURE_SUFFIXES]
    draw = random.Random(options.seed)
    paths = draw.sample(sorted(paths), min(options.pictures, len(paths)))
    found, total = Counter[str](), Counter[str]()
    for index in range(len(paths)):
        whole, other = (Image.open(paths[at]).convert("RGB") for at in (index, index - 1))
        factor = draw.choice((0.45, 0.55, 0.7))
        size = int(whole.width * factor), int(whole.height * factor)
        fresh = whole.resize(size, Image.Resampling.LANCZOS)
        for name, hit in (*compressions(fresh, draw), *thumbnails(whole, other, draw)):
            total[name] += 1
            found[name] += hit
    for name in sorted(total):
        print(f"{name:40} {found[name]:4} of {total[name]}")
    data = saved(opened(paths[0].read_bytes()).resize((1632, 1224)), quality=88)
    times = []
    for _ in range(9):
        begun = perf_counter()
        read_provenance(data)
        times.append(perf_counter() - begun)
    print(f"two megapixels: {1e3 * min(times):.0f} ms, the fastest of {len(times)}")


if __name__ == "__main__":
    main()
