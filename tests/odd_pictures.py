"""Odd picture files, as programs and cameras make them: what they hold, and how it must be read."""

from __future__ import annotations

import io
import re
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageCms

from blurprint.photos.tiff import read_tags

RGB8 = npt.NDArray[np.uint8]
WIDTH, HEIGHT = 40, 24

TURN_BACK = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
"""How a picture is stored that an orientation of EXIF turns upright."""

EXACT: dict[str, dict[str, object]] = {
    "JPEG": {"quality": 98, "subsampling": 0},
    "PNG": {},
    "WEBP": {"lossless": True, "exact": True},
    "TIFF": {},
    "AVIF": {"quality": 100, "subsampling": "4:4:4"},
}
"""Containers that hold EXIF, and how pixels survive in them."""


@dataclass(frozen=True)
class Odd:
    """A file, and what must become of it.

    Attributes:
        name: of the case.
        data: of the file.
        rgb: what must be read, uint8 or float (H, W, 3) or (H, W, 1); None if it is refused.
        said: pattern that one of the notes, or the message, must match; None if nothing is said.
        atol: how far pixels may be off, in [0, 1].
    """

    name: str
    data: bytes
    rgb: npt.NDArray[np.generic] | None
    said: str | None = None
    atol: float = 0.05


def gradient() -> RGB8:
    """uint8 (24, 40, 3), no two corners alike."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    return np.stack([x * 6, y * 10, 255 - x * 3 - y * 5], axis=-1).astype(np.uint8)


def encoded(image: Image.Image, container: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, container, **options)
    return buffer.getvalue()


def plain(container: str, **options: object) -> bytes:
    return encoded(Image.fromarray(gradient()), container, **EXACT.get(container, {}), **options)


def chunk(kind: bytes, body: bytes, *, broken: bool = False) -> bytes:
    checksum = zlib.crc32(kind + body) ^ (0xFF if broken else 0)
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", checksum)


def png(
    levels: npt.NDArray[np.generic],
    colour: int,
    *before: bytes,
    after: bytes = b"",
    depth: int = 16,
) -> bytes:
    """A PNG file by hand, with chunks before and after the pixels."""
    height, width = levels.shape[:2]
    stored = levels.astype(">u2" if depth == 16 else np.uint8)
    rows = b"".join(b"\0" + row.tobytes() for row in stored)
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    parts = [chunk(b"IHDR", header), *before, chunk(b"IDAT", zlib.compress(rows)), after]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts) + chunk(b"IEND", b"")


def tiff(
    pixels: npt.NDArray[np.generic],
    *,
    order: str = "<",
    deflate: bool = False,
    **tags: tuple[int, int, tuple[int, ...]],
) -> bytes:
    """A TIFF file by hand. Tags beside the basic ones, or in their place: number, type, values."""
    height, width = pixels.shape[:2]
    samples = pixels.shape[2] if pixels.ndim == 3 else 1
    kind = {"u": 1, "i": 2, "f": 3}[pixels.dtype.kind]
    bits = 8 * pixels.dtype.itemsize
    body = pixels.astype(pixels.dtype.newbyteorder(order)).tobytes()
    body = zlib.compress(body) if deflate else body
    entries: dict[int, tuple[int, tuple[int, ...]]] = {
        256: (4, (width,)),
        257: (4, (height,)),
        258: (3, (bits,) * samples),
        259: (3, (8 if deflate else 1,)),
        262: (3, (2 if samples >= 3 else 1,)),
        273: (4, (8,)),
        277: (3, (samples,)),
        278: (4, (height,)),
        279: (4, (len(body),)),
        339: (3, (kind,) * samples),
    }
    entries.update({number: (form, values) for number, form, values in tags.values()})
    start = 8 + len(body) + len(body) % 2
    far = start + 2 + 12 * len(entries) + 4
    table, values_far = b"", b""
    for number, (form, values) in sorted(entries.items()):
        letter = {1: "B", 3: "H", 4: "I"}[form]
        packed = struct.pack(f"{order}{len(values)}{letter}", *values)
        if len(packed) > 4:
            packed, values_far = (
                struct.pack(f"{order}I", far + len(values_far)),
                values_far + packed,
            )
        table += struct.pack(f"{order}HHI", number, form, len(values)) + packed.ljust(4, b"\0")
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}I", start)
    count = struct.pack(f"{order}H", len(entries))
    return head + body.ljust(start - 8, b"\0") + count + table + bytes(4) + values_far


def exif_block(*entries: bytes, order: str = "<", tail: bytes = b"") -> bytes:
    """EXIF data by hand: entries of 12 bytes in one directory."""
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}I", 8)
    return head + struct.pack(f"{order}H", len(entries)) + b"".join(entries) + bytes(4) + tail


def orientation_entry(kind: int, count: int, value: bytes) -> bytes:
    return struct.pack("<HHI", 0x0112, kind, count) + value.ljust(4, b"\0")


BROKEN_EXIF: dict[str, bytes] = {
    "of a raw developer": bytes.fromhex("0000110000010400"),
    "garbage": bytes(range(200, 250)) * 3,
    "one byte": b"I",
    "header alone": b"II*\0\x08\0\0\0",
    "directory beyond the end": b"II*\0" + struct.pack("<I", 0x7FFFFFFF),
    "directory cut off": exif_block(orientation_entry(3, 1, b"\x01\0"))[:14],
    "more entries than there are": b"II*\0\x08\0\0\0\xff\xff" + orientation_entry(3, 1, b"\x01"),
    "value beyond the end": exif_block(struct.pack("<HHII", 0x0110, 2, 400, 9_000_000)),
    "value without an end": exif_block(struct.pack("<HHII", 0x0110, 2, 0xFFFFFFFF, 8)),
    "unknown type": exif_block(struct.pack("<HHII", 0x0112, 99, 1, 1)),
    "exif directory beyond the end": exif_block(struct.pack("<HHII", 0x8769, 4, 1, 5_000_000)),
    "exif directory in a circle": exif_block(struct.pack("<HHII", 0x8769, 4, 1, 8)),
    "exif pointer of words": exif_block(struct.pack("<HHI4s", 0x8769, 2, 4, b"abc\0")),
}
WRONG_ORIENTATION: dict[str, bytes] = {
    "0": exif_block(orientation_entry(3, 1, b"\0\0")),
    "9": exif_block(orientation_entry(3, 1, b"\x09\0")),
    "65535": exif_block(orientation_entry(3, 1, b"\xff\xff")),
    '"6"': exif_block(orientation_entry(2, 2, b"6\0")),
    "(6, 8)": exif_block(orientation_entry(3, 2, b"\x06\0\x08\0")),
    "-6": exif_block(orientation_entry(8, 1, struct.pack("<h", -6))),
}


def with_exif(container: str, block: bytes) -> bytes:
    """A picture with these EXIF data, whatever they are."""
    data = plain(container)
    if container == "JPEG":
        body = b"Exif\0\0" + block
        return data[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + data[2:]
    if container == "PNG":
        return data[:33] + chunk(b"eXIf", block) + data[33:]
    if container == "WEBP":
        data = plain(container, exif=exif_block(orientation_entry(3, 1, b"\x01\0")))
        at = data.index(b"EXIF")
        body = b"EXIF" + struct.pack("<I", len(block)) + block + b"\0" * (len(block) % 2)
        data = data[:at] + body
        return data[:4] + struct.pack("<I", len(data) - 8) + data[8:]
    assert container == "AVIF"
    room = exif_block(orientation_entry(3, 1, b"\x01\0"), tail=bytes(range(1, 251)))
    exif = Image.Exif()
    exif[0x010E] = "x" * 250
    data = plain(container, exif=exif)
    at = data.index(b"II*\0") if b"II*\0" in data else data.index(b"MM\0*")
    assert len(block) < len(room)
    # The rest of the item stays behind the block.
    return data[:at] + block + data[at + len(block) :]


def broken_exif() -> Iterator[Odd]:
    for container in ("JPEG", "PNG", "WEBP", "AVIF"):
        for name, block in BROKEN_EXIF.items():
            if container == "AVIF" and name in ("one byte", "header alone", "directory cut off"):
                continue  # what follows there completes them
            yield Odd(
                f"{container} EXIF {name}", with_exif(container, block), gradient(), "damaged"
            )
    for container in ("JPEG", "PNG", "WEBP"):
        for value, block in WRONG_ORIENTATION.items():
            said = f"states \\({re.escape(value)}\\) is none of 1 to 8"
            yield Odd(
                f"{container} orientation {value}", with_exif(container, block), gradient(), said
            )
    for form, values in ((3, (0,)), (3, (9,)), (3, (6, 8)), (1, (77,))):
        data = tiff(gradient(), orientation=(274, form, values))
        yield Odd(f"TIFF orientation {values}", data, gradient(), "none of 1 to 8")
    for turn, turns in ((3, 2), (6, -1), (8, 1)):
        for order in "<>":
            data = tiff(gradient(), order=order, orientation=(274, 3, (turn,)))
            yield Odd(f"TIFF turned {turn} {order}", data, np.rot90(gradient(), turns))
        data = plain("TIFF", big_tiff=True, exif=_exif(turn))
        yield Odd(f"BigTIFF turned {turn}", data, np.rot90(gradient(), turns))
    for number in (34665, 34853, 40965):
        for value in (0, 5, 77_000_000, 0xFFFFFFFF):
            data = tiff(gradient(), orientation=(274, 3, (3,)), pointer=(number, 4, (value,)))
            said = "damaged" if number == 34665 else None
            yield Odd(f"TIFF {number} to {value}", data, gradient()[::-1, ::-1], said)
    compressed = encoded(Image.fromarray(gradient()), "TIFF", compression="tiff_lzw", exif=_exif(6))
    at = read_tags(compressed).entries[284]  # the last, which says what is so without it
    pointer = struct.pack("<HHII", 34665, 4, 1, 99_000_000)
    data = compressed[:at] + pointer + compressed[at + 12 :]
    yield Odd("TIFF LZW turned, EXIF beyond", data, np.rot90(gradient(), -1), "damaged")
    body = plain("TIFF")
    at = len(body) - 4
    start = struct.unpack("<I", body[4:8])[0]
    count = struct.unpack_from("<H", body, start)[0]
    at = start + 2 + 12 * count
    circle = body[:at] + struct.pack("<I", start) + body[at + 4 :]
    yield Odd("TIFF directories in a circle", circle, gradient(), None)
    bad_sum = plain("PNG")[:33] + chunk(b"eXIf", b"II*\0", broken=True) + plain("PNG")[33:]
    yield Odd("PNG eXIf with a wrong checksum", bad_sum, gradient(), "damaged")
    raw = chunk(b"tEXt", b"Raw profile type exif\0\nexif\n  12\nthis is no hex\n")
    yield Odd("PNG raw profile", plain("PNG")[:33] + raw + plain("PNG")[33:], gradient(), "damaged")


def _exif(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


def xmp(orientation: str) -> bytes:
    return f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><a tiff:Orientation="{orientation}"/>'.encode()


def odd_xmp() -> Iterator[Odd]:
    turned = Image.fromarray(gradient()).transpose(TURN_BACK[6])
    for container, options in EXACT.items():
        if container == "PNG":
            text = chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp("6"))
            data = encoded(turned)
            data = data[:33] + text + data[33:]
        elif container == "TIFF":
            data = encoded(turned, container, tiffinfo={700: xmp("6")})
        elif container == "AVIF":
            continue  # its own boxes turn it
        else:
            data = encoded(turned, container, xmp=xmp("6"), **options)
        yield Odd(f"{container} turned by XMP", data, gradient(), None)
        if container in ("JPEG", "WEBP"):
            data = plain(container, xmp=xmp("77"))
            yield Odd(f"{container} XMP orientation 77", data, gradient(), "none of 1 to 8")
            yield Odd(f"{container} XMP of garbage", plain(container, xmp=b"\xff\0<"), gradient())


def profiles() -> Iterator[Odd]:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for container in EXACT:
        yield Odd(f"{container} sRGB profile", plain(container, icc_profile=srgb), gradient())
        for name, profile in {
            "garbage": b"\x01garbage" * 40,
            "cut off": srgb[:200],
            "one byte": b"x",
        }.items():
            data = plain(container, icc_profile=profile)
            yield Odd(f"{container} profile {name}", data, gradient(), "profile .*not used")
    wide = wide_profile()
    swapped = gradient()[..., [1, 0, 2]]
    for container in EXACT:
        data = plain(container, icc_profile=wide)
        yield Odd(f"{container} wide profile", data, swapped, r"converted to sRGB .*\(", 0.08)
    gray = Image.fromarray(gradient()[..., 0])
    data = encoded(gray, "PNG", icc_profile=srgb)
    yield Odd("gray with a profile of colours", data, np.asarray(gray)[..., None], "not used")
    cmyk = Image.fromarray(gradient()).convert("CMYK")
    data = encoded(cmyk, "TIFF", icc_profile=srgb)
    yield Odd(
        "CMYK with a profile of RGB", data, np.asarray(cmyk.convert("RGB")), "without a colour"
    )


def wide_profile() -> bytes:
    """sRGB's profile with the primaries red and green exchanged: what it does is easily seen."""
    data = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return data.replace(b"rXYZ", b"tmp?").replace(b"gXYZ", b"rXYZ").replace(b"tmp?", b"gXYZ")


