"""How fast the dashboard is for a ward's nurses: `python -m benchmarks.dashboard --help`."""
