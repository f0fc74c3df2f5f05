"""Reading a POST of OpenRosa: the record and its files, however they were wrapped."""

import io
import re
import tempfile
from dataclasses import dataclass, field
from typing import IO, Any, cast

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation, TooManyFilesSent
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParser, MultiPartParserError
from django.http.request import UnreadablePostError

from surveys.openrosa.answers import ACCEPT_LENGTH
from surveys.submissions.intake.files import Kept, clean_name, keep
from surveys.submissions.intake.receive import RefusedError

RECORD = "xml_submission_file"
INCOMPLETE = "*isIncomplete*"
_MAX_XML = 20_000_000
_LENGTH = re.compile(r"[0-9]{1,18}")


@dataclass
class Post:
    """One POST, read: the record's bytes and its files, already on the disk."""

    xml: bytes
    files: list[Kept] = field(default_factory=list)
    incomplete: bool = False


def _too_large() -> RefusedError:
    return RefusedError(
        413, 413.0, f"The POST is larger than {ACCEPT_LENGTH} bytes; send it in parts."
    )


def _cut_off() -> RefusedError:
    return RefusedError(400, 400.1, "The body was cut off before its end. Send it again.")


def refuse_by_length(request: HttpRequest) -> None:
    """Refuse a body that declares itself too large before reading any of it."""
    if declared_length(request) > ACCEPT_LENGTH:
        raise _too_large()


def declared_length(request: HttpRequest) -> int:
    """Return Content-Length; 0 where none (or none that can be read) was sent."""
    length = request.META.get("CONTENT_LENGTH") or ""
    return int(length) if _LENGTH.fullmatch(length) else 0


_PLAIN = re.compile(
    rb"\A--(?P<mark>[^\r\n]{1,70})\r\n(?P<head>(?:[^\r\n]+\r\n)+)\r\n(?P<xml>.*)\r\n--(?P=mark)--\s*\Z",
    re.DOTALL,
)
_MOST_AT_ONCE = 256_000


def _record_alone(request: HttpRequest) -> bytes | None:
    """Return the record when a small POST holds nothing else, as nearly every one does.

    Django's own parser takes as long for it as the database does. A body that looks in any way
    different is left to Django's parser, which can still read it.
    """
    if not 0 < declared_length(request) <= _MOST_AT_ONCE or is_chunked(request):
        return None
    if not (request.content_type or "").startswith("multipart/form-data"):
        return None
    mark = (request.content_params or {}).get("boundary", "")
    match = _PLAIN.match(request.body)
    if match is None or not mark or match["mark"] != mark.encode("latin-1", "replace"):
        return None
    head = match["head"].lower()
    alone = b"\r\n--" + match["mark"] not in match["xml"]
    if alone and b'name="xml_submission_file"' in head and b"content-transfer" not in head:
        return match["xml"]
    return None


def read_post(request: HttpRequest) -> Post:
    """Read one POST. Raises RefusedError (400, 413)."""
    refuse_by_length(request)
    try:
        alone = _record_alone(request)
    except (RequestDataTooBig, UnreadablePostError) as trouble:
        raise RefusedError(400, 400.1, "The POST is not readable.") from trouble
    if alone is not None:
        return Post(alone)
    try:
        fields, files = _parts(request)
    except (MultiPartParserError, TooManyFilesSent, UnreadablePostError) as trouble:
        raise RefusedError(400, 400.1, f"The POST is not readable: {trouble}") from trouble
    except RequestDataTooBig as trouble:
        raise _too_large() from trouble
    except SuspiciousOperation as trouble:
        raise RefusedError(400, 400.1, "The POST is not readable.") from trouble
    record = files.get(RECORD)
    if record is not None:
        if (record.size or 0) > _MAX_XML:
            raise _too_large()
        xml = record.read()
    elif RECORD in fields:
        xml = fields[RECORD].encode()
    else:
        raise RefusedError(400, 400.2, f'Required multipart POST field "{RECORD}" missing.')
    kept = [
        keep(upload, name=upload.name or name)
        for name, uploads in files.lists()
        if name not in {RECORD, INCOMPLETE}
        for upload in uploads
        if clean_name(upload.name or name)
    ]
    return Post(xml, kept, INCOMPLETE in fields or INCOMPLETE in files)


class _Ending:
    """A stream that remembers how what was read from it ended."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self.last = b""
        self.length = 0

    def read(self, size: int = -1) -> bytes:
        """Read at most ``size`` bytes."""
        body = bytes(self._stream.read(size) if size >= 0 else self._stream.read())
        self.last = (self.last + body[-_ENDING:])[-_ENDING:]
        self.length += len(body)
        return body


_ENDING = 1000
"""Bytes in which the closing boundary must be; no client writes a longer epilogue."""


def _parts(request: HttpRequest) -> tuple[Any, Any]:
    """Parse a multipart body to its end. Raises MultiPartParserError when it was cut off."""
    if not (request.content_type or "").startswith("multipart/"):
        raise MultiPartParserError("it is not multipart/form-data")
    meta = request.META
    body: Any = request
    if is_chunked(request):
        body, length = _spooled(request)
        meta = {**meta, "CONTENT_LENGTH": str(length)}
    elif hasattr(request, "_body"):
        body = io.BytesIO(request.body)
    stream = _Ending(body)
    parser = MultiPartParser(meta, cast("Any", stream), request.upload_handlers, "utf-8")
    fields, files = parser.parse()
    while stream.read(65536):
        """Read an epilogue, so that the connection can serve the next request."""
    if not _is_complete(stream, request):
        for upload in (u for _name, uploads in files.lists() for u in uploads):
            upload.close()
        raise MultiPartParserError("it was cut off before its end. Send it again")
    return fields, files


def _is_complete(stream: _Ending, request: HttpRequest) -> bool:
    """Return whether the closing boundary was read: without it a file may have lost its end."""
    mark = (request.content_params or {}).get("boundary", "").encode("latin-1", "replace")
    return bool(mark) and b"--" + mark + b"--" in stream.last


def request_body(request: HttpRequest, most: int) -> bytes:
    """Return the bytes of a body that is not multipart, chunked or not.

    Raises RefusedError (413).
    """
    length = declared_length(request)
    if length > most:
        raise _too_large()
    if not is_chunked(request):
        try:
            body = bytes(request.read(most + 1))
        except UnreadablePostError as trouble:
            raise _cut_off() from trouble
        if len(body) < length:
            raise _cut_off()
        return body
    spool, size = _spooled(request)
    if size > most:
        raise _too_large()
    return spool.read()


def is_chunked(request: HttpRequest) -> bool:
    """Return whether a body is chunked: it has no length, and WSGI's stream would seem empty."""
    return request.headers.get("Transfer-Encoding", "").lower() == "chunked"


def _spooled(request: HttpRequest) -> tuple[IO[bytes], int]:
    stream = request.META["wsgi.input"]
    body: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=2_500_000)  # noqa: SIM115
    length = 0
    while chunk := stream.read(65536):
        length += len(chunk)
        if length > ACCEPT_LENGTH:
            body.close()
            raise _too_large()
        body.write(chunk)
    body.seek(0)
    return body, length
