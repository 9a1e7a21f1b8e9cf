"""The connections of Redis pools, as the pools hold them at the moment of collection.

Observed, not counted up and down: redis-py's own count (8.1) keeps what a pool threw away (`unknown_pool`), and a
connection object that a pool holds without a socket, after a disconnect or a failure, is no connection.
"""

import os
import select
from collections.abc import Collection, Iterable, Mapping
from typing import Final, Protocol
from weakref import WeakSet

from opentelemetry.metrics import CallbackOptions, Observation

_IDLE: Final = "idle"
_USED: Final = "used"
_WATCHED: Final = "_techsapo_watched"

# Names of pools that are reported, for ever: a pool that is gone has 0 connections. Past it they are left out.
_MOST_NAMES: Final = 100

# The peer has closed the connection: nobody has noticed yet, as nobody has read from it. Linux tells by RDHUP.
_CLOSED: Final = getattr(select, "POLLRDHUP", 0) | getattr(select, "POLLHUP", 0) | getattr(select, "POLLERR", 0)


class Pool(Protocol):
    """What redis-py's pools have in common."""

    @property
    def connection_kwargs(self) -> Mapping[str, object]:
        """What connections are made with."""


class Pools:
    """All pools in use. They are not kept alive by this."""

    def __init__(self) -> None:
        self._pools: WeakSet[Pool] = WeakSet()
        self._names: set[str] = set()

    def watch(self, pool: Pool) -> None:
        """Report the connections of `pool` from now on."""
        if not getattr(pool, _WATCHED, False):
            setattr(pool, _WATCHED, True)
            self._pools.add(pool)

    def observe(self, _: CallbackOptions) -> Iterable[Observation]:
        """Return the open connections by pool and state (`db.client.connection.count`).

        A connection whose server has closed it is not open, even if the pool does not know that yet.
        """
        counts = dict.fromkeys(((name, state) for name in self._names for state in (_IDLE, _USED)), 0)
        for pool in list(self._pools):
            name = _name(pool)
            if name not in self._names and len(self._names) >= _MOST_NAMES:
                continue
            self._names.add(name)
            idle, used = _connections(pool)
            counts[name, _IDLE] = counts.get((name, _IDLE), 0) + _open(idle)
            counts[name, _USED] = counts.get((name, _USED), 0) + _open(used)
        for (name, state), count in counts.items():
            yield Observation(
                count,
                {
                    "db.system.name": "redis",
                    "db.client.connection.pool.name": name,
                    "db.client.connection.state": state,
                },
            )


def _name(pool: Pool) -> str:
    kwargs = pool.connection_kwargs
    if path := kwargs.get("path"):
        return f"{path}/{kwargs.get('db', 0)}"
    return f"{kwargs.get('host', 'localhost')}:{kwargs.get('port', 6379)}/{kwargs.get('db', 0)}"


def _connections(pool: object) -> tuple[Collection[object], Collection[object]]:
    """Connections that wait in the pool, and those that it has handed out.

    Taken without the pool's lock: `list` copies in one step, and a collection must not wait for an application.
    """
    if getattr(pool, "pid", None) not in (None, os.getpid()):
        # After a fork, before the child has used it: the connections are the parent's.
        return (), ()
    everything = getattr(pool, "_connections", None)
    if everything is not None:
        # redis.BlockingConnectionPool: a queue of what is idle, with None where none has been made yet.
        queue = getattr(getattr(pool, "pool", None), "queue", ())
        idle = {id(connection) for connection in list(queue) if connection is not None}
        every = list(everything)
        return [each for each in every if id(each) in idle], [each for each in every if id(each) not in idle]
    return list(getattr(pool, "_available_connections", ())), list(getattr(pool, "_in_use_connections", ()))


def _open(connections: Collection[object]) -> int:
    """Count the connections that are open on both sides."""
    descriptors = {fd for fd in map(_descriptor, connections) if fd is not None}
    if not descriptors or not hasattr(select, "poll"):
        return len(descriptors)
    poll = select.poll()
    for descriptor in descriptors:
        poll.register(descriptor, getattr(select, "POLLRDHUP", 0))
    closed = {fd for fd, event in poll.poll(0) if event & (_CLOSED | select.POLLNVAL)}
    return len(descriptors - closed)


def _descriptor(connection: object) -> int | None:
    connection = getattr(connection, "_conn", connection)  # below redis-py's client side cache
    sock = getattr(connection, "_sock", None)
    writer = getattr(connection, "_writer", None)
    if sock is None and writer is not None:
        sock = writer.get_extra_info("socket")
    descriptor: int = -1 if sock is None else sock.fileno()
    return descriptor if descriptor >= 0 else None
