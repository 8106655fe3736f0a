"""The training of the network that measures blur."""
