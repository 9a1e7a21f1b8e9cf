"""What the traffic knows to have sent: exact, from the side of the client."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Final, Literal

from app_integration.demo.comparison import Claim
from app_integration.security import Finding

SOURCE: Final = "the traffic"

# Parts of the application whose errors its answers tell; the providers know their own.
_SERVICES: Final = ("analyzer", "api", "archive", "budget", "history")


class Tally:
    """Counts, after each exchange, what the application must have counted.

    `bucket` gives the value of the label client_ip for an address; `cache_type` is that of the application's cache.
    """

    def __init__(self, bucket: Callable[[str], str], cache_type: str) -> None:
        self._bucket = bucket
        self._cache_type = cache_type
        self.requests: Counter[str] = Counter()
        self.bytes_sent = 0
        self.open_websockets = 0
        # Requests that broke off in a way that does not tell what the application made of them.
        self.unknown: list[str] = []
        self._durations: Counter[str] = Counter()
        self._look_ups: Counter[str] = Counter()
        self._rate_limited: Counter[str] = Counter()
        self._errors: Counter[tuple[str, str, str]] = Counter()
        self._attempts: Counter[str] = Counter()
        self._findings: Counter[str] = Counter()

    def request(self, method: str, route: str, status: int, *, body_size: int = 0) -> None:
        """A request reached the route and was answered; `route` is its template."""
        self.requests[f"{method} {route} {status}"] += 1
        self._durations[f"{method} {route}"] += 1
        self.bytes_sent += body_size

    def look_up(self, *, hit: bool) -> None:
        """The application said that it asked its cache."""
        self._look_ups[f"{self._cache_type} {'hit' if hit else 'miss'}"] += 1

    def rate_limited(self, route: str, client_address: str) -> None:
        """A request was refused with 429."""
        self._rate_limited[f"{route} {self._bucket(client_address)}"] += 1

    def error(self, error_type: str, severity: str, service: str) -> None:
        """The application said that something went wrong."""
        self._errors[error_type, severity, service] += 1

    def recognised(self, headers: Mapping[str, str]) -> None:
        """A client was known by what it showed."""
        self.attempt("success", "api_key" if "X-API-Key" in headers else "jwt")

    def attempt(self, outcome: Literal["success", "failure", "blocked"], method: str) -> None:
        """Credentials were shown."""
        self._attempts[f"{outcome} {method}"] += 1

    def found(self, finding: Finding, *, blocked: bool) -> None:
        """The application looked at a question in which this is found."""
        self._findings[f"{finding} {'true' if blocked else 'false'}"] += 1

    def claims(self) -> list[Claim]:
        """Return what must have been counted by now, nothing being under way."""
        number = {"": float(self.requests.total())}
        connections = {"http": 0.0, "websocket": float(self.open_websockets)}
        table: tuple[tuple[str, tuple[str, ...], Mapping[str, float]], ...] = (
            ("techsapo_http_requests_total", ("method", "route", "status_code"), self.requests),
            ("techsapo_http_request_duration_seconds_count", ("method", "route"), self._durations),
            ("techsapo_http_request_size_bytes_count", (), number),
            ("techsapo_http_request_size_bytes_sum", (), {"": float(self.bytes_sent)}),
            ("techsapo_http_response_size_bytes_count", (), number),
            ("techsapo_cache_requests_total", ("cache_type", "result"), self._look_ups),
            ("techsapo_cache_hit_ratio", ("cache_type",), self._hit_ratio()),
            ("techsapo_rate_limit_hits_total", ("endpoint", "client_ip"), self._rate_limited),
            ("techsapo_auth_attempts_total", ("status", "method"), self._attempts),
            ("techsapo_input_sanitization_total", ("type", "blocked"), self._findings),
        )
        counted = [Claim(SOURCE, metric, by, sent) for metric, by, sent in table]
        counted += [self._errors_of(service) for service in _SERVICES]
        counted += [
            Claim(SOURCE, "techsapo_active_connections", ("connection_type",), {kind: open_}, {"connection_type": kind})
            for kind, open_ in connections.items()
        ]
        return [*counted, Claim(SOURCE, "techsapo_queue_size", ("queue_name",), {"archive": 0.0})]

    def _errors_of(self, service: str) -> Claim:
        sent = {f"{kind} {severity}": count for (kind, severity, of), count in self._errors.items() if of == service}
        return Claim(SOURCE, "techsapo_errors_total", ("error_type", "severity"), sent, {"service": service})

    def _hit_ratio(self) -> dict[str, float]:
        total = self._look_ups.total()
        hits = self._look_ups[f"{self._cache_type} hit"]
        return {self._cache_type: hits / total} if total else {}
