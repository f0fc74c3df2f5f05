"""What measures speed. `make bench NAME=score` runs `benchmarks/score.py`."""
