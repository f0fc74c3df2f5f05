"""ODK Central's API: a form's XForm, and its records by the moment they arrived or changed.

https://docs.getodk.org/central-api/
"""

from collections.abc import Iterator
from urllib.parse import quote

from interchange.records import Pulled, RecordFile
from interchange.remote import Remote, RemoteError

PAGE = 250


class Central:
    """One form of an ODK Central server; ``remote`` is project/form, the secret name:password."""

    def __init__(self, address: str, remote: str, secret: str) -> None:
        project, _slash, form = remote.partition("/")
        self.remote = Remote(address)
        self.path = f"v1/projects/{quote(project)}/forms/{quote(form, safe='')}"
        name, _colon, password = secret.partition(":")
        self._account = {"email": name, "password": password}
        self._signed_in = False

    def form(self) -> bytes:
        """Return the XForm as published."""
        self._sign_in()
        return self.remote.bytes("GET", f"{self.path}.xml")

    def records(self, cursor: str) -> Iterator[Pulled]:
        """Yield records that arrived or changed since the cursor.

        Records of exactly that moment are read again.
        """
        self._sign_in()
        asked = {"$select": "__id,__system", "$top": str(PAGE), "$skip": "0"}
        if cursor:
            asked["$filter"] = (
                f"__system/submissionDate ge {cursor} or __system/updatedAt ge {cursor}"
            )
        rows = []
        while True:
            page = self.remote.json("GET", f"{self.path}.svc/Submissions", params=asked)["value"]
            rows += page
            if len(page) < PAGE:
                break
            asked["$skip"] = str(int(asked["$skip"]) + PAGE)
        moments = [(self._moment(row["__system"]), str(row["__id"])) for row in rows]
        for moment, instance in sorted(moments):
            one = f"{self.path}/submissions/{quote(instance, safe='')}"
            xml = self.remote.bytes("GET", f"{one}.xml")
            yield Pulled(xml, list(self._files(one)), moment)

    @staticmethod
    def _moment(system: dict[str, str | None]) -> str:
        return str(system.get("updatedAt") or system["submissionDate"])

    def _files(self, one: str) -> Iterator[RecordFile]:
        for file in self.remote.json("GET", f"{one}/attachments"):
            if file["exists"]:
                path = f"{one}/attachments/{quote(file['name'], safe='')}"
                try:
                    yield RecordFile(file["name"], self.remote.bytes("GET", path), "")
                except RemoteError:
                    continue  # the record says which file it misses

    def _sign_in(self) -> None:
        if not self._signed_in:
            token = self.remote.json("POST", "v1/sessions", json=self._account)["token"]
            self.remote.authenticate(f"Bearer {token}")
            self._signed_in = True
