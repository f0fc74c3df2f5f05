"""Put figures into words: formats, indicators, comparisons, votes, page texts."""
