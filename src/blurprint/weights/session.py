"""The one place where a network is opened in ONNX Runtime."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Lock
from typing import Final, Protocol

import cv2

from blurprint.arrays import FloatMap
from blurprint.errors import InputError
from blurprint.weights.card import Card

_SPIN_US: Final = "20"
_ERRORS_ONLY: Final = 3
_LOCK: Final = Lock()
_MOST_OPEN: Final = 4
CPU: Final = "CPUExecutionProvider"
CUDA: Final = "CUDAExecutionProvider"
_provider = CPU


class Named(Protocol):
    """An input or output of a network."""

    @property
    def name(self) -> str:
        """As the network calls it."""

    @property
    def shape(self) -> Sequence[int | str]:
        """Lengths of its axes, a name where one may be any."""


class Session(Protocol):
    """A network that can be run, by several threads at once."""

    def run(
        self, output_names: Sequence[str] | None, input_feed: Mapping[str, FloatMap]
    ) -> list[FloatMap]:
        """The outputs named, or all, for inputs by name."""

    def get_inputs(self) -> Sequence[Named]:
        """Its inputs in order."""

    def get_outputs(self) -> Sequence[Named]:
        """Its outputs in order."""


_OPEN: Final[OrderedDict[tuple[Path, str | None, int, str], Session]] = OrderedDict()


def open_session(model: bytes, *, simplified: Path | None = None) -> Session:
    """A network on the processor, or where :func:`use_provider` says.

    It logs errors only, and has one thread where OpenCV has one.

    Args:
        model: ONNX.
        simplified: where to write the network with its constants folded, as the quantiser takes
            it; it is optimised no further then.

    Raises:
        InputError: if ONNX Runtime cannot open it.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = _ERRORS_ONLY
    # Threads that wait in a loop cost several times all on busy cores, and slow other sessions
    # down; for 20 us, and never between two pictures, they only win 6 % on idle cores.
    options.add_session_config_entry("session.intra_op.spin_duration_us", _SPIN_US)
    options.add_session_config_entry("session.force_spinning_stop", "1")
    options.intra_op_num_threads = _threads()
    if simplified is not None:
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
        options.optimized_model_filepath = str(simplified)
    try:
        session: Session = onnxruntime.InferenceSession(
            model, options, providers=list(dict.fromkeys((_provider, CPU)))
        )
    except Exception as error:  # its exceptions have no base of their own
        raise InputError(f"Expected a network that ONNX Runtime can run, but: {error}") from error
    return session


def provider() -> str:
    """The provider of ONNX Runtime by which this process runs networks."""
    return _provider


def has_provider(name: str) -> bool:
    """Whether ONNX Runtime, as installed here, has a provider."""
    import onnxruntime

    return name in onnxruntime.get_available_providers()


def use_provider(name: str) -> None:
    """Run the networks that this process opens from now on by another provider.

    What it cannot run is run on the processor. Numbers differ from those of the processor, for
    which networks were calibrated, in the last digits.

    Raises:
        InputError: if ONNX Runtime, as installed here, does not have it.
    """
    global _provider  # noqa: PLW0603  of a process, as its sessions are
    if not has_provider(name):
        raise InputError(f"The ONNX Runtime that is installed here has no {name}")
    _provider = name


def session_of(card: Card) -> Session:
    """The network that a card describes; the last few stay open, for all threads that ask.

    Raises:
        InputError: if the card names no file, or that is missing, is another than the card
            describes, or no network.
    """
    key = (card.model, card.sha256, _threads(), _provider)
    with _LOCK:  # or two threads that ask at the same time would open it twice
        if key not in _OPEN:
            _OPEN[key] = open_session(card.read_model())
        _OPEN.move_to_end(key)
        if len(_OPEN) > _MOST_OPEN:
            _OPEN.popitem(last=False)
        return _OPEN[key]


def _threads() -> int:
    """How many threads a network gets; 0 lets ONNX Runtime choose."""
    return 1 if cv2.getNumThreads() == 1 else 0  # whoever bounds OpenCV means us as well
