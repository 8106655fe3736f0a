"""Pairs of one real face and the same with a face pasted over it, as a network sees them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import cv2
import numpy as np
import numpy.typing as npt

from blurprint.arrays import FloatMap
from blurprint.errors import InputError
from blurprint.faces.crop import WIDTH, upright_crop
from blurprint.faces.face import Face
from blurprint.faces.find import RGB8
from blurprint.lab.fakes.degrade import degrade
from blurprint.lab.fakes.deliver import deliver
from blurprint.lab.fakes.masks import draw_mask
from blurprint.lab.fakes.paste import aligned, blended, cloned, in_bands, match_colours, nudged
from blurprint.lab.fakes.people import Person, read_rgb
from blurprint.lab.fakes.regenerate import Regenerator
from blurprint.lab.fakes.retouch import retouch

Recipe = Literal["blend", "remade", "clone", "bands"]
"""The pasted face is degraded ("blend"), made again by a network ("remade"), or either of them and
joined by its gradients ("clone"), or, for tests only, degraded and joined frequency by frequency
("bands")."""
HELD_OUT: Final[Recipe] = "bands"
"""The recipe of which no training pair is made."""
SIZE: Final = 256
"""Side of a stored crop, pixels; a network sees the inner :data:`SEEN` of it, moved a little."""
SEEN: Final = 224
MASK_SIDE: Final = 28
"""Side of the stored mask of the inner `SEEN` pixels."""
CANDIDATES: Final = 12
_OWN: Final = 0.5
_ALSO_DEGRADED: Final = 0.4
_CLONED_REMADE: Final = 0.5
"""Share of the recipe "clone" whose face was made again, where there are autoencoders."""
_LEVELS: Final = (2, 5)
_RETOUCHED: Final = 0.3
_TIGHT: Final = 0.4
_EYES: Final = (34.0, 116.0)
_REACH: Final = 2.9
_JITTER: Final = (0.03, 3.0, 0.05)
"""By how much landmarks are off: eye distances, degrees, share of the size."""
_LEAST_CHANGE: Final = 0.006
_TRIES: Final = 5
_COLOUR_WEIGHT: Final = 0.01


@dataclass(frozen=True, slots=True)
class Pair:
    """Two pictures that differ by a pasted face, and by how they were delivered.

    Attributes:
        real: uint8 (S, S, 3), S = :data:`SIZE`.
        fake: the same.
        mask: uint8 (M, M), M = :data:`MASK_SIDE`: where the fake was pasted, 0 to 255.
        eyes: eye distances as delivered, real and fake, pixels.
        codecs: as delivered, real and fake.
    """

    real: RGB8
    fake: RGB8
    mask: npt.NDArray[np.uint8]
    eyes: tuple[float, float]
    codecs: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A real face and the fake made of it, before anything happens to their files.

    Attributes:
        real: float32 (H, W, 3) in [0, 1], a face with what is around it.
        fake: float32 (H, W, 3), the same with a face pasted over it.
        mask: float32 (H, W) in [0, 1], where.
        face: in pixels of both.
    """

    real: FloatMap
    fake: FloatMap
    mask: FloatMap
    face: Face


def draw_pair(
    people: Sequence[Person],
    place: int,
    rng: np.random.Generator,
    recipe: Recipe = "blend",
    regenerator: Regenerator | None = None,
) -> Pair:
    """A pair whose real member is one of `people`.

    Args:
        people: base and donors; all of one side of a split.
        place: which of them is the base.
        rng: draws everything.
        recipe: how the fake is made.
        regenerator: for the recipe "remade", and for half of "clone" where it is given.
    """
    drawn = draw_undelivered(people, place, rng, recipe, regenerator)
    face = drawn.face
    eyes, codecs, crops = [], [], []
    small = np.zeros(0, np.uint8)
    for member in (drawn.real, drawn.fake):
        delivered = deliver(member, face.eye_distance, rng)
        there = face.scaled(delivered.scale)
        seen = _off(there, rng)
        crops.append(upright_crop(delivered.rgb, seen, size=SIZE, width=WIDTH * SIZE / SEEN))
        eyes.append(there.eye_distance)
        codecs.append(delivered.codec)
        if member is drawn.fake:
            small = _small_mask(drawn.mask, delivered.rgb.shape[:2], seen)
    return Pair(crops[0], crops[1], small, (eyes[0], eyes[1]), (codecs[0], codecs[1]))


def draw_undelivered(
    people: Sequence[Person],
    place: int,
    rng: np.random.Generator,
    recipe: Recipe = "blend",
    regenerator: Regenerator | None = None,
) -> Undelivered:
    """What :func:`draw_pair` delivers, by the same draws; arguments as there."""
    base, face = _scene(people[place], rng)
    if rng.random() < _RETOUCHED:
        base = retouch(base, face, rng)
    fake, mask = _pasted(people, place, base, face, rng, recipe, regenerator)
    if rng.random() < _TIGHT:
        base, fake, mask, face = _tight(base, fake, mask, face, rng)
    return Undelivered(base, fake, mask, face)


