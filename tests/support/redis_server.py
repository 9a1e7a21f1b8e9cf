"""A real Redis on loopback."""

import shutil
from pathlib import Path

from tests.support import ports
from tests.support.processes import Server


def installed() -> bool:
    """Tell whether this machine has a Redis server."""
    return shutil.which("redis-server") is not None


class RedisServer(Server):
    """A Redis that keeps nothing on disk. `options` are added as given: `("--maxclients", "4")`."""

    def __init__(self, directory: Path, *, password: str | None = None, options: tuple[str, ...] = ()) -> None:
        self.port = ports.free_port()
        self.password = password
        secret = ("--requirepass", password) if password else ()
        command = ["redis-server", "--bind", ports.LOOPBACK, "--port", str(self.port), "--dir", str(directory)]
        super().__init__(
            [*command, "--save", "", "--appendonly", "no", *secret, *options],
            output=directory / "redis.log",
            ready=lambda: ports.is_listening(self.port),
        )

    @property
    def url(self) -> str:
        """The address for `redis.Redis.from_url`, password included."""
        secret = f":{self.password}@" if self.password else ""
        return f"redis://{secret}{ports.LOOPBACK}:{self.port}/0"
