"""What is asked of the studies, and what the result of each depends on."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, cast

from blurprint.errors import InputError
from blurprint.evidence.variance_map import BORDERS, DEFAULT_BORDER, Border
from blurprint.lab.datasets.read import parse_specification
from blurprint.lab.datasets.source import DataSource, source_for
from blurprint.lab.datasets.table import SPLITS
from blurprint.lab.loading.map_cache import MapCache
from blurprint.lab.loading.pictures import ViewOptions
from blurprint.lab.models.detector_file import DetectorFile
from blurprint.lab.studies.write import ORDER as STUDIES

ATTRIBUTE: Final = frozenset({"shapley", "alignment"})
NEED_WEIGHTS: Final = ATTRIBUTE | {"embedding"}
_OF_MAPS: Final = ("estimator", "size", "fit")
_PAIR: Final = frozenset({"binary-mask", "local-variance", "alignment"})


@dataclass(frozen=True, slots=True)
class Request:
    """Everything but which study.

    Attributes:
        out: folder of all results.
        asked: data and how they are read, by field of :class:`DataSource`; None where the card of
            the detector, or the default, decides.
        part: of the data.
        maps: of the studies that need no detector.
        border: of the local variance.
        weights: of a detector.
        rgb_weights: of one that sees colours.
        pair_by: see :func:`blurprint.lab.datasets.pairs.match_pairs`.
        max_pictures: at most, whole groups.
        samples: gradients a picture.
        count: pictures or pairs that are explained.
        umap: draw UMAP as well.
        draws: of the bootstrap.
        seed: of all draws.
        workers: processes.
        cache: where maps are kept.
        overwrite: repeat what is there.
        allow_seen: say that pictures were seen in training, instead of refusing.
    """

    out: Path
    asked: Mapping[str, Any]
    part: str = "test"
    maps: ViewOptions = field(default_factory=ViewOptions)
    border: Border = DEFAULT_BORDER
    weights: DetectorFile | None = None
    rgb_weights: DetectorFile | None = None
    pair_by: str | None = None
    max_pictures: int | None = None
    samples: int = 100
    count: int = 50
    umap: bool = False
    draws: int = 1000
    seed: int = 0
    workers: int = 1
    cache: MapCache | None = None
    overwrite: bool = False
    allow_seen: bool = False

    def source(self) -> tuple[DataSource, list[str]]:
        """The data, and what was taken from a detector's card or differs from it.

        Raises:
            InputError: if nothing names data, or a card is broken.
        """
        if self.weights is None:
            asked = {name: value for name, value in self.asked.items() if value is not None}
            if not asked.get("data"):
                raise InputError("Expected --data LAYOUT:PATH, or --weights whose card names data")
            return DataSource(**asked), []
        source, notes = source_for(self.weights.trained(), self.asked)
        if self.rgb_weights is not None:
            other = self.rgb_weights.trained()
            if other is None:
                notes.append(f"{self.rgb_weights.weights}: its card does not name its data")
            elif differ := other.differences(source):
                notes.append(
                    f"Differs from the training of {self.rgb_weights.weights}: {'; '.join(differ)}"
                )
        return source, notes

    def files(self) -> list[DetectorFile]:
        """The detectors that were named, whether a study looks into them or not."""
        return [one for one in (self.weights, self.rgb_weights) if one is not None]

    def require_agreement(self, study: str, loaded: Collection[Path]) -> None:
        """Check that a detector is what the options say of it.

        Options on maps are about the studies without a detector as well, where there are any; they
        then need not agree.

        Args:
            study: what is asked for; "all" for all of them.
            loaded: files of the detectors that are looked into.

        Raises:
            InputError: if the detector says itself that it is something else.
        """
        if self.weights is not None and self.weights.weights in loaded:
            self.weights.require_agreement(_OF_MAPS if study not in NEED_WEIGHTS else ())

    def detectors(self, study: str) -> list[DetectorFile]:
        """Those that a study looks into."""
        if study not in NEED_WEIGHTS:
            return []
        both = (self.weights, self.rgb_weights if study in ATTRIBUTE else None)
        return [one for one in both if one is not None]

    def settings(
        self, study: str, source: DataSource, pictures: str, seen: Sequence[str] = ()
    ) -> dict[str, Any]:
        """What the result of a study depends on, as JSON takes it.

        Args:
            study: its name.
            source: of the pictures.
            pictures: a digest of them.
            seen: what is said of pictures that the training saw.
        """
        out: dict[str, Any] = {
            **source.to_dict(),
            "part": self.part,
            "pictures": pictures,
            "max_pictures": self.max_pictures,
            "draws": self.draws,
            "seed": self.seed,
        }
        if study in _PAIR:
            out["pair_by"] = self.pair_by
        if study == "local-variance":
            out["border"] = self.border
        if study in NEED_WEIGHTS:
            out["seen_in_training"] = list(seen)
            for name, file in zip(("weights", "rgb_weights"), self.detectors(study), strict=False):
                out |= {name: str(file.weights), f"{name}_sha256": file.digest()[:16]}
                if file.weights.suffix != ".safetensors":
                    out[f"{name}_read_as"] = str(file.config())
        else:
            out |= {name: getattr(self.maps, name) for name in _OF_MAPS}
        if study in ATTRIBUTE:
            out |= {"samples": self.samples, "count": self.count}
        if study == "embedding":
            out["umap"] = self.umap
        return {name: value for name, value in out.items() if value not in (None, [], {}, False)}


def make_request(
    described: Mapping[str, Any],
    *,
    weights: str | Path | None,
    rgb_weights: str | Path | None,
    asked: Mapping[str, Any],
    part: str,
    border: str,
    **rest: Any,
) -> Request:
    """A request whose options are known to be possible; nothing on disk is looked at.

    Args:
        described: what is said of the detectors, by
            :data:`blurprint.lab.models.detector_file.NAMES`; what of it is about maps counts for
            studies without a detector, too.
        weights: file of a detector.
        rgb_weights: file of one that sees colours.
        asked: see :class:`Request`; so are the others.
        part: of the data.
        border: of the local variance.
        rest: other fields.

    Raises:
        InputError: if a value is unknown.
    """
    weights = None if weights is None else Path(weights)
    rgb_weights = None if rgb_weights is None else Path(rgb_weights)
    for option, value, known in (("border", border, BORDERS), ("part", part, (*SPLITS, "all"))):
        if value not in known:
            raise InputError(f'Expected --{option} among {", ".join(known)}, but got "{value}"')
    given = {name: value for name, value in asked.items() if value is not None}
    for specification in given.get("data", ()):
        parse_specification(specification)
    DataSource(**{"data": (), **given}).options()
    maps = {name: described[name] for name in _OF_MAPS if described.get(name) is not None}
    colours = {**described, "model": "rgb"}
    request = Request(
        asked=asked,
        part=part,
        border=cast("Border", border),
        maps=ViewOptions(**maps),
        weights=None if weights is None else DetectorFile(weights, described),
        rgb_weights=None if rgb_weights is None else DetectorFile(rgb_weights, colours),
        **rest,
    )
    for file in request.files():
        file.config()
    return request


def wanted_studies(name: str, request: Request) -> tuple[str, ...]:
    """The study of that name; of "all", those that have what they need.

    Raises:
        InputError: if one needs weights that are not given.
    """
    if request.rgb_weights is not None and request.weights is None:
        raise InputError("Expected --weights FILE beside --rgb-weights")
    if name == "all":
        return tuple(
            one for one in STUDIES if request.weights is not None or one not in NEED_WEIGHTS
        )
    if name in NEED_WEIGHTS and request.weights is None:
        raise InputError(f"Expected --weights FILE, for {name} looks into a detector")
    return (name,)
