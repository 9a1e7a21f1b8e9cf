"""The application's own instruments: what no instrumentation library can know.

The names are the contract's (docs/metrics.md); its semantic views make `techsapo_*` metrics of them. Client addresses
and routes are recorded as they are: masks and bounds are the telemetry's part.
"""

from typing import Literal

from opentelemetry.metrics import get_meter

Severity = Literal["critical", "error", "warning", "info"]

_meter = get_meter("app_integration.reference_app")

_cache_requests = _meter.create_counter(
    "techsapo.cache.requests", unit="{request}", description="Cache look-ups, by whether they found something."
)
_rate_limit_hits = _meter.create_counter(
    "techsapo.rate_limit.hits", unit="{request}", description="Requests refused by the rate limiter."
)
_errors = _meter.create_counter("techsapo.errors", unit="{error}", description="Errors, each counted once.")


def count_cache_request(cache_type: str, *, hit: bool) -> None:
    """A look-up was answered; one that failed is an error instead."""
    _cache_requests.add(1, {"cache_type": cache_type, "result": "hit" if hit else "miss"})


def count_rate_limit_hit(route: str, client_address: str) -> None:
    """A request was refused; `route` is the template of its route."""
    _rate_limit_hits.add(1, {"http.route": route, "client.address": client_address})


def count_error(error: BaseException, severity: Severity, service: str) -> None:
    """An error happened in `service`: counted where it is dealt with, so that nobody counts it again."""
    _errors.add(1, {"error.type": type(error).__name__, "severity": severity, "service": service})
