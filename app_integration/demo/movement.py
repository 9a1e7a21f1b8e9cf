"""Which metrics must have moved in a demo, and what excuses those that have not."""

from collections.abc import Iterable, Mapping
from typing import Final

from app_integration.demo.figures import Figures
from telemetry.contract import CONTRACT, Metric, MetricType

# What only happens when something goes wrong, or not in each mode.
_SELDOM: Final[Mapping[str, str]] = {
    "techsapo_llm_unpriced_calls_total": "every call had a price",
    "techsapo_redis_connection_failures_total": "Redis was there all the time",
    "techsapo_telemetry_overflow_total": "no limit was met",
    "techsapo_telemetry_last_push_timestamp_seconds": "nothing is pushed",
}
# In which each kind of request comes several times, at the usual rate.
_ENOUGH_SECONDS: Final = 4.0
_OF_REDIS: Final = ("techsapo_redis_operations_total", "techsapo_redis_connection_pool_size")
_OF_MYSQL: Final = ("techsapo_mysql_queries_total",)
_OF_BOTH: Final = ("techsapo_db_operation_duration_seconds",)


def moved(metric: Metric, figures: Figures) -> bool:
    """Tell whether a metric has a figure; of counters and histograms one above 0, as a gauge may well be 0."""
    if metric.type is MetricType.GAUGE:
        return figures.has(metric.name)
    return figures.total(metric.name if metric.type is MetricType.COUNTER else f"{metric.name}_count") > 0


def unwitnessed(figures: Figures, claimed: Iterable[str]) -> tuple[str, ...]:
    """Return the metrics that moved and that nobody has claimed anything of; `claimed` are names of samples."""
    known = {name for sample in claimed for name in (sample, sample.rpartition("_")[0])}
    return tuple(metric.name for metric in CONTRACT.metrics if metric.name not in known and moved(metric, figures))


def still(
    figures: Figures, seconds: float, *, redis: bool, mysql: bool, errors: bool = True
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the metrics that did not move: those with an excuse, and which, and those that have none.

    `seconds` is how long there was traffic; `redis` and `mysql` tell whether there were such servers, `errors` whether
    anybody knows of one.
    """
    without = "there is no server"
    excuses = dict(_SELDOM)
    excuses |= dict.fromkeys(_OF_REDIS, without) if not redis else {}
    excuses |= dict.fromkeys(_OF_MYSQL, without) if not mysql else {}
    excuses |= {} if errors else {"techsapo_errors_total": "nothing went wrong"}
    excuses |= dict.fromkeys(_OF_BOTH, without) if not (redis or mysql) else {}
    unmoved = [metric.name for metric in CONTRACT.metrics if not moved(metric, figures)]
    if seconds < _ENOUGH_SECONDS:
        excuses = dict.fromkeys(unmoved, "there was little time") | excuses
    excused = {name: excuses[name] for name in unmoved if name in excuses}
    return excused, tuple(name for name in unmoved if name not in excuses)
