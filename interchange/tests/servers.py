"""Small servers that answer as the public documents of three systems say, over real HTTP."""

import base64
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

PHOTO = b"\xff\xd8\xff\xe0" + b"a photo" * 100
Answer = tuple[int, bytes]


class Fake:
    """Common parts of all three: requests seen, and an address."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.address = ""
        self.down = False

    def answer(self, method: str, path: str, query: dict[str, str], body: Any, who: str) -> Answer:
        raise NotImplementedError


def as_json(value: Any, status: int = 200) -> Answer:
    return status, json.dumps(value).encode()


@contextmanager
def serving(fake: Fake) -> Iterator[Fake]:
    """Serve it on a free port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def _any(self) -> None:
            url = urlsplit(self.path)
            query = {key: values[0] for key, values in parse_qs(url.query).items()}
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            fake.asked.append(f"{self.command} {url.path}")
            who = self.headers.get("Authorization", "")
            path = unquote(url.path)
            results = (503, b"") if fake.down else fake.answer(self.command, path, query, body, who)
            self.send_response(results[0])
            self.send_header("Content-Length", str(len(results[1])))
            self.end_headers()
            self.wfile.write(results[1])

        do_GET = _any  # noqa: N815 - the names that http.server calls
        do_POST = _any  # noqa: N815

        def log_message(self, *_: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    fake.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class FakeKobo(Fake):
    """KoboToolbox: an asset "aXY" and its records by ``_id``."""

    def __init__(self, form: bytes) -> None:
        super().__init__()
        self.form, self.records = form, dict[int, bytes]()

    def answer(self, method: str, path: str, query: dict[str, str], body: Any, who: str) -> Answer:
        if who != "Token kobo-token":
            return as_json({"detail": "Invalid token."}, 401)
        base = "/api/v2/assets/aXY"
        if path == f"{base}.xml":
            return 200, self.form
        if path == f"{base}/data/":
            after = json.loads(query.get("query", "{}")).get("_id", {}).get("$gt", 0)
            assert json.loads(query["sort"]) == {"_id": 1}
            ids = sorted(i for i in self.records if i > after)[: int(query["limit"])]
            rows = [{"_id": number, "_attachments": self._files(number)} for number in ids]
            return as_json({"count": len(self.records), "next": None, "results": rows})
        for number, xml in self.records.items():
            if path == f"{base}/data/{number}.xml":
                return 200, xml
            if path == f"{base}/data/{number}/attachments/1/":
                return 200, PHOTO
        return as_json({"detail": "Not found."}, 404)

    def _files(self, number: int) -> list[dict[str, Any]]:
        if b"face.jpg" not in self.records[number]:
            return []
        return [
            {
                "download_url": f"{self.address}/api/v2/assets/aXY/data/{number}/attachments/1/",
                "filename": "user/attachments/abc/def/face.jpg",
                "media_file_basename": "face.jpg",
                "mimetype": "image/jpeg",
            }
        ]


class FakeCentral(Fake):
    """ODK Central: project 7, form "small", records with the moment they arrived."""

    def __init__(self, form: bytes) -> None:
        super().__init__()
        self.form, self.records = form, dict[str, tuple[str, bytes]]()

    def answer(self, method: str, path: str, query: dict[str, str], body: Any, who: str) -> Answer:
        if (method, path) == ("POST", "/v1/sessions"):
            good = body == {"email": "dara@example.org", "password": "pass:word"}
            return as_json({"token": "t0"}) if good else as_json({"code": 401.2}, 401)
        if who != "Bearer t0":
            return as_json({"code": 401.2}, 401)
        base = "/v1/projects/7/forms/small"
        if path == f"{base}.xml":
            return 200, self.form
        if path == f"{base}.svc/Submissions":
            after = query.get("$filter", " ge ").split(" ge ")[1].split(" ")[0]
            rows = [
                {"__id": name, "__system": {"submissionDate": moment, "updatedAt": None}}
                for name, (moment, _xml) in self.records.items()
                if moment >= after
            ]
            start = int(query["$skip"])
            return as_json({"value": rows[start : start + int(query["$top"])]})
        for name, (_moment, xml) in self.records.items():
            one = f"{base}/submissions/{name}"
            if path == f"{one}.xml":
                return 200, xml
            if path == f"{one}/attachments":
                has = b"face.jpg" in xml
                return as_json([{"name": "face.jpg", "exists": True}] if has else [])
            if path == f"{one}/attachments/face.jpg":
                return 200, PHOTO
        return as_json({"code": 404.1}, 404)


class FakeDhis2(Fake):
    """DHIS2 of a data set KIW whose places and data elements are known by code."""

    def __init__(self, knows: Callable[[str], bool] = lambda _place: True) -> None:
        super().__init__()
        self.knows, self.values = knows, dict[tuple[str, str, str], str]()

    def answer(self, method: str, path: str, query: dict[str, str], body: Any, who: str) -> Answer:
        if who != "Basic " + base64.b64encode(b"admin:district").decode():
            return as_json({"httpStatus": "Unauthorized"}, 401)
        if (method, path) != ("POST", "/api/dataValueSets") or body["dataSet"] != "KIW":
            return as_json({"httpStatus": "Not Found"}, 404)
        assert query["orgUnitIdScheme"] == query["dataElementIdScheme"] == "CODE"
        conflicts = []
        for row in body["dataValues"]:
            key = (row["period"], row["dataElement"], row["orgUnit"])
            if not self.knows(row["orgUnit"]):
                why = f"Organisation unit not found or not accessible: `{row['orgUnit']}`"
                conflicts.append({"object": row["orgUnit"], "value": why})
            elif query["importStrategy"] == "DELETE":
                self.values.pop(key, None)
            else:
                self.values[key] = row["value"]
        count = {"imported": 0, "updated": 0, "ignored": len(conflicts), "deleted": 0}
        response = {"status": "SUCCESS", "importCount": count, "conflicts": conflicts}
        status = 409 if conflicts else 200
        return as_json({"httpStatus": "OK", "status": "OK", "response": response}, status)
