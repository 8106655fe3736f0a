"""Training and export, in torch."""
