"""The error of backups."""


class BackupError(Exception):
    """A backup cannot be made, read or restored; the sentence says what to do next."""
