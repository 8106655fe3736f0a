"""From files to Photos: pictures and frames of videos, damaged and unusual files included."""
