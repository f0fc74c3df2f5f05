"""The one write path of rounds: each function is atomic, checks permission, writes audit.

``by`` is the person who acts; ``None`` is a trusted part of the program named in ``job``.
Raises ``ValidationError`` with sentences by field, ``PermissionDenied`` where the person may not.
"""
