"""Fetch and arrange the figures that pages, charts and files show."""
