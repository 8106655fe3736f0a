"""Pixels to blur in pixels: one estimator a file, one door (`estimate.py`)."""
