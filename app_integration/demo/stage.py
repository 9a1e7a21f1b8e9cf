"""What a scenario can act upon, and what of it there must be."""

from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from app_integration.demo import memory_group, slow_link
from app_integration.demo.processes import DemoError
from app_integration.demo.providers import Providers
from app_integration.demo.stores import Stores

Need = Literal["Redis", "MariaDB", "memory"]


class Redis(Protocol):
    """A Redis that can be down for a while."""

    async def stop(self) -> None:
        """Be down."""

    async def start(self) -> None:
        """Be there again, without its data."""


class Link(Protocol):
    """A link to a server."""

    def let(self, delay: float) -> None:
        """Have answers take so many seconds longer."""


class Memory(Protocol):
    """Memory with a limit."""

    async def fill(self) -> None:
        """Have something else take almost all that is left."""

    async def relieve(self) -> None:
        """Have it give that back."""


@dataclass(frozen=True, slots=True)
class Stage:
    """What a scenario can act upon; None is what it has not asked for, or what is not there."""

    providers: Providers
    redis: Redis | None = None
    link: Link | None = None
    memory: Memory | None = None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a scenario has asked for: `mysql_url` is the history's address, `group` the application's."""

    mysql_url: str
    link: slow_link.SlowLink | None
    group: memory_group.MemoryGroup | None


async def surroundings(
    exits: AsyncExitStack, scenario: str, needs: tuple[Need, ...], stores: Stores, directory: Path
) -> Surroundings:
    """Make what the scenario needs. Raises DemoError: its trouble cannot be made here."""
    link = group = None
    mysql_url = stores.mariadb.url if stores.mariadb else ""
    if "Redis" in needs and stores.redis is None:
        raise DemoError(_impossible(scenario, "Redis", stores))
    if "MariaDB" in needs:
        if stores.mariadb is None:
            raise DemoError(_impossible(scenario, "MariaDB", stores))
        link = await exits.enter_async_context(slow_link.running(stores.mariadb.port))
        mysql_url = stores.mariadb.url_at(link.port)
    if "memory" in needs:
        try:
            group = await exits.enter_async_context(memory_group.running(directory / "ballast.log"))
        except DemoError as error:
            msg = f"there is no limit to make the trouble of {scenario} with: {error}"
            raise DemoError(msg) from error
    return Surroundings(mysql_url, link, group)


def _impossible(scenario: str, server: str, stores: Stores) -> str:
    why = next(note.partition(":")[0] for note in stores.notes if server.lower() in note.lower())
    return f"there is no {server} to make the trouble of {scenario} with: {why}"
