"""The version of the package, which nobody imports its face for."""

from typing import Final

__version__: Final = "0.1.0"
