"""Pages for a commune council."""
