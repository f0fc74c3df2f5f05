"""Round released counts so that nobody can be identified."""
