"""What ships and what is installed: networks by their cards, packages by their metadata."""
