"""The network that tells a pasted face: from a folder of real faces to weights with a card."""
