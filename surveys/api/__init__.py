"""The REST API of observations: cases, checks, meetings and votes."""
