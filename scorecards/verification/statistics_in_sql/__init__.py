"""Compute the stored statistics a second time, in SQL."""
