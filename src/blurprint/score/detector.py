"""A detector as it is used: an exported network with its card, without torch.

The network takes the views of a picture in [0, 1], as :mod:`blurprint.score.make_views` makes them
for its training too; what its backbones are fed (:mod:`blurprint.score.normalisation`) is computed
inside it, by the mean and standard deviation that the export wrote into the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from blurprint.arrays import FloatMap
from blurprint.errors import InputError
from blurprint.optics.defocus_map import DefocusMap
from blurprint.photos.photo import Photo
from blurprint.score.make_views import ViewOptions, make_views
from blurprint.score.views import fit_square
from blurprint.weights.card import DetectorCard, read_card
from blurprint.weights.session import Session, session_of

Picture = Photo | npt.NDArray[Any]
"""A photo at its own size, or an array as :meth:`Photo.from_array` takes it."""
_ROUNDING: Final = 1e-4


@dataclass(frozen=True, slots=True)
class ExportedDetector:
    """A detector that `blurprint export` wrote. It may be used by several threads at once.

    Attributes:
        session: the network.
        options: how a picture becomes its views.
    """

    session: Session
    options: ViewOptions

    def __post_init__(self) -> None:
        inputs = [one.name for one in self.session.get_inputs()]
        if sorted(inputs) != sorted(self.options.views):
            raise InputError(
                f"Expected a network of the views {', '.join(self.options.views)}, "
                f"but its inputs are {', '.join(inputs)}"
            )

    @classmethod
    def read(cls, card: str | Path, *, int8: bool = False) -> ExportedDetector:
        """The detector whose card is the JSON file `card`.

        Args:
            card: written by `blurprint export` beside the network.
            int8: take the network in 8 bits.

        Raises:
            InputError: naming the file and what is wrong: no card of a detector, settings of views
                that are unknown, or a network that is missing, another, or not of these views.
        """
        described = read_card(Path(card), DetectorCard)
        if int8:
            described = described.in_8_bits()
        session = session_of(described)
        try:
            return cls(session, _options(described.config.views))
        except InputError as error:
            raise InputError(f"{card}: {error}") from error

    def views(self, picture: Picture, defocus: DefocusMap | None = None) -> dict[str, FloatMap]:
        """What the detector sees of a picture: by name, float32 (3, S, S) each, in [0, 1].

        Args:
            picture: of any size; it becomes square as in training.
            defocus: the map of the picture once it is square, by the estimator of the training, if
                that is at hand; it is estimated if it is left out and seen.

        Raises:
            InputError: if the photo was reduced, which in training it was not; if the array is no
                picture; if `defocus` is by another method or of another size.
        """
        photo = picture if isinstance(picture, Photo) else Photo.from_array(picture)
        if photo.scale != 1:
            raise InputError(
                f"{photo.source}: Expected the photo at its own size (read_photo with max_side=0),"
                f" as in training, but it was reduced to {photo.scale:.3g} of it"
            )
        sigma = None if defocus is None else self._checked(defocus).astype(np.float16)
        rgb = fit_square(photo.rgb, self.options.size, self.options.fit)
        return make_views(self.options, rgb, sigma)

    def score(self, picture: Picture, defocus: DefocusMap | None = None) -> float:
        """P(fake) of a picture, in [0, 1]; arguments and errors as for :meth:`views`."""
        views = self.views(picture, defocus)
        (score,) = self.score_views({name: view[None] for name, view in views.items()})
        return float(score)

    def score_views(self, views: Mapping[str, FloatMap]) -> FloatMap:
        """P(fake), float32 (N,), of views that are made already, float32 (N, 3, S, S) by name.

        They are run one picture at a time: a network in 8 bits takes the range of what it
        quantises from the whole batch, and a score would depend on the other pictures.

        Raises:
            InputError: if a view is missing, of another size, or of a value outside [0, 1].
        """
        size = self.options.size
        given = {}
        for name in self.options.views:
            if name not in views:
                raise InputError(f"Expected the view {name}, but got {', '.join(views) or 'none'}")
            view = given[name] = views[name]
            if view.dtype != np.float32 or view.shape[1:] != (3, size, size):
                raise InputError(
                    f"Expected the view {name} as float32 (N, 3, {size}, {size}), "
                    f"but got {view.dtype} {view.shape}"
                )
            if view.size and not (view.min() >= -_ROUNDING and view.max() <= 1 + _ROUNDING):
                raise InputError(f"Expected the view {name} in [0, 1], but it holds other values")
        counts = {len(view) for view in given.values()}
        if len(counts) != 1:
            raise InputError(f"Expected as many of each view, but got {sorted(counts)}")
        scores = np.empty(counts.pop(), np.float32)
        for place in range(len(scores)):
            one = {name: view[[place]] for name, view in given.items()}
            scores[place] = self.session.run(["score"], one)[0][0]
        return scores

    def _checked(self, defocus: DefocusMap) -> FloatMap:
        size, estimator = self.options.size, self.options.estimator
        if defocus.method != estimator or defocus.shape != (size, size):
            raise InputError(
                f'Expected the map of the square picture, ({size}, {size}) by method "{estimator}",'
                f' but got {defocus.shape} by "{defocus.method}"'
            )
        return defocus.sigma


def _options(stated: Mapping[str, Any]) -> ViewOptions:
    """The options of a card, which states all of them: a default may be another one day.

    Raises:
        InputError: if one is missing, unknown, or of a value that it cannot have.
    """
    for one in fields(ViewOptions):
        if one.name not in stated:
            raise InputError(f"Expected `config.views.{one.name}`, which is missing")
    return ViewOptions(**stated)
