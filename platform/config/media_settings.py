"""Settings of the storage of files; config.settings takes them over."""

import os
from typing import Any

# Uploaded and computed files: under MEDIA_ROOT, or in an S3-compatible bucket that hosts share.
MEDIA_S3_BUCKET = os.environ.get("MEDIA_S3_BUCKET", "")
_DISK: dict[str, Any] = {"BACKEND": "django.core.files.storage.FileSystemStorage"}
S3_OPTIONS: dict[str, Any] = {
    "bucket_name": MEDIA_S3_BUCKET,
    "endpoint_url": os.environ.get("MEDIA_S3_ENDPOINT") or None,
    "region_name": os.environ.get("MEDIA_S3_REGION") or None,
    "access_key": os.environ.get("MEDIA_S3_ACCESS_KEY") or None,
    "secret_key": os.environ.get("MEDIA_S3_SECRET_KEY") or None,
    "location": os.environ.get("MEDIA_S3_PREFIX", ""),
    "file_overwrite": False,
}
_BUCKET: dict[str, Any] = {"BACKEND": "media.bucket.Bucket", "OPTIONS": S3_OPTIONS}
STORAGES = {
    "default": _BUCKET if MEDIA_S3_BUCKET else _DISK,
    "staticfiles": {"BACKEND": "config.static.Storage"},
}
