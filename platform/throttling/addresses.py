"""The network address of a request, determined by one function for all.

``PROXIES`` says how many proxies of ours are in front; each appends its sender to
``X-Forwarded-For``, so the address that the outermost of them saw is that many places from the end.
Anything a sender wrote there itself is further left and ignored.
"""

import ipaddress
import re

from django.conf import settings
from django.http import HttpRequest

_PORT = re.compile(r"^(?:\[(?P<six>[^\]]+)\]|(?P<four>[0-9.]+))(?::[0-9]+)?$")


def client_address(request: HttpRequest) -> str:
    """Return the sender's IPv4 address, or the /64 network of an IPv6 one; "" where nobody knows.

    A subscriber has a whole /64 and changes addresses within it at will: it counts as one.
    """
    peer = str(request.META.get("REMOTE_ADDR", ""))
    if settings.PROXIES > 0:
        named = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
        if len(named) >= settings.PROXIES and (existing := _network(named[-settings.PROXIES])):
            return existing
    return _network(peer)


def _network(text: str) -> str:
    """Return an address without port and zone as it is counted, or "" for what is none."""
    if with_port := _PORT.match(text):
        text = with_port["six"] or with_port["four"]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is None:
            return str(ipaddress.ip_network((address, 64), strict=False))
        address = address.ipv4_mapped
    return str(address)
