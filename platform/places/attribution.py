"""Credit for the shapes of places; shown wherever points or polygons are."""

from places.boundaries import attribution as lines


def attribution() -> str:
    """Return the lines of credit in one, for the foot of a map."""
    return " · ".join(lines())
