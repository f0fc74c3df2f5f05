"""Text messages through the line of the hotline."""
