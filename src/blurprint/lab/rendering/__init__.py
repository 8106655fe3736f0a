"""Rendered photographs with known blur, from any folder of photographs."""
