"""Files in an S3-compatible bucket: Amazon's, MinIO, Garage, Ceph, SeaweedFS."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from storages.backends.s3 import S3Storage


@contextmanager
def _as_of_a_disk() -> Iterator[None]:
    """Raise errors of the bucket as OSError, as callers expect of a disk."""
    try:
        yield
    except (BotoCoreError, ClientError) as trouble:
        raise OSError(f"The media bucket did not do it: {trouble}") from trouble


class Bucket(S3Storage):  # type: ignore[misc]
    """django-storages' S3 storage, with errors that callers expect of a storage.

    Clients are never redirected to the bucket: each file is served by a view that checks who may
    read it.
    """

    def _open(self, name: str, mode: str = "rb") -> Any:
        with _as_of_a_disk():
            return super()._open(name, mode)

    def _save(self, name: str, content: Any) -> str:
        with _as_of_a_disk():
            saved: str = super()._save(name, content)
            return saved

    def exists(self, name: str) -> bool:
        """Return whether there is a file of this name."""
        with _as_of_a_disk():
            return bool(super().exists(name))

    def delete(self, name: str) -> None:
        """Delete the file, if there is one."""
        with _as_of_a_disk():
            super().delete(name)