def depths() -> Iterator[Odd]:
    unit = gradient() / 255
    gray = unit[..., 0] / unit[..., 0].max()
    for bits in (10, 12, 14):
        white = 2**bits - 1
        said = f"picture of {bits} bits, whose white is {white}"
        values = np.rint(gray * white).astype(np.uint16)
        colours = np.rint(unit * white).astype(np.uint16)
        yield Odd(f"PNG gray {bits} in 16", png(values, 0), gray[..., None], said, 0.001)
        yield Odd(f"PNG colours {bits} in 16", png(colours, 2), unit, said, 0.001)
        for order in "<>":
            data = tiff(values, order=order)
            yield Odd(f"TIFF gray {bits} in 16 {order}", data, gray[..., None], said, 0.001)
            data = tiff(colours, order=order)
            yield Odd(f"TIFF colours {bits} in 16 {order}", data, unit, said, 0.001)
        data = tiff(values, white=(281, 3, (white,)))
        yield Odd(f"TIFF states {white}", data, gray[..., None], f"White is {white}", 0.001)
        moved = Image.fromarray(values << (16 - bits))
        data = encoded(moved, "JPEG2000", num_resolutions=2)
        yield Odd(f"JPEG 2000 gray, {bits} bits moved up", data, gray[..., None], "gray", 0.01)
    dark = np.rint(gray * 9000).astype(np.uint16)
    yield Odd("PNG gray dark", png(dark, 0), dark[..., None] / 65535, "very dark", 1e-5)
    black = np.zeros_like(dark)
    yield Odd("PNG gray black", png(black, 0), black[..., None], "gray", 1e-5)
    packed = pack_12(np.rint(gray * 4095).astype(np.uint16))
    yield Odd("TIFF gray of 12 bits", packed, gray[..., None], "gray", 0.001)
    inverted = tiff(65535 - np.rint(gray * 65535).astype(np.uint16), kind=(262, 3, (0,)))
    yield Odd("TIFF gray of 16, white is 0", inverted, gray[..., None], "gray", 0.001)
    signed = np.rint(gray * 32767).astype(np.int16)
    yield Odd("TIFF gray signed", tiff(signed), gray[..., None], "gray", 0.001)
    yield Odd("TIFF gray below 0", tiff((signed - 9000).astype(np.int16)), None, "below 0")
    wide = np.rint(gray * (2**31 - 1)).astype(np.int32)
    yield Odd("TIFF gray of 32", tiff(wide), gray[..., None], "gray", 0.001)
    sixteen = np.rint(gray * 65535).astype(np.int32)
    yield Odd("TIFF gray 16 in 32", tiff(sixteen), gray[..., None], "picture of 16 bits", 0.001)
    twelve = np.rint(gray * 4095).astype(np.int32)
    yield Odd("TIFF gray 12 in 32", tiff(twelve), gray[..., None], "picture of 12 bits", 0.001)
    unclear = np.rint(gray * 2**22).astype(np.int32)
    yield Odd("TIFF gray 22 in 32", tiff(unclear), None, "what is white is unknown")
    floating = gray.astype(np.float32)
    yield Odd("TIFF floating", tiff(floating), gray[..., None], "gray", 1e-5)
    yield Odd("TIFF floating in 255", tiff(floating * np.float32(255)), None, r"\[0, 1\]")
    nan = np.where(gray > 0.5, np.nan, gray).astype(np.float32)
    yield Odd("TIFF floating NaN", tiff(nan), None, r"\[0, 1\]")
    yield Odd("TIFF floating colours", tiff(unit.astype(np.float32)), None, "not a picture|format")


