"""Where a file comes from: what it says of itself, and the traces of how it was saved."""
