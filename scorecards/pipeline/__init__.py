"""The quick way to a score: facts and cells in SQL, a commune in milliseconds.

``facts`` judges cases into ``JudgedCase``; ``cells`` counts facts, votes and checks
into ``Score``; ``recompute`` does both for what changed, and rolls up. The slow way,
against which this is checked every night, is ``scorecards.verification.nightly`` in pandas.
"""
