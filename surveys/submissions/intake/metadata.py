"""Remove from photos what a camera wrote with the picture: position, time, device, thumbnail.

The picture is not encoded again: what was sent twice must stay the same bytes under every version
of every library, and a photo that proves something keeps its quality. Only EXIF's orientation
stays, so that a photo is shown upright, and the colour profile. Data after the end of a picture is
removed too.
"""

import struct
from collections.abc import Iterator
from typing import Final

_JPEG_START: Final = b"\xff\xd8"
_PNG_START: Final = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT: Final = {
    *(b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"cHRM", b"gAMA", b"iCCP", b"sBIT"),
    *(b"sRGB", b"cICP", b"bKGD", b"pHYs", b"acTL", b"fcTL", b"fdAT"),
}
_JFIF, _ICC, _ADOBE = 0xE0, 0xE2, 0xEE
_ORIENTATION: Final = 0x0112


def without_metadata(data: bytes, kind: str) -> bytes:
    """Return the photo without metadata; data of other kinds, and what cannot be read, as it is."""
    if kind == "image/jpeg":
        return _jpeg(data)
    if kind == "image/png":
        return _png(data)
    if kind == "image/webp":
        return _webp(data)
    return data


def _jpeg(data: bytes) -> bytes:
    out = [_JPEG_START]
    at, turned = 2, 1
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:  # padding
            at += 1
            continue
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        if length < 2 or at + 2 + length > len(data):
            break
        segment = data[at + 4 : at + 2 + length]
        if marker == 0xE1 and segment.startswith(b"Exif\0\0"):
            turned = _orientation(segment[6:])
        if _is_kept(marker, segment):
            out.append(data[at : at + 2 + length])
        at += 2 + length
        if marker == 0xDA:  # the picture itself, up to its end
            if turned != 1:
                out.insert(1, _turned(turned))
            end = data.find(b"\xff\xd9", at)
            end = _last_end(data, at) if end >= 0 else len(data)
            return b"".join([*out, data[at:end]])
    return b"".join([*out, data[at:]])


def _is_kept(marker: int, body: bytes) -> bool:
    if marker == 0xFE:  # a comment
        return False
    if not 0xE0 <= marker <= 0xEF:
        return True
    if marker == _ICC:
        return body.startswith(b"ICC_PROFILE\0")  # others hold further complete pictures (MPF)
    return marker in {_JFIF, _ADOBE}


def _last_end(data: bytes, at: int) -> int:
    """Return the offset of the picture's end: the first end marker after its last scan."""
    while at + 1 < len(data):
        at = data.find(b"\xff", at)
        if at < 0 or at + 1 >= len(data):
            return len(data)
        marker = data[at + 1]
        if marker == 0xD9:
            return at + 2
        if marker in {0x00, 0xFF} or 0xD0 <= marker <= 0xD7:
            at += 1 if marker == 0xFF else 2
            continue
        # tables of the next scan
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return len(data)


def _orientation(tiff: bytes) -> int:
    """Read the camera's orientation, 1 to 8; 1 where it is not readable."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return 1
    try:
        (start,) = struct.unpack_from(f"{order}I", tiff, 4)
        (count,) = struct.unpack_from(f"{order}H", tiff, start)
        for number in range(min(count, 200)):
            tag, _kind, _many, text = struct.unpack_from(
                f"{order}HHIH", tiff, start + 2 + 12 * number
            )
            if tag == _ORIENTATION:
                return text if 1 <= text <= 8 else 1
    except struct.error:
        return 1
    return 1


def _turned(orientation: int) -> bytes:
    """Return an EXIF segment with the orientation only."""
    entry = struct.pack(">HHIHH", _ORIENTATION, 3, 1, orientation, 0)
    body = b"Exif\0\0MM\0*" + struct.pack(">IH", 8, 1) + entry + struct.pack(">I", 0)
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body


def _png(data: bytes) -> bytes:
    out, at = [_PNG_START], len(_PNG_START)
    while at + 12 <= len(data):
        end = at + 12 + int.from_bytes(data[at : at + 4], "big")
        name = data[at + 4 : at + 8]
        if end > len(data):
            break
        if name in _PNG_KEPT:
            out.append(data[at:end])
        at = end
        if name == b"IEND":
            return b"".join(out)
    return b"".join([*out, data[at:]])


def _chunks_of_webp(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 12
    while at + 8 <= len(data):
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        end = at + 8 + size + size % 2
        yield data[at : at + 4], data[at:end]
        at = end


def _webp(data: bytes) -> bytes:
    """Return a WebP without EXIF and XMP, which are chunks named in the flags of VP8X."""
    out = []
    for name, chunk in _chunks_of_webp(data):
        if name in {b"EXIF", b"XMP "}:
            continue
        if name == b"VP8X" and len(chunk) > 8:
            chunk = chunk[:8] + bytes([chunk[8] & ~0b1100]) + chunk[9:]  # noqa: PLW2901  # flags without them
        out.append(chunk)
    body = b"WEBP" + b"".join(out)
    return b"RIFF" + len(body).to_bytes(4, "little") + body
