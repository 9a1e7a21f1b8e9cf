"""Counts the operations of redis-py, synchronous and asynchronous, its connections and their failures."""

from collections.abc import Callable, Collection
from typing import Any, Final

from opentelemetry.metrics import MeterProvider, get_meter

from app_integration.database import OperationDuration
from app_integration.instrumentor import Instrumentor
from app_integration.redis.failures import ConnectionFailures
from app_integration.redis.operations import Operations
from app_integration.redis.pools import Pool, Pools

SCOPE_NAME: Final = "techsapo.redis"

# Any: methods of classes that are replaced by name have no common signature.
Method = Callable[..., Any]


class RedisInstrumentor(Instrumentor):
    """Instruments redis-py at its classes, so that clients and pools that exist are included.

    An operation is a command of the application, or a pipeline or transaction as a whole. What redis-py says to the
    server by itself (handshake, health checks) is none.
    """

    def instrumentation_dependencies(self) -> Collection[str]:
        """Packages without which there is nothing to instrument."""
        return ("redis >= 5.0",)

    def _instrument(self, *, meter_provider: MeterProvider | None = None, **_: object) -> None:
        meter = get_meter(SCOPE_NAME, meter_provider=meter_provider)
        pools = Pools()
        operations = Operations(OperationDuration(meter, "redis"), pools)
        failures = ConnectionFailures(
            meter.create_counter(
                "techsapo.redis.connection.failures",
                unit="{failure}",
                description="Attempts to connect that failed, and connections lost while a command used them.",
            )
        )
        meter.create_observable_up_down_counter(
            "db.client.connection.count",
            [pools.observe],
            unit="{connection}",
            description="Connections that are open, by state.",
        )
        self._replaced: list[tuple[type, str, Method]] = []
        self._wrap_clients(operations)
        self._wrap_async_clients(operations)
        self._wrap_connections(failures, pools)

    def _wrap_clients(self, operations: Operations) -> None:
        from redis import client, cluster

        self._replace(client.Redis, "execute_command", operations.command)
        self._replace(client.PubSub, "execute_command", operations.command)
        self._replace(client.Pipeline, "immediate_execute_command", operations.command)
        self._replace(client.Pipeline, "execute", operations.batch)
        self._replace(cluster.RedisCluster, "execute_command", operations.command)
        self._replace(cluster.ClusterPipeline, "execute", operations.batch)

    def _wrap_async_clients(self, operations: Operations) -> None:
        from redis.asyncio import client, cluster

        self._replace(client.Redis, "execute_command", operations.async_command)
        self._replace(client.PubSub, "execute_command", operations.async_command)
        self._replace(client.Pipeline, "immediate_execute_command", operations.async_command)
        self._replace(client.Pipeline, "execute", operations.async_batch)
        self._replace(cluster.RedisCluster, "execute_command", operations.async_command)
        self._replace(cluster.ClusterPipeline, "execute", operations.async_batch)

    def _wrap_connections(self, failures: ConnectionFailures, pools: Pools) -> None:
        from redis import connection
        from redis.asyncio import connection as async_connection

        def watched(original: Method) -> Method:
            def initialise(self: Pool, *args: object, **kwargs: object) -> None:
                original(self, *args, **kwargs)
                pools.watch(self)

            return initialise

        for pool in (connection.ConnectionPool, async_connection.ConnectionPool):
            self._replace(pool, "__init__", watched)
        self._replace(connection.AbstractConnection, "connect_check_health", failures.connecting)
        self._replace(async_connection.AbstractConnection, "connect_check_health", failures.async_connecting)
        for name in ("send_packed_command", "read_response"):
            self._replace(connection.AbstractConnection, name, failures.using)
            self._replace(async_connection.AbstractConnection, name, failures.async_using)

    def _replace(self, owner: type, name: str, wrap: Callable[[Method], Method]) -> None:
        original = getattr(owner, name)
        self._replaced.append((owner, name, original))
        setattr(owner, name, wrap(original))

    def _uninstrument(self, **_: object) -> None:
        for owner, name, original in reversed(self._replaced):
            setattr(owner, name, original)
