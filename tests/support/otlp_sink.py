"""A plain OTLP/HTTP receiver on loopback that records what it is sent and misbehaves on demand."""

import threading
from ssl import SSLContext
from types import TracebackType
from typing import Self

from tests.support import ports
from tests.support.otlp_http import Behaviour, HttpServer, SinkRequest
from tests.support.otlp_points import Point, PointKey, newest_points


class OtlpSink:
    """An OTLP/HTTP receiver: `with OtlpSink() as sink:`; `sink.endpoint` is for OTEL_EXPORTER_OTLP_ENDPOINT.

    It answers 200 until it is told otherwise by `answer`, `slow`, `hang` or `close`; `behave` undoes that and lets go
    of the requests it held. `stop` and `start` take it away and bring it back at the same port, with its records.
    """

    def __init__(self, *, port: int | None = None, tls: SSLContext | None = None) -> None:
        self.port = port or ports.free_port()
        self.tls = tls
        self._lock = threading.Lock()
        self._requests: list[SinkRequest] = []
        self._arrivals = 0
        self._connections = 0
        self._behaviour = Behaviour()
        self._server: HttpServer | None = None
        self._thread: threading.Thread | None = None

    @property
    def endpoint(self) -> str:
        """The base address, without a path."""
        return f"{'https' if self.tls else 'http'}://{ports.LOOPBACK}:{self.port}"

    @property
    def requests(self) -> list[SinkRequest]:
        """Every request that was answered or closed so far, in the order of arrival."""
        with self._lock:
            return sorted(self._requests, key=lambda request: request.number)

    @property
    def accepted(self) -> list[SinkRequest]:
        """The requests that carried metrics and were answered with success."""
        return [request for request in self.requests if request.accepted and request.message is not None]

    @property
    def arrivals(self) -> int:
        """How many requests came, those included that are still held."""
        with self._lock:
            return self._arrivals

    def points(self, metric: str) -> dict[PointKey, Point]:
        """Return the newest accepted point of `metric` for each instance and attribute set."""
        messages = [request.message for request in self.accepted if request.message is not None]
        return newest_points(messages, metric)

    def total(self, metric: str, **attributes: str) -> float:
        """Sum the newest points of `metric` (a histogram: its counts) over instances, where `attributes` match."""
        wanted = attributes.items()
        return sum(point.total for key, point in self.points(metric).items() if wanted <= dict(key.attributes).items())

    def instances(self) -> set[str]:
        """Return every `service.instance.id` that accepted requests named."""
        return {
            attribute.value.string_value
            for request in self.accepted
            if request.message is not None
            for resource in request.message.resource_metrics
            for attribute in resource.resource.attributes
            if attribute.key == "service.instance.id"
        }

    def metric_names(self) -> set[str]:
        """Return the names of all metrics that were accepted."""
        return {
            metric.name
            for request in self.accepted
            if request.message is not None
            for resource in request.message.resource_metrics
            for scope in resource.scope_metrics
            for metric in scope.metrics
        }

    def answer(self, status: int, headers: dict[str, str] | None = None) -> None:
        """Answer every request from now on with this status, an error as well as a success."""
        self._become(Behaviour(status=status, headers=headers or {}))

    def slow(self, seconds: float) -> None:
        """Answer 200, but only after `seconds`."""
        self._become(Behaviour(delay=seconds))

    def hang(self) -> None:
        """Take requests and give no answer, until `behave` or `stop`; then close the connections."""
        self._become(Behaviour(status=None, delay=threading.TIMEOUT_MAX))

    def close(self) -> None:
        """Read requests and close the connection without an answer."""
        self._become(Behaviour(status=None))

    def behave(self) -> None:
        """Answer 200 at once again."""
        self._become(Behaviour())

    def start(self) -> Self:
        """Listen; requests are served in threads."""
        self._server = HttpServer((ports.LOOPBACK, self.port), self, self.tls)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), name="otlp-sink", daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        """Close the port and every connection. Held requests end without an answer."""
        if self._server is None or self._thread is None:
            return
        self._server.shutdown()
        self._thread.join(5.0)
        self._behaviour.release.set()
        self._server.server_close()
        self._server.close_connections()
        self._server = None

    def _become(self, behaviour: Behaviour) -> None:
        with self._lock:
            held, self._behaviour = self._behaviour, behaviour
        held.release.set()

    def new_connection(self) -> int:
        """Count a connection and return its number."""
        with self._lock:
            self._connections += 1
            return self._connections

    def arrive(self) -> tuple[int, Behaviour]:
        """Count a request, and return its number and how to treat it."""
        with self._lock:
            self._arrivals += 1
            return self._arrivals, self._behaviour

    def record(self, request: SinkRequest) -> None:
        """Keep a request whose fate is known."""
        with self._lock:
            self._requests.append(request)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()
