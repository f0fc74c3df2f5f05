"""Backups: database, media and keys, encrypted with age; restored; compared with what was saved.

A backup is a folder ``NAME`` with ``manifest.json``, ``database.age``, ``media.age`` and
``contents.age``. The keys are in a file of their own, ``NAME.keys.age``, in another folder,
because the rounding secret must not leave the organisation with the data
(docs/decisions/0031-rounded-release.md).
"""
