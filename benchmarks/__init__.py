"""Benchmarks. `make bench NAME=score` runs `benchmarks/score.py`."""
