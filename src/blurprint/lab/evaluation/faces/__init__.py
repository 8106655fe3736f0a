"""Detectors of faces on people held out: what still works after what happens to files."""
