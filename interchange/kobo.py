"""KoboToolbox's API, version 2: an asset's form, and its records by ascending ``_id``.

https://support.kobotoolbox.org/api.html
"""

import json
from collections.abc import Iterator
from typing import Any

from interchange.records import Pulled, RecordFile
from interchange.remote import Remote, RemoteError

PAGE = 100


class Kobo:
    """One form (asset) of a KoboToolbox server; the secret is a token of its API."""

    def __init__(self, address: str, uid: str, secret: str) -> None:
        self.remote = Remote(address, {"Authorization": f"Token {secret}"})
        self.path = f"api/v2/assets/{uid}"

    def form(self) -> bytes:
        """Return the XForm as deployed."""
        return self.remote.bytes("GET", f"{self.path}.xml")

    def records(self, cursor: str) -> Iterator[Pulled]:
        """Yield the records after the cursor, the oldest first."""
        last = int(cursor or 0)
        while True:
            asked = {
                "format": "json",
                "query": json.dumps({"_id": {"$gt": last}}),
                "sort": json.dumps({"_id": 1}),
                "limit": PAGE,
            }
            rows = self.remote.json("GET", f"{self.path}/data/", params=asked).get("results", [])
            rows = [row for row in rows if int(row["_id"]) > last]
            for row in rows:
                last = int(row["_id"])
                xml = self.remote.bytes("GET", f"{self.path}/data/{last}.xml")
                yield Pulled(xml, list(self._files(row)), str(last))
            if not rows:
                return

    def _files(self, row: dict[str, Any]) -> Iterator[RecordFile]:
        for file in row.get("_attachments") or []:
            if file.get("is_deleted"):
                continue
            name = str(file.get("media_file_basename") or file["filename"].rsplit("/", 1)[-1])
            try:
                content = self.remote.bytes("GET", file["download_url"])
            except RemoteError:
                continue  # the record says which file it misses
            yield RecordFile(name, content, str(file.get("mimetype", "")))
