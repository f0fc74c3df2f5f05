"""Pages for a district officer."""
