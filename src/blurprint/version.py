"""The version of the package: a plain assignment, which the build finds by its text."""

__version__ = "0.1.0"
