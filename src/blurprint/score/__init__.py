"""Evidence to a calibrated probability that may say "unsure"."""
