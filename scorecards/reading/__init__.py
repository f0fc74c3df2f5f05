"""Read scores, statistics, explanations and data packages.

The only package of scorecards that dashboards may import.
"""
