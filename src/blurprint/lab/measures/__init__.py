"""Statistics, below everything that is measured: metrics, intervals, tests."""
