"""Comparisons computed a second time, every night, in SQL: they were made by numpy.

What has a formula (funnel, outliers, peers, change, trend, overall scores, gaps of voters,
on time with open requests) is computed again for every period, from the stored scores or
facts, and must agree to the last digits. What is drawn at random cannot: intervals of
overall scores are compared with a normal approximation, and ranks and means, one cube a
period each night, with a prior fitted and drawn another way (``draw``). A difference is a
``ScoreAlarm`` naming the cell; nothing is overwritten. Periods whose comparisons still wait
are left for the next night.
"""
