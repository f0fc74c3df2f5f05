"""The method: from observations to scores with their intervals, as pure functions on tables.

Imports numpy, pandas and scipy, and nothing of ours. docs/method.md says
why each number is computed as it is.
"""

METHOD_VERSION = "1.1"
