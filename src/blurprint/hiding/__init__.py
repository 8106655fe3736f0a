"""What hides the blur of a picture: noise, repeated pixels, dots, a small palette, drawings."""
