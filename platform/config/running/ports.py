"""Check that the address to serve on is free."""

import errno
import socket

from config.embedded.sentences import ServersError


def check_free(host: str, port: int) -> None:
    """Raise one clear sentence when the address cannot be served on."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise ServersError(_sentence(error, host, port)) from error


def _sentence(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} is taken by another program: choose another one, as in PORT={port + 1}."
        )
    if error.errno == errno.EACCES:
        return f"Port {port} is for the system's own programs: choose one above 1023 in PORT."
    if error.errno in {errno.EADDRNOTAVAIL, socket.EAI_NONAME}:
        return f"HOST={host} is not an address of this machine."
    return f"{host}:{port} cannot be served on: {error}."


def parse(port: str) -> int:
    """Return the number of a port; raise ServersError with one sentence where it is none."""
    if port.isdigit() and 0 < int(port) < 65536:
        return int(port)
    raise ServersError(f"PORT must be a number from 1 to 65535, not {port!r}.")
