"""The method: from observations to scores with their intervals, as pure functions on tables.

Imports numpy, pandas and scipy, and no other package of the platform. docs/method.md gives the
reason for each formula.
"""

METHOD_VERSION = "1.1"
