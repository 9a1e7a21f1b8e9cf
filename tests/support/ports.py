"""Ports on loopback."""

import socket

LOOPBACK = "127.0.0.1"

_given: set[int] = set()


def free_port() -> int:
    """Return a TCP port on loopback that nobody listens on, never the same one twice in a process."""
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.bind((LOOPBACK, 0))
            port: int = probe.getsockname()[1]
        if port not in _given:
            _given.add(port)
            return port


def is_listening(port: int, host: str = LOOPBACK) -> bool:
    """Tell whether a connection to `port` is accepted now."""
    try:
        with socket.create_connection((host, port), timeout=1.0):
            return True
    except OSError:
        return False
