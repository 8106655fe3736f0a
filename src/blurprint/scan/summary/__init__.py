"""The page of a scan: how its measurements are distributed, and its most unusual pictures."""
