"""The forward model: light through a lens and a camera to a file, with the true blur."""
