"""Requests to other systems: with time limits, size limits, and one family of errors."""

import ipaddress
import json
import socket
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from django.conf import settings
from django.utils.translation import gettext as _

SECONDS = (10, 60)
"""Time limits: to connect, and between two pieces of an answer."""

LARGEST = 100 * 2**20


class RemoteError(Exception):
    """The other system did not do what was asked; the sentence says what to do."""


class Remote:
    """One other system, with its way to authenticate."""

    def __init__(self, address: str, headers: dict[str, str] | None = None) -> None:
        self.address = address.rstrip("/")
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers.update(headers or {})
        self._session.headers["User-Agent"] = "keep-its-word"

    def authenticate(self, header: str) -> None:
        """Send this ``Authorization`` from now on."""
        self._session.headers["Authorization"] = header

    def json(self, method: str, path: str, **options: Any) -> Any:
        """Return the JSON of an answer. Raises RemoteError."""
        try:
            return json.loads(self.bytes(method, path, **options))
        except ValueError as error:
            raise RemoteError(_("The answer is not what this system usually sends.")) from error

    def bytes(self, method: str, path: str, accept: tuple[int, ...] = (), **options: Any) -> bytes:
        """Return the body of an answer with status 2xx or one of ``accept``. Raises RemoteError."""
        url = urljoin(self.address + "/", path)
        self._check(url)
        try:
            with self._session.request(
                method, url, timeout=SECONDS, stream=True, allow_redirects=False, **options
            ) as answer:
                if not (200 <= answer.status_code < 300 or answer.status_code in accept):
                    raise RemoteError(_sentence(answer.status_code))
                return _body(answer)
        except requests.RequestException as error:
            raise RemoteError(
                _("The other system does not answer: check its address and the network.")
            ) from error

    def _check(self, url: str) -> None:
        """Refuse other hosts, which would get our secret, and our own network."""
        target, own = urlsplit(url), urlsplit(self.address)
        if (target.scheme, target.netloc) != (own.scheme, own.netloc):
            raise RemoteError(_("The other system sent us to another host: check its address."))
        if not settings.LIVE:
            return
        if target.scheme != "https":
            raise RemoteError(_("The address must begin with https://."))
        try:
            addresses = socket.getaddrinfo(target.hostname, target.port or 443)
        except OSError as error:
            raise RemoteError(_("This host is not known: check the address.")) from error
        if not all(ipaddress.ip_address(row[4][0]).is_global for row in addresses):
            raise RemoteError(_("This address lies inside a private network."))


def _body(answer: requests.Response) -> bytes:
    parts, size = [], 0
    for part in answer.iter_content(2**16):
        size += len(part)
        if size > LARGEST:
            raise RemoteError(_("The answer is too large."))
        parts.append(part)
    return b"".join(parts)


def _sentence(status: int) -> str:
    if status in {401, 403}:
        return _("The other system refuses the token or password: enter a new one.")
    if status == 404:
        return _("The other system does not know this form or data set: check its code.")
    return _("The other system answered with error %(status)s.") % {"status": status}
