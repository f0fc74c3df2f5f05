"""Pages that answer a donor's questions."""
