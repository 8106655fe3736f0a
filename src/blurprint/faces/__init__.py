"""Faces in pictures, and one face followed through a clip."""
