"""Each Redis operation, once, with its outcome, whatever redis-py does to carry it out.

Our own, as redis-py's metrics (8.1) leave out every command that fails, count each retry as one more, call the system
`db.system` where the conventions say `db.system.name`, and do nothing unless an application switches them on.
"""

from collections.abc import Awaitable, Callable, Iterable, Sized
from time import perf_counter
from typing import Concatenate, ParamSpec, Protocol, TypeVar, cast

from app_integration.database import Attributes, OperationDuration
from app_integration.redis.pools import Pool, Pools

P = ParamSpec("P")
R = TypeVar("R")
Method = Callable[Concatenate["Client", P], R]


class Client(Protocol):
    """What a client, a pipeline and a subscription have in common; those of a cluster have no pool of their own."""

    connection_pool: Pool


class Operations:
    """Wraps the methods that carry out an operation. `pools` is told of the pool that each of them uses."""

    def __init__(self, duration: OperationDuration, pools: Pools) -> None:
        self._duration = duration
        self._pools = pools

    def command(self, original: Method[P, R]) -> Method[P, R]:
        """Wrap a method that sends the one command in its arguments."""

        def execute_command(self_: Client, /, *args: P.args, **kwargs: P.kwargs) -> R:
            return self._run(self_, _command(args), original, *args, **kwargs)

        return execute_command

    def async_command(self, original: Method[P, Awaitable[R]]) -> Method[P, Awaitable[R]]:
        """Wrap a method that sends the one command in its arguments, and is awaited."""

        async def execute_command(self_: Client, /, *args: P.args, **kwargs: P.kwargs) -> R:
            return await self._run_async(self_, _command(args), original, *args, **kwargs)

        return execute_command

    def batch(self, original: Method[P, R]) -> Method[P, R]:
        """Wrap a method that sends what a pipeline has collected: one operation, PIPELINE or MULTI."""

        def execute(self_: Client, /, *args: P.args, **kwargs: P.kwargs) -> R:
            attributes = _batch(self_)
            if attributes is None:
                return original(self_, *args, **kwargs)
            return self._run(self_, attributes, original, *args, **kwargs)

        return execute

    def async_batch(self, original: Method[P, Awaitable[R]]) -> Method[P, Awaitable[R]]:
        """Wrap a method that sends what a pipeline has collected, and is awaited."""

        async def execute(self_: Client, /, *args: P.args, **kwargs: P.kwargs) -> R:
            attributes = _batch(self_)
            if attributes is None:
                return await original(self_, *args, **kwargs)
            return await self._run_async(self_, attributes, original, *args, **kwargs)

        return execute

    def _run(
        self, client: Client, attributes: Attributes, original: Method[P, R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        self._locate(client, attributes)
        started = perf_counter()
        try:
            result = original(client, *args, **kwargs)
        except BaseException as error:
            self._duration.record(started, attributes, error)
            raise
        self._duration.record(started, attributes, _first_error(attributes, result))
        return result

    async def _run_async(
        self,
        client: Client,
        attributes: Attributes,
        original: Method[P, Awaitable[R]],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R:
        self._locate(client, attributes)
        started = perf_counter()
        try:
            result = await original(client, *args, **kwargs)
        except BaseException as error:
            self._duration.record(started, attributes, error)
            raise
        self._duration.record(started, attributes, _first_error(attributes, result))
        return result

    def _locate(self, client: Client, attributes: Attributes) -> None:
        pool = getattr(client, "connection_pool", None)
        if pool is None:
            return
        self._pools.watch(pool)
        host, port = pool.connection_kwargs.get("host"), pool.connection_kwargs.get("port")
        if isinstance(host, str):
            attributes["server.address"] = host
        if isinstance(port, int):
            attributes["server.port"] = port


def _command(args: tuple[object, ...]) -> Attributes:
    name = args[0] if args else None
    if isinstance(name, bytes):
        name = name.decode(errors="replace")
    return {"db.operation.name": name.upper()} if isinstance(name, str) else {}


def _batch(pipeline: Client) -> Attributes | None:
    """Attributes of a pipeline that is to be sent, None for an empty one, of which nothing is sent."""
    size = len(cast("Sized", pipeline))
    if not size and not getattr(pipeline, "watching", False):
        return None
    name = "MULTI" if _is_transaction(pipeline) else "PIPELINE"
    return {"db.operation.name": name, "db.operation.batch.size": size}


def _is_transaction(pipeline: object) -> bool:
    # Flags, but for the method `transaction` where the flag goes by another name: asyncio's is `is_transaction`.
    flags = (getattr(pipeline, name, False) for name in ("transaction", "is_transaction", "explicit_transaction"))
    strategy = type(getattr(pipeline, "_execution_strategy", None)).__name__  # of a cluster's pipeline
    return strategy == "TransactionStrategy" or any(flag and not callable(flag) for flag in flags)


def _first_error(attributes: Attributes, result: object) -> Exception | None:
    """With `raise_on_error=False` a pipeline gives its errors among its answers."""
    if "db.operation.batch.size" not in attributes or not isinstance(result, Iterable):
        return None
    return next((answer for answer in result if isinstance(answer, Exception)), None)
