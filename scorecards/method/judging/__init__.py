"""Judge one case against the standard in force on the day of its request."""
