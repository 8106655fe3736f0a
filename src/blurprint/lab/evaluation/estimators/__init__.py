"""How good the methods that measure blur are."""
