"""The version of the package; the build finds it by a regular expression, so plain as it is."""

__version__ = "0.1.0"