def deep_colours() -> Iterator[Odd]:
    unit = gradient() / 255
    full = np.rint(unit * 65535).astype(np.uint16)
    yield Odd("PNG colours of 16", png(full, 2), unit, None, 1e-5)
    yield Odd("TIFF colours of 16", tiff(full), unit, None, 1e-5)
    yield Odd("TIFF colours of 16 >", tiff(full, order=">"), unit, None, 1e-5)
    for order in "<>":
        plane = 2 * WIDTH * HEIGHT
        planes = {
            "planar": (284, 3, (2,)),
            "offsets": (273, 4, (8, 8 + plane, 8 + 2 * plane)),
            "counts": (279, 4, (plane,) * 3),
        }
        of_planes = full.transpose(2, 0, 1).reshape(HEIGHT, WIDTH, 3)
        data = tiff(of_planes, order=order, **planes)
        yield Odd(f"TIFF colours of 16 in planes {order}", data, unit, None, 1e-5)
        packed = [zlib.compress(full[..., i].astype(f"{order}u2").tobytes()) for i in range(3)]
        starts = np.cumsum([8, *map(len, packed)])[:3]
        data = tiff(
            np.frombuffer(b"".join(packed), np.uint8)[None],
            order=order,
            width=(256, 4, (WIDTH,)),
            height=(257, 4, (HEIGHT,)),
            bits=(258, 3, (16,) * 3),
            compression=(259, 3, (8,)),
            colours=(262, 3, (2,)),
            planar=(284, 3, (2,)),
            offsets=(273, 4, tuple(map(int, starts))),
            samples=(277, 3, (3,)),
            rows=(278, 4, (HEIGHT,)),
            counts=(279, 4, tuple(map(len, packed))),
            kind=(339, 3, (1,) * 3),
        )
        yield Odd(f"TIFF in planes, deflated {order}", data, unit, "upper 8 of them", 0.005)
        data = tiff(full, order=order, deflate=True)
        yield Odd(f"TIFF colours of 16 deflated {order}", data, unit, None, 1e-5)
    alpha = np.full((HEIGHT, WIDTH, 1), 65535)
    clear = alpha * (np.arange(WIDTH) < 20)[None, :, None]
    on_white = np.where(clear > 0, unit, 1)
    for name, data in {
        "PNG": png(np.dstack([full, clear]), 6),
        "TIFF": tiff(np.dstack([full, clear]).astype(np.uint16), extra=(338, 3, (2,))),
    }.items():
        yield Odd(f"{name} of 16 with alpha", data, on_white, "laid on white", 1e-5)
    data = png(np.dstack([full[..., :1], clear]), 4)
    laid = np.where(clear > 0, unit[..., :1], 1)
    yield Odd("PNG gray of 16 with alpha", data, laid, "upper 8 of them", 0.005)
    dark = png(np.dstack([np.rint(unit[..., :1] * 4095), alpha]), 4)
    expected = np.rint(unit[..., :1] * 4095) / 65535
    yield Odd("PNG gray of 12 in 16 with alpha", dark, expected, "very dark", 0.005)


