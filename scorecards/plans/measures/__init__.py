"""Measures of rounds, actions and attendance: defined, counted by commune, released."""

from scorecards.plans.measures.of_place import Measures, Share, measures

__all__ = ["Measures", "Share", "measures"]
