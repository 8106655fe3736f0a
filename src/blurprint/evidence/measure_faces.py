"""The door for faces: one function, and the dict that names the measures of a face in order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from blurprint.evidence.evidence import Evidence
from blurprint.evidence.face_background import face_background
from blurprint.evidence.face_camera import face_camera
from blurprint.evidence.face_inner_ring import face_inner_ring
from blurprint.evidence.face_noise import face_noise
from blurprint.evidence.face_outline import face_outline
from blurprint.evidence.face_reference import with_face_reference
from blurprint.evidence.face_scene import FaceScene, RegionBlur, scene_of
from blurprint.evidence.file_check import FileFacts
from blurprint.faces.face import Face
from blurprint.faces.faces import Faces, remarks
from blurprint.optics.defocus_map import DefocusMap
from blurprint.photos.photo import Photo

MOST: Final = 10
"""Faces of a picture that are measured, the largest."""

FaceMeasure = Callable[[FaceScene], Evidence]

FACE_MEASURES: Final[Mapping[str, FaceMeasure]] = MappingProxyType(
    {
        "face_inner_ring": face_inner_ring,
        "face_outline": face_outline,
        "face_noise": face_noise,
        "face_background": face_background,
        "face_camera": face_camera,
    }
)
"""Every row of evidence of a face by its name, in the order of the report."""


@dataclass(frozen=True, slots=True)
class FaceEvidence:
    """What was measured of one face.

    Attributes:
        face: in pixels of the picture.
        regions: blur of its parts and of what is around it.
        rows: one of each of :data:`FACE_MEASURES`, in their order.
        remarks: what is unusual in how it stands in the picture, a sentence each.
    """

    face: Face
    regions: tuple[RegionBlur, ...]
    rows: tuple[Evidence, ...]
    remarks: tuple[str, ...]

    def __getitem__(self, name: str) -> Evidence:
        """The row called `name`; a KeyError if there is none."""
        for row in self.rows:
            if row.name == name:
                return row
        raise KeyError(name)


@dataclass(frozen=True, slots=True)
class FacesFound:
    """The faces of a picture, with what was measured of the larger ones.

    Attributes:
        search: what was found, and by what.
        measured: the :data:`MOST` largest of them, largest first.
    """

    search: Faces
    measured: tuple[FaceEvidence, ...]

    @property
    def sentence(self) -> str:
        """What was found, and how many faces were left out."""
        return self.search.sentence + self._left_out

    @property
    def words(self) -> str:
        """The same without what was not looked for."""
        return self.search.words + self._left_out

    @property
    def _left_out(self) -> str:
        rest = len(self.search.found) - len(self.measured)
        return (
            f" The {MOST} largest are measured, {rest} {'is' if rest == 1 else 'are'} not."
            if rest
            else ""
        )


def measure_faces(
    photo: Photo, defocus: DefocusMap, faces: Faces, facts: FileFacts | None = None
) -> FacesFound:
    """What map and picture say of each face.

    Each row carries how usual its value is among ordinary portraits, or why that is unknown.

    Args:
        photo: the picture.
        defocus: its map, of the same shape.
        faces: of :func:`blurprint.faces.find_faces_of.find_faces_of`.
        facts: of the file of the picture, if they are at hand.
    """
    return FacesFound(
        faces,
        tuple(
            measure_face(photo, defocus, face, faces.found, facts) for face in faces.found[:MOST]
        ),
    )


def measure_face(
    photo: Photo,
    defocus: DefocusMap,
    face: Face,
    faces: tuple[Face, ...],
    facts: FileFacts | None = None,
) -> FaceEvidence:
    """The same of one face, of the `faces` that are large enough to be measured."""
    scene = replace(scene_of(photo, defocus, face, faces), facts=facts)
    rows = tuple(with_face_reference(measure(scene), scene) for measure in FACE_MEASURES.values())
    return FaceEvidence(face, tuple(scene.blurs.values()), rows, remarks(face, photo.size))
