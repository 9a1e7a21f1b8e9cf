"""Redis, MySQL and the cache. Source: OpenTelemetry semantic conventions for database client metrics."""

from types import MappingProxyType

from telemetry.contract.domains import COMMAND, Bounded, Enum
from telemetry.contract.model import Combine, Label, Metric, MetricType, Ratio, Take, View
from telemetry.contract.shared_labels import FROM_RESULT, RESULT_STATUS
from telemetry.contract.sources import attribute

_DURATION = ("db.client.operation.duration",)
_FROM_OPERATION = attribute("db.operation.name")

_COMMANDS = ("GET", "SET", "SETEX", "DEL", "EXISTS", "EXPIRE", "INCR", "INCRBY", "MGET", "TTL", "PING", "EVAL")

_QUERY_TYPES = Enum(
    ("select", "insert", "update", "delete", "replace", "ddl", "transaction", "other"),
    aliases=MappingProxyType(
        {
            **dict.fromkeys(("create", "alter", "drop", "truncate", "rename"), "ddl"),
            **dict.fromkeys(("begin", "start", "commit", "rollback", "savepoint", "release"), "transaction"),
            "start transaction": "transaction",
        }
    ),
    ignore_case=True,
)

_CACHE_TYPE = Label("cache_type", Bounded(16, known=("redis", "memory", "response", "embedding")))

METRICS = (
    Metric(
        name="techsapo_redis_operations_total",
        type=MetricType.COUNTER,
        description="Redis commands, by their outcome.",
        unit="{operation}",
        labels=(
            Label("operation", Bounded(64, pattern=COMMAND, known=_COMMANDS, upper_case=True)),
            RESULT_STATUS,
        ),
        views=(
            View(
                _DURATION,
                Take.COUNT,
                MappingProxyType({"operation": _FROM_OPERATION, "status": FROM_RESULT}),
                where=MappingProxyType({"db.system.name": ("redis",)}),
            ),
        ),
    ),
    Metric(
        name="techsapo_redis_connection_pool_size",
        type=MetricType.GAUGE,
        description="Connections that the process's Redis pools hold, idle and in use.",
        unit="{connection}",
        combine=Combine.SUM,
        views=(
            View(
                ("db.client.connection.count",),
                Take.SUM,
                where=MappingProxyType({"db.system.name": ("redis",)}),
            ),
        ),
    ),
    Metric(
        name="techsapo_redis_connection_failures_total",
        type=MetricType.COUNTER,
        description="Failures to connect to Redis, and commands lost to a broken connection.",
        unit="{failure}",
        views=(View(("techsapo.redis.connection.failures",), Take.SUM),),
    ),
    Metric(
        name="techsapo_mysql_queries_total",
        type=MetricType.COUNTER,
        description="MySQL statements, by their kind and outcome.",
        unit="{query}",
        labels=(Label("query_type", _QUERY_TYPES), RESULT_STATUS),
        views=(
            View(
                _DURATION,
                Take.COUNT,
                MappingProxyType({"query_type": _FROM_OPERATION, "status": FROM_RESULT}),
                where=MappingProxyType({"db.system.name": ("mysql", "mariadb")}),
            ),
        ),
    ),
    Metric(
        name="techsapo_db_operation_duration_seconds",
        type=MetricType.HISTOGRAM,
        description="Duration of database operations, as the client sees it.",
        unit="s",
        labels=(
            Label("system", Enum(("redis", "mysql"), aliases=MappingProxyType({"mariadb": "mysql"}))),
            Label("operation", Bounded(64, pattern=COMMAND, known=_COMMANDS, upper_case=True)),
        ),
        boundaries=(0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0),
        series_limit=500,
        views=(
            View(
                _DURATION,
                Take.DISTRIBUTION,
                MappingProxyType({"system": attribute("db.system.name"), "operation": _FROM_OPERATION}),
                where=MappingProxyType({"db.system.name": ("redis", "mysql", "mariadb")}),
            ),
        ),
    ),
    Metric(
        name="techsapo_cache_hit_ratio",
        type=MetricType.GAUGE,
        description="Share of cache look-ups that found something since the start, from 0 to 1.",
        unit="1",
        labels=(_CACHE_TYPE,),
        combine=Combine.RATIO,
        ratio=Ratio("techsapo_cache_requests_total", label="result", value="hit"),
        views=(),
    ),
    Metric(
        name="techsapo_cache_requests_total",
        type=MetricType.COUNTER,
        description="Cache look-ups, by whether they found something.",
        unit="{request}",
        labels=(_CACHE_TYPE, Label("result", Enum(("hit", "miss")))),
        views=(
            View(
                ("techsapo.cache.requests",),
                Take.SUM,
                MappingProxyType({"cache_type": attribute("cache_type"), "result": attribute("result")}),
            ),
        ),
    ),
)
