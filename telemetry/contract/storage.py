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
        meaning=(
            "Load on Redis as the application makes it, a pipeline counted once. `error` that rises with "
            "techsapo_redis_connection_failures_total is the connection; without it, it is Redis' own refusals "
            "(memory full, wrong type, read-only replica)."
        ),
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
        meaning=(
            "Connections that are open to Redis over all processes: compare with the server's maxclients. A sudden "
            "fall is a server that closed them."
        ),
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
        meaning=(
            "Attempts to connect that failed, and connections lost in use. More than some in five minutes is Redis "
            "down, unreachable or full; cache and rate limiter do without meanwhile."
        ),
        unit="{failure}",
        views=(View(("techsapo.redis.connection.failures",), Take.SUM),),
    ),
    Metric(
        name="techsapo_mysql_queries_total",
        type=MetricType.COUNTER,
        description="MySQL statements, by their kind and outcome.",
        meaning=(
            "Statements as they are sent. Many `transaction` with few others: a client that opens transactions for "
            "nothing. `error` has each failed statement, duplicate keys included."
        ),
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
        meaning=(
            "What the application waits for its databases. When all operations of a system are slower it is the "
            "server or the network, when one is, its query."
        ),
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
        meaning=(
            "Share of look-ups since the process started that found something; it moves slowly in an old process, so "
            "take the rate of techsapo_cache_requests_total for what happens now. Low after a deployment is a cold "
            "cache."
        ),
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
        meaning=(
            "Look-ups that were answered. Misses that rise cost calls of providers, so the cost rises with them. A "
            "look-up that failed is an error instead."
        ),
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
