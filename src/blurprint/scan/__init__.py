"""Many pictures at once: which they are, what was found in each, and what became of every file."""
