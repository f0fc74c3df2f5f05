"""Pages that answer a commune council's questions."""