def _scene(person: Person, rng: np.random.Generator) -> tuple[FloatMap, Face]:
    """What is around a face, at a drawn size, mirrored at random; float32 (H, W, 3) in [0, 1]."""
    rgb, face = read_rgb(person.path), person.face
    x, y = face.centre
    reach = _REACH * face.eye_distance
    left, top = max(0, int(x - reach)), max(0, int(y - reach))
    part, face = rgb[top : int(y + reach) + 1, left : int(x + reach) + 1], face.moved(-left, -top)
    eyes = float(np.exp(rng.uniform(*np.log(_EYES))))
    scale = min(1.0, eyes / face.eye_distance)
    if scale < 1:
        size = (round(part.shape[1] * scale), round(part.shape[0] * scale))
        part = cv2.resize(part, size, interpolation=cv2.INTER_AREA)
        face = face.scaled(scale)
    if rng.random() < 0.5:
        part, face = np.ascontiguousarray(part[:, ::-1]), mirrored(face, part.shape[1])
    return part.astype(np.float32) / np.float32(255), face


def mirrored(face: Face, width: int) -> Face:
    """The face in the mirror image of a picture `width` pixels wide."""
    landmarks = face.landmarks[[1, 0, 2, 4, 3]] * (-1, 1) + (width - 1, 0)
    box = face.box
    moved = type(box)(width - box.left - box.width, box.top, box.width, box.height, box.score)
    return Face(moved, np.asarray(landmarks, np.float32), face.probability)


def _pasted(
    people: Sequence[Person],
    place: int,
    base: FloatMap,
    face: Face,
    rng: np.random.Generator,
    recipe: Recipe,
    regenerator: Regenerator | None,
) -> tuple[FloatMap, FloatMap]:
    """The fake and the mask, drawn again where next to nothing changed."""
    shape = base.shape[:2]
    for _ in range(_TRIES):
        donor = _donor_over(people, place, base, face, rng, recipe, regenerator)
        mask = draw_mask(face, shape, rng)
        donor = match_colours(donor, base, mask, rng)
        if recipe == "clone":
            fake, mask = cloned(base, donor, mask), (mask > 0.5).astype(np.float32)
        elif recipe == "bands":
            fake = in_bands(base, donor, mask, int(rng.integers(*_LEVELS)))
        else:
            opacity = 1.0 if rng.random() < 0.6 else float(rng.uniform(0.7, 1))
            fake = blended(base, donor, mask, opacity)
        weight = float(mask.sum())
        if weight and float(np.abs(fake - base).mean(axis=2).sum()) / weight > _LEAST_CHANGE:
            break
    return fake, mask


def _donor_over(
    people: Sequence[Person],
    place: int,
    base: FloatMap,
    face: Face,
    rng: np.random.Generator,
    recipe: Recipe,
    regenerator: Regenerator | None,
) -> FloatMap:
    """The donor's picture with its face over that of the base, and what it went through."""
    own = rng.random() < _OWN and recipe not in ("clone", "bands")
    pixels, donor_face = (base, face) if own else _scene(people[_donor(people, place, rng)], rng)
    remade = recipe == "remade" or (
        recipe == "clone" and regenerator is not None and rng.random() < _CLONED_REMADE
    )
    if remade:
        if regenerator is None:
            raise InputError('Expected a `regenerator` for the recipe "remade"')
        laid = regenerator.remade(pixels, donor_face, face, base, rng)
        return degrade(laid, face.eye_distance, rng) if rng.random() < _ALSO_DEGRADED else laid
    laid = nudged(base, face, rng) if own else aligned(pixels, donor_face, face, base.shape[:2])
    return degrade(laid, face.eye_distance, rng)


def _donor(people: Sequence[Person], place: int, rng: np.random.Generator) -> int:
    """Of a few drawn people of another group the one most alike in landmarks and colour."""
    base = people[place]
    drawn = [int(one) for one in rng.integers(0, len(people), CANDIDATES)]
    others = [one for one in drawn if people[one].group != base.group] or [place]

    def unlike(one: int) -> float:
        shape = float(np.abs(people[one].shape - base.shape).mean())
        return shape + _COLOUR_WEIGHT * float(np.abs(people[one].colour - base.colour).mean())

    return min(others, key=unlike)


def _tight(
    base: FloatMap, fake: FloatMap, mask: FloatMap, face: Face, rng: np.random.Generator
) -> tuple[FloatMap, FloatMap, FloatMap, Face]:
    """Cut out as data sets of faces are: what a network wants beyond is continued by reflection."""
    half = float(rng.uniform(1.35, 1.9)) * face.eye_distance
    x, y = face.centre + rng.normal(0, 0.1, 2) * face.eye_distance
    left, top = max(0, int(x - half)), max(0, int(y - half))
    rows, columns = slice(top, int(y + half) + 1), slice(left, int(x + half) + 1)
    return base[rows, columns], fake[rows, columns], mask[rows, columns], face.moved(-left, -top)


def _off(face: Face, rng: np.random.Generator) -> Face:
    """The face as a detector might place it: moved, turned and scaled by a little."""
    shift, turn, size = _JITTER
    angle, scale = np.deg2rad(turn) * rng.normal(), float(np.exp(size * rng.normal()))
    matrix = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    moved = (face.landmarks - face.centre) @ matrix.T + face.centre
    moved = moved + shift * face.eye_distance * rng.normal(size=2)
    return Face(face.box, np.asarray(moved, np.float32), face.probability)


def _small_mask(mask: FloatMap, shape: tuple[int, int], face: Face) -> npt.NDArray[np.uint8]:
    """The mask in the square that a network sees, at :data:`MASK_SIDE`."""
    height, width = shape
    delivered = cv2.resize(mask, (width, height), interpolation=cv2.INTER_AREA)
    gray = np.round(np.clip(delivered, 0, 1) * 255).astype(np.uint8)
    crop = upright_crop(np.repeat(gray[..., None], 3, axis=2), face, size=SEEN, width=WIDTH)
    small = cv2.resize(crop[..., 0], (MASK_SIDE, MASK_SIDE), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)