def pack_12(values: npt.NDArray[np.uint16]) -> bytes:
    """A TIFF file of 12 bits a value, two of them in three bytes."""
    pairs = values.reshape(-1, 2).astype(np.uint32)
    both = (pairs[:, 0] << 12) | pairs[:, 1]
    body = np.stack([both >> 16, both >> 8 & 255, both & 255], axis=-1).astype(np.uint8)
    return tiff(
        body.reshape(HEIGHT, -1),
        width=(256, 4, (WIDTH,)),
        bits=(258, 3, (12,)),
    )


def kinds() -> Iterator[Odd]:
    rgb = Image.fromarray(gradient())
    for order in "<>":
        yield Odd(f"TIFF 8 bits {order}", tiff(gradient(), order=order), gradient())
    lab = ImageCms.profileToProfile(
        rgb, ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), outputMode="LAB"
    )
    yield Odd("TIFF CIELAB", encoded(lab, "TIFF"), gradient(), "CIELAB", 0.12)
    yield Odd("TIFF YCbCr", encoded(rgb.convert("YCbCr"), "TIFF"), gradient())
    cmyk = rgb.convert("CMYK")
    for container in ("TIFF", "JPEG"):
        data = encoded(cmyk, container, **EXACT[container])
        yield Odd(f"{container} CMYK", data, np.asarray(cmyk.convert("RGB")), "CMYK", 0.08)
    bit = Image.fromarray(gradient()[..., 0] > 100)
    for container in ("PNG", "TIFF", "BMP", "GIF", "PPM", "WEBP"):
        options = EXACT.get(container, {})
        one = bit.convert("RGB") if container == "WEBP" else bit
        data = encoded(one, container, **options)
        said = None if container == "WEBP" else "gray"
        yield Odd(f"{container} 1 bit", data, np.asarray(bit)[..., None] * 1.0, said)
    few = rgb.quantize(64)
    for container in ("PNG", "TIFF", "BMP", "GIF"):
        expected = np.asarray(few.convert("RGB"))
        yield Odd(f"{container} palette", encoded(few, container), expected)
    see_through = Image.new("P", (WIDTH, HEIGHT), 1)
    see_through.putpalette([0, 0, 0, 200, 0, 0])
    see_through.paste(0, (0, 0, 20, HEIGHT))
    white = np.where(np.arange(WIDTH)[None, :, None] < 20, 255, [200, 0, 0])
    white = np.broadcast_to(white, (HEIGHT, WIDTH, 3)).astype(np.uint8)
    for container in ("PNG", "GIF"):
        data = encoded(see_through, container, transparency=0)
        yield Odd(f"{container} palette, one clear", data, white, "laid on white")
    data = encoded(see_through, "PNG", transparency=bytes([0, 255]))
    yield Odd("PNG palette with alpha", data, white, "laid on white")
    data = encoded(rgb, "PNG", transparency=(0, 0, 255))
    expected = gradient().copy()
    expected[0, 0] = 255  # its colour is the clear one
    yield Odd("PNG one clear colour", data, expected, "laid on white")
    values = np.rint(gradient()[..., 0] / 234 * 65535).astype(np.uint16)
    data = png(values, 0, chunk(b"tRNS", struct.pack(">H", 65535)))
    expected = values[..., None] / 65535
    yield Odd("PNG gray of 16, white clear", data, expected, "laid on white", 1e-4)
    linear = np.rint((gradient() / 255) ** 2.2 * 255)
    for gamma, said in ((100_000, "gamma that the file states"), (45_455, None)):
        pixels = linear if said else gradient()
        data = png(pixels, 2, chunk(b"gAMA", struct.pack(">I", gamma)), depth=8)
        yield Odd(f"PNG gamma {gamma}", data, gradient(), said, 0.08)
    both = (chunk(b"sRGB", b"\0"), chunk(b"gAMA", struct.pack(">I", 100_000)))
    yield Odd("PNG sRGB over gamma", png(gradient(), 2, *both, depth=8), gradient())
    for transfer, said in ((16, "PQ"), (18, "HLG"), (13, None)):
        stated = chunk(b"cICP", bytes([9, transfer, 0, 1]))
        linear = chunk(b"gAMA", struct.pack(">I", 100_000))
        data = png(gradient(), 2, linear, stated, depth=8)
        yield Odd(f"PNG cICP {transfer}", data, gradient(), said)
    zero = chunk(b"gAMA", struct.pack(">I", 0))
    yield Odd("PNG gamma 0", png(gradient(), 2, zero, depth=8), gradient())


