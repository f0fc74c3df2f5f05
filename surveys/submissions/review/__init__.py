"""Review records: states, comments, edits and differences, on pages and in services."""
