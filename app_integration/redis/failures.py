"""Failures of Redis connections: attempts that failed, and connections that were lost while a command used them."""

from collections.abc import Awaitable, Callable
from typing import Concatenate, ParamSpec, TypeVar

from opentelemetry.metrics import Counter

P = ParamSpec("P")
R = TypeVar("R")
Method = Callable[Concatenate[object, P], R]

_COUNTED = "_techsapo_counted"


class ConnectionFailures:
    """Wraps the methods of a connection that connect, send and read, and counts each failure once.

    A failure is an attempt to connect that failed (refused, timed out, TLS, a wrong password, no such database, too
    many clients), or a connection that broke or timed out while a command was being sent or its answer awaited.
    A command that redis-py retries can meet several. No failure is an idle connection that is found closed and
    opened anew, a pool without a free connection, or a subscription's wait that ends without a message.
    """

    def __init__(self, counter: Counter) -> None:
        self._counter = counter

    def connecting(self, original: Method[P, R]) -> Method[P, R]:
        """Wrap the method that makes one attempt to connect."""

        def connect(self_: object, /, *args: P.args, **kwargs: P.kwargs) -> R:
            try:
                return original(self_, *args, **kwargs)
            except Exception as error:
                self._count(error)
                raise

        return connect

    def async_connecting(self, original: Method[P, Awaitable[R]]) -> Method[P, Awaitable[R]]:
        """Wrap the method that makes one attempt to connect, and is awaited."""

        async def connect(self_: object, /, *args: P.args, **kwargs: P.kwargs) -> R:
            try:
                return await original(self_, *args, **kwargs)
            except Exception as error:
                self._count(error)
                raise

        return connect

    def using(self, original: Method[P, R]) -> Method[P, R]:
        """Wrap a method that sends or reads."""

        def use(self_: object, /, *args: P.args, **kwargs: P.kwargs) -> R:
            try:
                return original(self_, *args, **kwargs)
            except Exception as error:
                self._count_if_lost(error)
                raise

        return use

    def async_using(self, original: Method[P, Awaitable[R]]) -> Method[P, Awaitable[R]]:
        """Wrap a method that sends or reads, and is awaited."""

        async def use(self_: object, /, *args: P.args, **kwargs: P.kwargs) -> R:
            try:
                return await original(self_, *args, **kwargs)
            except Exception as error:
                self._count_if_lost(error)
                raise

        return use

    def _count_if_lost(self, error: Exception) -> None:
        from redis import exceptions

        # All else is an answer of the server.
        if isinstance(error, exceptions.ConnectionError | exceptions.TimeoutError):
            self._count(error)

    def _count(self, error: Exception) -> None:
        # Sending connects where there is no connection, and connecting sends and reads: the same error passes twice.
        if _COUNTED not in error.__dict__:
            error.__dict__[_COUNTED] = True
            self._counter.add(1, {"error.type": type(error).__qualname__})
