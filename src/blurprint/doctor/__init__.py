"""Whether this installation works: packages, weights, a test picture, the machine."""
