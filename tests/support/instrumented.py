"""Started applications with the telemetry in them, as a user starts them, and requests to them."""

import http.client
import os
import sys
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.support import ports

BIN = Path(sys.executable).parent
ROOT = Path(__file__).parents[2]
SALT = "a salt for tests only"
OURS = ("OTEL_", "TECHSAPO_", "PYTHONPATH", "WEB_CONCURRENCY", "GUNICORN_")


def environment(**variables: str) -> dict[str, str]:
    """Return an environment with these variables and none of ours besides; commands are those beside this Python."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith(OURS)}
    kept["PATH"] = os.pathsep.join([str(BIN), kept.get("PATH", os.defpath)])
    return {**kept, "PYTHONPATH": str(ROOT), "OTEL_PYTHON_DISTRO": "techsapo", **variables}


def pushing(*endpoints: str, **variables: str) -> dict[str, str]:
    """Return the environment of an application that pushes its metrics to these endpoints, every second."""
    return environment(
        TECHSAPO_OTLP_ENDPOINTS=",".join(endpoints),
        TECHSAPO_CLIENT_IP_SALT=SALT,
        **{"OTEL_METRIC_EXPORT_INTERVAL": "1000", **variables},
    )


def under_instrument(*command: str | Path) -> list[str]:
    """Return the command line that runs a command under `opentelemetry-instrument`."""
    return [str(BIN / "opentelemetry-instrument"), *map(str, command)]


def ask(port: int, path: str = "/") -> str:
    """Send one GET over a connection of its own and return the body of the answer."""
    connection = http.client.HTTPConnection(ports.LOOPBACK, port, timeout=20.0)
    try:
        connection.request("GET", path, headers={"Connection": "close"})
        return connection.getresponse().read().decode()
    finally:
        connection.close()


def ask_often(port: int, times: int) -> Counter[str]:
    """Send so many requests, eight at a time, and count the answers."""
    with ThreadPoolExecutor(8) as pool:
        return Counter(pool.map(lambda _: ask(port), range(times)))


def threads_of(pid: int) -> int:
    """Return how many threads a process has."""
    return len(list(Path(f"/proc/{pid}/task").iterdir()))


def children_of(pid: int) -> list[int]:
    """Return the processes that a process has started and that still live."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def listens_on(pid: int, sockets: Sequence[str] | None = None) -> list[str]:
    """Return the inodes of the listening TCP sockets that a process holds."""
    listening = sockets if sockets is not None else _listening_inodes()
    held = {_target(link) for link in Path(f"/proc/{pid}/fd").iterdir()}
    return [inode for inode in listening if f"socket:[{inode}]" in held]


def listening_port_inodes(port: int) -> list[str]:
    """Return the inodes of the sockets that listen on a TCP port."""
    return _listening_inodes(port)


def _listening_inodes(port: int | None = None) -> list[str]:
    found = []
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if fields[3] == "0A" and (port is None or int(fields[1].split(":")[1], 16) == port):
            found.append(fields[9])
    return found


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except OSError:
        return ""
