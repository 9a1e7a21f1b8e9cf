"""Connections of the application's own kinds, beside HTTP, WebSockets, Redis and MySQL, which are measured anyway."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from opentelemetry.metrics import get_meter

from app_integration.watched import Count, Watched

_meter = get_meter("techsapo.connections")

_active = _meter.create_up_down_counter(
    "techsapo.connections.active", unit="{connection}", description="Connections that are open."
)
_watched: Final = Watched(
    "connection_type",
    lambda callback: _meter.create_observable_up_down_counter(
        "techsapo.connections.active", [callback], unit="{connection}", description="Connections that are open."
    ),
)


@contextmanager
def connection(connection_type: str) -> Iterator[None]:
    """Count a connection as open while the block runs. `connection_type` is a name in lower case, such as `smtp`."""
    told = {"connection_type": connection_type}
    _active.add(1, told)
    try:
        yield
    finally:
        _active.add(-1, told)


def watch_connections(connection_type: str, count: Count) -> Callable[[], None]:
    """Report how many connections a pool of the application's has open: `watch_connections("smtp", pool.in_use)`.

    Several under one type add up, with those counted by `connection` too. The object of a method is not kept alive by
    this, any other function is. It is asked from another thread, so it must not need the event loop. Returns the
    function that ends it.
    """
    return _watched.watch(connection_type, count)
