"""The columns of a scan, and rows of them."""
