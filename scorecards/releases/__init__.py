"""Releases: records with their keys, cells, kept states, printed figures, checks.

``scorecards.releases.lifecycle`` leads a release from its beginning to its publication; the rules
are ``scorecards.method.disclosure``'s.
"""
