"""Processes, memory, the event loop, connections, queues and circuit breakers."""

from typing import Final

from monitoring.dashboards import promql, ranking
from monitoring.dashboards.model import Panel, Query, Row, Step, Unit
from monitoring.dashboards.palette import BAD, GOOD, WARNING
from monitoring.dashboards.signals import Signals
from monitoring.rules.first_layer import BREAKER

_LAG: Final = "nodejs_eventloop_lag_seconds"
_GC: Final = "nodejs_gc_duration_seconds"
_USAGE: Final = "techsapo_memory_usage_bytes"
_CONNECTIONS: Final = "techsapo_active_connections"
_QUEUE: Final = "techsapo_queue_size"
_BREAKER: Final = "techsapo_circuit_breaker_state"


def row(signals: Signals) -> Row:
    """Return the row."""
    return Row(
        "Infrastructure",
        (_near_limit(signals), _memory(), _heap(), _breakers(), _lag(), _connections(), _pauses(), _queues()),
    )


def breakers_open(width: int, height: int) -> Panel:
    """Return how many circuit breakers are not closed."""
    open_ = promql.level(_BREAKER, 'state=~"open|half_open"', by=("service",))
    return Panel(
        "stat",
        "Breakers open",
        "Circuit breakers that are open or half open: calls to that service are not tried, or one is tried now.",
        (Query(f"sum({open_})", "breakers open"),),
        Unit.NUMBER,
        "no breakers",
        width,
        height,
        decimals=0,
        steps=(Step(None, GOOD), Step(1, WARNING)),
        least=0,
    )


def _near_limit(signals: Signals) -> Panel:
    return Panel(
        "timeseries",
        "Memory of its limit",
        "The instance nearest to its limit, by component: memory and limit are compared within an instance. At the "
        "limit the kernel ends the process. The eight components nearest to it.",
        (Query(ranking.highest(8, signals.memory(), "component"), "{{component}}"),),
        Unit.SHARE,
        "no process tells its memory",
        8,
        limit=signals.limit("MemoryNearLimit", "memory_near_limit"),
        least=0,
        most=1,
    )


def _memory() -> Panel:
    by = ("component",)
    usage = f"max by (component) (max without (lane) ({promql.selector(_USAGE)}))"
    limit = promql.level("techsapo_memory_limit_bytes", by=by)
    return Panel(
        "timeseries",
        "Memory in use",
        "The largest instance, by component, and the limit; the eight largest. All processes of a container "
        "tell the same figure of it.",
        (
            Query(promql.largest(8, usage, _USAGE, *by), "{{component}}"),
            Query(promql.largest(8, limit, _USAGE, *by), "limit of {{component}}", vmui=False),
        ),
        Unit.BYTES,
        "no process tells its memory",
        8,
        least=0,
    )


def _heap() -> Panel:
    return Panel(
        "timeseries",
        "Heap, all processes",
        "Memory that the runtimes hold, and what of it objects use. Total without used is fragmented or not given "
        "back; a steady rise of both is a leak.",
        (
            Query(promql.level("nodejs_heap_size_total_bytes"), "held"),
            Query(promql.level("nodejs_heap_size_used_bytes"), "used"),
        ),
        Unit.BYTES,
        "no process tells its heap",
        8,
        least=0,
    )


def _breakers() -> Panel:
    return Panel(
        "state-timeline",
        "Circuit breakers",
        "The state of each service's breaker; where processes differ, the worst. One that goes to and fro has a "
        "service that answers sometimes.",
        (Query(f"max by (service) ({promql.selector(_BREAKER, name=BREAKER)})", "{{service}}"),),
        Unit.NUMBER,
        "no breakers",
        8,
        decimals=0,
        steps=(Step(0, GOOD, "closed"), Step(1, WARNING, "half open"), Step(2, BAD, "open")),
    )


def _lag() -> Panel:
    return Panel(
        "timeseries",
        "Event loop lag",
        "How late the event loop runs what is due. Some milliseconds are a busy processor, some hundred a blocking "
        "call in a coroutine.",
        tuple(Query(promql.quantile(share, _LAG), f"p{share * 100:.0f}") for share in (0.5, 0.99)),
        Unit.LATENCY,
        "no process tells its lag",
        8,
        decimals=1,
        least=0,
    )


def _connections() -> Panel:
    active = promql.level(_CONNECTIONS, by=("connection_type",))
    return Panel(
        "timeseries",
        "Work under way",
        "HTTP requests being served, open WebSockets, connections of pools that are in use; and those of the Redis "
        "pool, idle ones included. The eight largest kinds of the range.",
        (
            Query(promql.largest(8, active, _CONNECTIONS, "connection_type"), "{{connection_type}}"),
            Query(promql.level("techsapo_redis_connection_pool_size"), "Redis pool"),
        ),
        Unit.NUMBER,
        "no process tells its connections",
        8,
        decimals=0,
        least=0,
    )


def _pauses() -> Panel:
    return Panel(
        "timeseries",
        "Time in garbage collection",
        "Share of the time in which nothing else ran, all processes together.",
        (Query(promql.per_second(f"{_GC}_sum"), "share of time"),),
        Unit.SHARE,
        "no process tells its pauses",
        8,
        decimals=2,
        least=0,
    )


def _queues() -> Panel:
    size = promql.level(_QUEUE, by=("queue_name",))
    return Panel(
        "timeseries",
        "Queues",
        "What waits. A queue that does not come back to 0 between peaks is served too slowly. The eight longest of "
        "the range.",
        (Query(promql.largest(8, size, _QUEUE, "queue_name"), "{{queue_name}}"),),
        Unit.NUMBER,
        "no queues",
        8,
        decimals=0,
        least=0,
    )
