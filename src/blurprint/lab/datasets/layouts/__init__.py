"""Readers: one file a layout on disk, each a function from a folder to the table."""
