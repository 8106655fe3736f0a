"""How good a result is, with what it is compared to."""