def several() -> Iterator[Odd]:
    first = Image.fromarray(gradient())
    others = [Image.new("RGB", first.size, c) for c in ("red", "blue")]
    for container in ("GIF", "PNG", "WEBP", "TIFF", "AVIF", "MPO"):
        options = EXACT.get(container, {"quality": 98, "subsampling": 0})
        data = encoded(first, container, save_all=True, append_images=others, **options)
        atol = 0.2 if container == "GIF" else 0.05
        yield Odd(f"{container} of 3", data, gradient(), "3 frames; the first", atol)
    data = tiff(gradient(), reduced=(254, 4, (1,)))
    yield Odd("TIFF begins with a reduced copy", data, None, "reduced copy of another")
    data = tiff(gradient(), version=(50706, 1, (1, 4, 0, 0)))
    yield Odd("DNG", data, None, r"raw data \(DNG\)")


def damaged() -> Iterator[Odd]:
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 255, (90, 120, 3), np.uint8))
    for container in ("JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP", "AVIF", "JPEG2000", "MPO"):
        data = encoded(noise, container)
        for kept in (0.02, 0.3, 0.7, 0.9):
            cut = data[: int(len(data) * kept)]
            said = "cannot be decoded|not a picture|is a video"
            yield Odd(f"{container} cut at {kept}", cut, None, said)
    for container in EXACT:
        longer = plain(container) + b"\0trailing\xff\xd8" * 30
        yield Odd(f"{container} with trailing bytes", longer, gradient())
        said = "not a picture|cannot be decoded|is a video"
        yield Odd(f"{container} behind other bytes", b"#!" + plain(container), None, said)
    for width, height in ((0, 40), (40, 0), (0, 0), (7, 40), (60_000, 60_000), (2**31 - 1, 9)):
        header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
        data = b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", b"") + chunk(b"IEND", b"")
        said = "too few|more than the limit|cannot be decoded|not a picture"
        yield Odd(f"PNG of {width} x {height}", data, None, said)
        data = bytearray(plain("BMP"))
        struct.pack_into("<ii", data, 18, width, height)
        yield Odd(f"BMP of {width} x {height}", bytes(data), None, said)
        data = bytearray(plain("GIF"))
        struct.pack_into("<HH", data, 6, width & 0xFFFF, height & 0xFFFF)
        if width == 0 and height < 24:  # a screen of no height takes that of the frame
            yield Odd(f"GIF of {width} x {height}", bytes(data), gradient(), None, 0.2)
        numbers = {"width": (256, 4, (width,)), "height": (257, 4, (height,))}
        yield Odd(f"TIFF of {width} x {height}", tiff(gradient(), **numbers), None, said)
        jpeg = bytearray(plain("JPEG"))
        at = jpeg.index(b"\xff\xc0") + 5
        struct.pack_into(">HH", jpeg, at, height & 0xFFFF, width & 0xFFFF)
        if width & 0xFFFF > 120 or min(width, height) < 8:
            yield Odd(f"JPEG of {width} x {height}", bytes(jpeg), None, said)
    for name, (data, said) in {
        "text": (b"Dear Sir,\n", "not a picture"),
        "SVG": (b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>', "SVG"),
        "PDF": (b"%PDF-1.7\n", "PDF"),
        "PostScript": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 90 90\n", "PostScript"),
        "video": (b"\0\0\0\x18ftypisom\0\0\0\0isommp42", "video"),
        "raw of a camera": (b"\0\0\0\x18ftypcrx \0\0\0\0crx isom", "raw data"),
        "JPEG XL": (b"\xff\x0a" + bytes(99), "JPEG XL"),
        "archive": (b"PK\x03\x04" + bytes(99), "archive"),
        "zeros": (bytes(99), "not a picture"),
        "start of JPEG": (b"\xff\xd8\xff", "not a picture|cannot be decoded"),
    }.items():
        yield Odd(name, data, None, said)


GROUPS: tuple[Callable[[], Iterator[Odd]], ...] = (
    broken_exif,
    odd_xmp,
    profiles,
    depths,
    deep_colours,
    kinds,
    several,
    damaged,
)


def all_odd() -> list[Odd]:
    return [odd for group in GROUPS for odd in group()]
