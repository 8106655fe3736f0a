"""How good a detector is, with what it is compared to."""
