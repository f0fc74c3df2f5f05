"""Delivery on time with requests still open."""

from scorecards.method.estimates.timeliness import (
    median_days,
    median_days_cells,
    on_time,
    on_time_cells,
    survival,
)

__all__ = ["median_days", "median_days_cells", "on_time", "on_time_cells", "survival"]
