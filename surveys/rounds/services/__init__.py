"""The one way to write rounds: each function is atomic, asks ``by`` for permission, leaves a trail.

``by`` is the person who acts; ``None`` is a trusted part of the program named in ``job``.
Raises ``ValidationError`` with sentences by field, ``PermissionDenied`` where the person may not.
"""
