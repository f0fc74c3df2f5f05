"""Delivery on time with requests still open."""

from scorecards.method.estimates.timeliness import on_time, survival

__all__ = ["on_time", "survival"]
