"""Counts each statement that PyMySQL sends, once, with its outcome."""

from collections.abc import Callable, Collection
from time import perf_counter
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from opentelemetry.metrics import MeterProvider, get_meter

from app_integration.database import Attributes, OperationDuration
from app_integration.instrumentor import Instrumentor
from app_integration.mysql import contrib
from app_integration.mysql.statement import verb

if TYPE_CHECKING:
    from pymysql.connections import Connection

SCOPE_NAME = "techsapo.mysql"

P = ParamSpec("P")
R = TypeVar("R")
Method = Callable[Concatenate["Connection", P], R]

# Methods that send a statement of their own.
_STATEMENTS = {
    "begin": "BEGIN",
    "commit": "COMMIT",
    "rollback": "ROLLBACK",
    "show_warnings": "SHOW",
    "_send_autocommit_mode": "SET",  # private: `autocommit` calls it where the mode is another; a test pins it
    "set_character_set": "SET",
}
# What did the same in PyMySQL before 1.1; since then it calls the other.
_EARLIER = {"set_character_set": "set_charset"}
_CONNECTING = "_techsapo_connecting"


class MySqlInstrumentor(Instrumentor):
    """Instruments PyMySQL at the connection, through which every statement passes, whoever made it.

    An operation is a statement as it is sent to the server: `executemany` is as many as the driver sends. What the
    driver says to the server while it connects is none. A connection that could not be made is recorded as a failed
    operation `CONNECT`, for the statements that it was meant for never come. Statements sent at once count as one.
    """

    def instrumentation_dependencies(self) -> Collection[str]:
        """Packages without which there is nothing to instrument."""
        return ("pymysql >= 1.0",)

    def _instrument(self, *, meter_provider: MeterProvider | None = None, **_: object) -> None:
        from pymysql.connections import Connection

        duration = OperationDuration(get_meter(SCOPE_NAME, meter_provider=meter_provider), "mysql")
        statements = {name if hasattr(Connection, name) else _EARLIER[name]: text for name, text in _STATEMENTS.items()}
        self._originals = {name: getattr(Connection, name) for name in ("query", "connect", *statements)}
        replacements = {
            "query": _measured_query(duration, self._originals["query"]),
            "connect": _measured_connect(duration, self._originals["connect"]),
            **{name: _measured(duration, self._originals[name], text) for name, text in statements.items()},
        }
        for name, replacement in replacements.items():
            setattr(Connection, name, replacement)
        contrib.silence()

    def _uninstrument(self, **_: object) -> None:
        from pymysql.connections import Connection

        for name, original in self._originals.items():
            setattr(Connection, name, original)
        contrib.restore()


def _measured_query(duration: OperationDuration, original: Method[P, R]) -> Method[P, R]:
    def query(self: "Connection", /, *args: P.args, **kwargs: P.kwargs) -> R:
        if _CONNECTING in self.__dict__:
            return original(self, *args, **kwargs)
        statement = args[0] if args else kwargs.get("sql")
        name = verb(statement) if isinstance(statement, str | bytes | bytearray) else None
        return _run(duration, name, original, self, *args, **kwargs)

    return query


def _measured(duration: OperationDuration, original: Method[P, R], name: str) -> Method[P, R]:
    def statement(self: "Connection", /, *args: P.args, **kwargs: P.kwargs) -> R:
        if _CONNECTING in self.__dict__:
            return original(self, *args, **kwargs)
        return _run(duration, name, original, self, *args, **kwargs)

    return statement


def _measured_connect(duration: OperationDuration, original: Method[P, R]) -> Method[P, R]:
    def connect(self: "Connection", /, *args: P.args, **kwargs: P.kwargs) -> R:
        started = perf_counter()
        self.__dict__[_CONNECTING] = True
        try:
            return original(self, *args, **kwargs)
        except BaseException as error:
            duration.record(started, _attributes(self, "CONNECT", error), error)
            raise
        finally:
            self.__dict__.pop(_CONNECTING, None)

    return connect


def _run(
    duration: OperationDuration,
    name: str | None,
    original: Method[P, R],
    connection: "Connection",
    *args: P.args,
    **kwargs: P.kwargs,
) -> R:
    started = perf_counter()
    try:
        result = original(connection, *args, **kwargs)
    except BaseException as error:
        duration.record(started, _attributes(connection, name, error), error)
        raise
    duration.record(started, _attributes(connection, name, None), None)
    return result


def _attributes(connection: "Connection", name: str | None, error: BaseException | None) -> Attributes:
    attributes: Attributes = {"server.address": str(connection.unix_socket or connection.host)}
    if not connection.unix_socket:
        attributes["server.port"] = connection.port
    namespace = connection.db
    if namespace:
        attributes["db.namespace"] = namespace.decode(errors="replace") if isinstance(namespace, bytes) else namespace
    if name is not None:
        attributes["db.operation.name"] = name
    if error is not None and error.args and isinstance(error.args[0], int):
        attributes["db.response.status_code"] = str(error.args[0])
    return attributes
