"""Connections of the application's own kinds, beside HTTP, WebSockets, Redis and MySQL, which are measured anyway."""

from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry.metrics import get_meter

_active = get_meter("techsapo.connections").create_up_down_counter(
    "techsapo.connections.active", unit="{connection}", description="Connections that are open."
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
