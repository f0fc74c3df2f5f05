"""Pages that answer a district officer's questions."""
