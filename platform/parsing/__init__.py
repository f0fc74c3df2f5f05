"""Values typed by people and sent by programs, read in one way in every channel.

``values`` reads one text and raises ``UnreadableValue`` with a sentence in the user's
language; ``days`` holds the ranges of plausible days; ``query`` reads the query string
(400 with a sentence); ``json_body`` reads JSON; ``fields`` are form fields; ``middleware``
refuses NUL and lone surrogates before any view sees them. The arithmetic is in ``khmer``.
"""
