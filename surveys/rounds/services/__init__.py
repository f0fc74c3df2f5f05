"""The services through which all data of rounds is written: atomic, with permission and audit.

``by`` is the person who acts; ``None`` is a trusted part of the program named in ``job``. Raises
``ValidationError`` with sentences by field, ``PermissionDenied`` where the person may not.
"""
