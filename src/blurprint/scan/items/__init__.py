"""From what was given to a scan to its items, one at a time, with an account of what is no item."""
