"""The contract beside the requirements' table, typed out here a second time."""

import re
from collections.abc import Mapping

import pytest

from telemetry.contract import CONTRACT, Bounded, Domain, Enum, Masked, Metric, MetricType, Take, Template

Labels = dict[str, object]


def enum(values: str) -> object:
    """The values of an enum, in any order."""
    return "enum", frozenset(values.split())


def bounded(limit: int) -> object:
    """A bounded label and its limit."""
    return "bounded", limit


def template(limit: int) -> object:
    """A route template and its limit."""
    return "template", limit


def doubling(first: float, times: int, factor: int) -> tuple[float, ...]:
    """Boundaries of which each is `factor` times the one before."""
    return tuple(round(first * factor**power, 2) for power in range(times))


MASKED = ("masked",)
PROVIDER: Labels = {"provider": bounded(16)}
MODEL: Labels = {"model": bounded(64)}
TASK_TYPE: Labels = {"task_type": enum("basic premium critical")}
CALL_STATUS: Labels = {"status": enum("success error timeout rate_limited")}
RESULT: Labels = {"status": enum("success error")}
METHOD: Labels = {"method": enum("GET HEAD POST PUT PATCH DELETE OPTIONS CONNECT TRACE QUERY")}
ROUTE: Labels = {"route": template(200)}
SIZES = (256.0, 1024.0, 4096.0, 16384.0, 65536.0, 262144.0, 1048576.0, 4194304.0, 16777216.0)

COUNTERS: Mapping[str, Labels] = {
    "techsapo_wallbounce_requests_total": TASK_TYPE | PROVIDER | CALL_STATUS,
    "techsapo_wallbounce_cost_usd": PROVIDER | TASK_TYPE,
    "techsapo_llm_requests_total": PROVIDER | MODEL | CALL_STATUS | TASK_TYPE,
    "techsapo_llm_token_usage_total": PROVIDER | {"type": enum("input output")} | MODEL,
    "techsapo_http_requests_total": METHOD
    | ROUTE
    | {"status_code": enum(" ".join(str(code) for code in range(100, 600)))},
    "techsapo_redis_operations_total": {"operation": bounded(64)} | RESULT,
    "techsapo_mysql_queries_total": {"query_type": enum("select insert update delete replace ddl transaction other")}
    | RESULT,
    "techsapo_errors_total": {
        "error_type": bounded(64),
        "severity": enum("critical error warning info"),
        "service": bounded(32),
    },
    "techsapo_auth_attempts_total": {
        "status": enum("success failure blocked"),
        "method": enum("password api_key oauth jwt mtls other"),
    },
    "techsapo_rate_limit_hits_total": {"endpoint": template(200), "client_ip": MASKED},
    "techsapo_input_sanitization_total": {
        "type": enum("xss sql_injection path_traversal command_injection prompt_injection pii other"),
        "blocked": enum("true false"),
    },
    "techsapo_cache_requests_total": {"cache_type": bounded(16), "result": enum("hit miss")},
    "techsapo_redis_connection_failures_total": {},
    "techsapo_llm_unpriced_calls_total": PROVIDER | MODEL,
    "techsapo_telemetry_overflow_total": {"metric": bounded(64)},
}

GAUGES: Mapping[str, tuple[Labels, str]] = {
    "techsapo_redis_connection_pool_size": ({}, "sum"),
    "techsapo_cache_hit_ratio": ({"cache_type": bounded(16)}, "ratio"),
    "techsapo_circuit_breaker_state": ({"service": bounded(32), "state": enum("open closed half_open")}, "state"),
    "nodejs_heap_size_total_bytes": ({}, "sum"),
    "nodejs_heap_size_used_bytes": ({}, "sum"),
    "techsapo_memory_usage_bytes": ({"component": bounded(16)}, "sum"),
    "techsapo_active_connections": ({"connection_type": bounded(16)}, "sum"),
    "techsapo_queue_size": ({"queue_name": bounded(32)}, "max"),
    "techsapo_memory_limit_bytes": ({"component": bounded(16)}, "max"),
    "techsapo_budget_daily_limit_usd": ({}, "max"),
    "techsapo_budget_spent_today_usd": ({}, "max"),
    "techsapo_telemetry_dropped_instruments": ({}, "max"),
    "techsapo_telemetry_last_push_timestamp_seconds": ({}, "max"),
}

HISTOGRAMS: Mapping[str, tuple[Labels, tuple[float, ...]]] = {
    "techsapo_wallbounce_consensus_confidence": ({}, (0.1, 0.3, 0.5, 0.7, 0.8, 0.85, 0.9, 0.95, 1.0)),
    "techsapo_wallbounce_processing_duration_seconds": ({}, (0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)),
    "techsapo_llm_response_time_seconds": (PROVIDER | MODEL, doubling(0.01, 14, 2)),
    "techsapo_llm_agreement_score": (
        {"provider_pair": bounded(120)},
        (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0),
    ),
    "techsapo_http_request_duration_seconds": (
        METHOD | ROUTE,
        (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0),
    ),
    "techsapo_http_request_size_bytes": ({}, SIZES),
    "techsapo_http_response_size_bytes": ({}, SIZES),
    "nodejs_eventloop_lag_seconds": ({}, (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0)),
    "nodejs_gc_duration_seconds": ({}, (0.0001, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0)),
    "techsapo_db_operation_duration_seconds": (
        {"system": enum("redis mysql"), "operation": bounded(64)},
        (0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0),
    ),
}


