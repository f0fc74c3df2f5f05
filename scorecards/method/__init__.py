"""The method: from observations to honest numbers, as pure functions on labelled tables.

Imports numpy, pandas, scipy and statsmodels, and nothing of ours. docs/method.md says
why each number is computed as it is.
"""

METHOD_VERSION = "1.1"
