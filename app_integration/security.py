"""What security middleware has to tell: who tried to get in, who asked too often, what was found in the input.

Recorded under the contract's instruments (docs/metrics.md). Addresses and routes are given as they are: masks and
bounds are the telemetry's part. A word that the contract does not list is counted as `other`.
"""

from typing import Literal

from opentelemetry.metrics import get_meter

Outcome = Literal["success", "failure", "blocked"]
Method = Literal["password", "api_key", "oauth", "jwt", "mtls", "other"]
Finding = Literal["xss", "sql_injection", "path_traversal", "command_injection", "prompt_injection", "pii", "other"]

_meter = get_meter("techsapo.security")

_attempts = _meter.create_counter("techsapo.auth.attempts", unit="{attempt}", description="Attempts to authenticate.")
_hits = _meter.create_counter(
    "techsapo.rate_limit.hits", unit="{request}", description="Requests refused by the rate limiter."
)
_sanitized = _meter.create_counter(
    "techsapo.input.sanitization", unit="{input}", description="Input that the sanitiser found something in."
)


def count_auth_attempt(outcome: Outcome, method: Method) -> None:
    """Credentials were shown: they were right, wrong, or not looked at, because too many wrong ones came before.

    A request without any is no attempt.
    """
    _attempts.add(1, {"status": outcome, "method": method})


def count_rate_limit_hit(route: str, client_address: str) -> None:
    """A request was refused as one too many. `route` is its template, never the path that was asked for.

    `client_address` is the client's own, not the last proxy's: see `client_address.TrustedProxies`.
    """
    _hits.add(1, {"http.route": route, "client.address": client_address})


def count_sanitized(finding: Finding, *, blocked: bool) -> None:
    """Something was found in an input, once a kind: it was refused (`blocked`), or taken out and the rest let pass."""
    _sanitized.add(1, {"type": finding, "blocked": "true" if blocked else "false"})