def described(domain: Domain) -> object:
    """A domain in the words of the table above."""
    match domain:
        case Enum(values):
            return "enum", frozenset(values)
        case Bounded(limit):
            return "bounded", limit
        case Template(limit):
            return "template", limit
        case Masked():
            return MASKED


def labels_of(metric: Metric) -> Labels:
    """The labels of a metric in the words of the table above."""
    return {label.name: described(label.domain) for label in metric.labels}


def of_type(kind: MetricType) -> dict[str, Metric]:
    """The contract's metrics of one type, by name."""
    return {metric.name: metric for metric in CONTRACT.metrics if metric.type is kind}


def test_counters_are_those_of_the_requirements() -> None:
    """Names and labels, to the letter."""
    assert {name: labels_of(metric) for name, metric in of_type(MetricType.COUNTER).items()} == COUNTERS


def test_gauges_are_those_of_the_requirements() -> None:
    """Names, labels and how each adds up over processes."""
    gauges = of_type(MetricType.GAUGE)
    assert {
        name: (labels_of(metric), metric.combine.value if metric.combine else None) for name, metric in gauges.items()
    } == GAUGES


def test_histograms_are_those_of_the_requirements() -> None:
    """Names, labels and boundaries."""
    histograms = of_type(MetricType.HISTOGRAM)
    assert {name: (labels_of(metric), metric.boundaries) for name, metric in histograms.items()} == HISTOGRAMS


def test_series_of_boundaries_end_where_the_requirements_say() -> None:
    """What is typed here as a rule, the requirements tell by its last number: 81.92 s, 16 MiB."""
    assert (81.92, 16 * 2**20) == (HISTOGRAMS["techsapo_llm_response_time_seconds"][1][-1], SIZES[-1])


def test_the_cost_counter_has_no_total_in_its_name() -> None:
    """The one counter whose name users know without the suffix."""
    named_otherwise = [name for name in COUNTERS if not name.endswith("_total")]
    assert named_otherwise == ["techsapo_wallbounce_cost_usd"]


@pytest.mark.parametrize(
    ("instrument", "metrics"),
    [
        (
            "http.server.request.duration",
            {"techsapo_http_requests_total": Take.COUNT, "techsapo_http_request_duration_seconds": Take.DISTRIBUTION},
        ),
        ("http.server.request.body.size", {"techsapo_http_request_size_bytes": Take.DISTRIBUTION}),
        ("http.server.response.body.size", {"techsapo_http_response_size_bytes": Take.DISTRIBUTION}),
        ("http.server.active_requests", {"techsapo_active_connections": Take.SUM}),
        (
            "db.client.operation.duration",
            {
                "techsapo_redis_operations_total": Take.COUNT,
                "techsapo_mysql_queries_total": Take.COUNT,
                "techsapo_db_operation_duration_seconds": Take.DISTRIBUTION,
            },
        ),
        (
            "db.client.connection.count",
            {"techsapo_redis_connection_pool_size": Take.SUM, "techsapo_active_connections": Take.SUM},
        ),
        *(
            (
                name,
                {
                    "techsapo_llm_requests_total": Take.COUNT,
                    "techsapo_llm_response_time_seconds": Take.DISTRIBUTION,
                    "techsapo_llm_unpriced_calls_total": Take.COUNT,
                },
            )
            for name in (
                "gen_ai.client.operation.duration",
                "gen_ai.client.inference.operation.duration",
                "gen_ai.client.inference.duration",
            )
        ),
        *(
            (name, {"techsapo_llm_token_usage_total": Take.SUM, "techsapo_wallbounce_cost_usd": Take.SUM})
            for name in (
                "gen_ai.client.token.usage",
                "gen_ai.client.inference.token.usage",
                "gen_ai.client.inference.usage.input_tokens",
                "gen_ai.client.inference.usage.output_tokens",
            )
        ),
    ],
)
def test_instruments_of_the_conventions_feed_what_the_requirements_say(
    instrument: str, metrics: Mapping[str, Take]
) -> None:
    """The second table: which instrument feeds which metrics, and by what it takes."""
    assert {metric.name: view.take for metric, view in CONTRACT.views_of[instrument]} == metrics


def test_overflow_has_room_for_every_metric() -> None:
    """The label that names the metric that overflowed must not overflow itself."""
    assert len(CONTRACT.metrics) <= 64


def test_every_metric_says_what_it_means_to_an_operator() -> None:
    """A sentence or more, and the metrics that it points to are there."""
    for metric in CONTRACT.metrics:
        assert metric.meaning.endswith("."), metric.name
        assert set(re.findall(r"\b(?:techsapo|nodejs)_[a-z_]+", metric.meaning)) <= set(CONTRACT.by_name), metric.name


def test_every_name_that_the_conventions_gave_an_llm_instrument_is_an_edition() -> None:
    """What only another edition names would be counted twice beside it."""
    named = {name for editions in CONTRACT.editions for names in editions.names for name in names}
    assert named == {name for name in CONTRACT.views_of if name.startswith("gen_ai.")}
