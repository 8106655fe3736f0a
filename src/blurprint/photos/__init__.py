"""From files to Photos: pictures and frames of videos, whatever is odd about a file."""
