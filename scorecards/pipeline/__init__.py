"""Computation of scores in SQL: a changed commune in milliseconds.

``judge_cases`` judges cases into ``JudgedCase``; ``count_cells`` and ``store_scores`` count these,
votes and checks into ``Score``; ``incremental`` does both for what changed, and sums to provinces
and the nation. ``scorecards.verification`` computes the same every night in pandas and compares.
"""
