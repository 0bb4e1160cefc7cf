"""Benchmarks of funnelsim against its peers: `python -m benchmarks` prints every table of one run side by side."""
