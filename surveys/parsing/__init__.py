"""Values of observations typed by people: one reader for every channel (``values``)."""
