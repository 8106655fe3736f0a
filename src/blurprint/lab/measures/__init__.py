"""The statistics core, below everything that is measured: metrics, intervals, tests, each once."""
