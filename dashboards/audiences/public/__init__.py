"""Pages that answer the public's questions."""
