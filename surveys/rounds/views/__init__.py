"""Pages of rounds and information sessions."""
