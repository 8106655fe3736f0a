"""Folders of photographs and videos as one table, with splits and pairs."""
