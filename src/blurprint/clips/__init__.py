"""A video as many photographs: its frames, its faces followed through them, and what that shows."""
