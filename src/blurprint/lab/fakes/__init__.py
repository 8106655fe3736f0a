"""Pseudo-fakes: a real face, and the same with a face pasted over it."""
