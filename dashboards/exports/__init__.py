"""Answer with files: CSV, JSON and their caching headers."""
