"""Security middleware: authentication, rate limits, sanitised input."""

from types import MappingProxyType

from telemetry.contract.domains import Enum, Masked
from telemetry.contract.model import Label, Metric, MetricType, Take, View
from telemetry.contract.shared_labels import ROUTE
from telemetry.contract.sources import attribute

METRICS = (
    Metric(
        name="techsapo_auth_attempts_total",
        type=MetricType.COUNTER,
        description="Attempts to authenticate, by their outcome.",
        meaning=(
            "`failure` that rises from few clients is somebody who tries keys, from many an expired key or a clock; "
            "`blocked` are attempts that were not even checked."
        ),
        unit="{attempt}",
        labels=(
            Label("status", Enum(("success", "failure", "blocked"))),
            Label("method", Enum(("password", "api_key", "oauth", "jwt", "mtls", "other"))),
        ),
        views=(
            View(
                ("techsapo.auth.attempts",),
                Take.SUM,
                MappingProxyType({"status": attribute("status"), "method": attribute("method")}),
            ),
        ),
    ),
    Metric(
        name="techsapo_rate_limit_hits_total",
        type=MetricType.COUNTER,
        description="Requests refused by the rate limiter. Clients appear only as one of 515 buckets.",
        meaning=(
            "Requests that were refused. One bucket that stands out is one greedy client, all of them together a "
            "limit that is too low. A bucket stands for about one in 256 addresses."
        ),
        unit="{request}",
        labels=(Label("endpoint", ROUTE), Label("client_ip", Masked())),
        series_limit=20_000,
        views=(
            View(
                ("techsapo.rate_limit.hits",),
                Take.SUM,
                MappingProxyType(
                    {
                        "endpoint": attribute("endpoint", "http.route"),
                        "client_ip": attribute("client_ip", "client.address"),
                    }
                ),
            ),
        ),
    ),
    Metric(
        name="techsapo_input_sanitization_total",
        type=MetricType.COUNTER,
        description="Input that the sanitiser found something in, by what it was and whether it was blocked.",
        meaning=(
            'What the sanitiser found in the input. A rise of one type is usually one scanner; `blocked="false"` was '
            "let through, cleaned."
        ),
        unit="{input}",
        labels=(
            Label(
                "type",
                Enum(
                    (
                        "xss",
                        "sql_injection",
                        "path_traversal",
                        "command_injection",
                        "prompt_injection",
                        "pii",
                        "other",
                    )
                ),
            ),
            Label("blocked", Enum(("true", "false"))),
        ),
        views=(
            View(
                ("techsapo.input.sanitization",),
                Take.SUM,
                MappingProxyType({"type": attribute("type"), "blocked": attribute("blocked")}),
            ),
        ),
    ),
)
