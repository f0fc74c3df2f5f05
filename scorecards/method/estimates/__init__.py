"""Estimate shares, intervals, on-time delivery, votes and overall scores from judged cases."""
