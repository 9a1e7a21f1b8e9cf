"""The process and its interpreter.

The `nodejs_*` names stay for dashboards that exist. In a Python process they carry CPython's equivalents: resident
memory, memory in use by objects, the lag of the asyncio loop, pauses of the garbage collector.
"""

from types import MappingProxyType

from telemetry.contract.domains import CLASS_NAME, Bounded, Enum
from telemetry.contract.model import Combine, Label, Metric, MetricType, Take, View
from telemetry.contract.sources import Constant, attribute

_COMPONENT = Label("component", Bounded(16, known=("process", "container", "redis", "mysql")))
_FROM_COMPONENT = MappingProxyType({"component": attribute("component")})

METRICS = (
    Metric(
        name="nodejs_heap_size_total_bytes",
        type=MetricType.GAUGE,
        description="Memory that the runtime holds. In CPython: resident memory of the process.",
        meaning=(
            "Resident memory of the process, in Node.js the size of V8's heap. A steady rise over days is a leak; "
            "compare with the limit of techsapo_memory_limit_bytes."
        ),
        unit="By",
        combine=Combine.SUM,
        # What a Node.js process tells of V8's heap, under a name of its time, goes before its resident memory: the
        # Collector takes the first of these that comes, and does not add them up.
        views=(View(("v8js.memory.heap.space.size", "v8js.memory.heap.limit", "process.memory.usage"), Take.SUM),),
    ),
    Metric(
        name="nodejs_heap_size_used_bytes",
        type=MetricType.GAUGE,
        description="Memory in use by objects of the runtime. In CPython: what its allocator and malloc gave out.",
        meaning=(
            "Memory that objects really hold, at most the total. Where it falls and the total does not, memory is "
            "fragmented, or not given back yet; where both rise, something is kept. Where the allocators do not tell "
            "(another C library than glibc, another malloc, a free-threaded interpreter) it is what is resident and "
            "not shared."
        ),
        unit="By",
        combine=Combine.SUM,
        views=(View(("v8js.memory.heap.used", "techsapo.runtime.heap.used"), Take.SUM),),
    ),
    Metric(
        name="nodejs_eventloop_lag_seconds",
        type=MetricType.HISTOGRAM,
        description="How late the event loop runs what is due. In CPython: the asyncio loop.",
        meaning=(
            "How late the loop comes to what is due: everything asynchronous waits as long. Above some milliseconds "
            "the processor is short, above some hundred there is a blocking call in a coroutine. A timer looks four "
            "times a second: a block counts once, by what was left of it when the timer was due."
        ),
        unit="s",
        boundaries=(0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0),
        views=(View(("techsapo.runtime.eventloop.lag",), Take.DISTRIBUTION),),
    ),
    Metric(
        name="nodejs_gc_duration_seconds",
        type=MetricType.HISTOGRAM,
        description="Pauses for garbage collection. In CPython: from gc.callbacks' start to stop.",
        meaning=(
            "Pauses in which nothing else of the process runs. Long ones come from many long-lived objects; they show "
            "up as event loop lag, too."
        ),
        unit="s",
        boundaries=(0.0001, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0),
        views=(View(("techsapo.runtime.gc.duration", "v8js.gc.duration"), Take.DISTRIBUTION),),
    ),
    Metric(
        name="techsapo_memory_usage_bytes",
        type=MetricType.GAUGE,
        description="Memory in use, by component.",
        meaning=(
            "What each component takes. Compare `container` with its limit within an instance: that is what the "
            "kernel kills by, without the page cache that it takes back first. All processes of a container tell the "
            "same figure for it, so take the largest, never the sum."
        ),
        unit="By",
        labels=(_COMPONENT,),
        combine=Combine.SUM,
        views=(
            View(("techsapo.memory.usage",), Take.SUM, _FROM_COMPONENT),
            View(("process.memory.usage",), Take.SUM, MappingProxyType({"component": Constant("process")})),
        ),
    ),
    Metric(
        name="techsapo_memory_limit_bytes",
        type=MetricType.GAUGE,
        description="Memory limit, by component: that of the control group, else of the machine.",
        meaning=(
            "Of `container` the limit that the kernel enforces on the control group or one above it, whichever is "
            "tightest; of `process` the same, or the machine's memory where that is less or no group has a limit. It "
            "changes with a deployment only."
        ),
        unit="By",
        labels=(_COMPONENT,),
        combine=Combine.MAX,
        views=(View(("techsapo.memory.limit",), Take.LAST, _FROM_COMPONENT),),
    ),
    Metric(
        name="techsapo_queue_size",
        type=MetricType.GAUGE,
        description="Entries that wait in a queue.",
        meaning=(
            "What waits. A queue that does not come back to 0 between peaks is served too slowly; one that stands at "
            "its bound is losing, or makes callers wait."
        ),
        unit="{item}",
        labels=(Label("queue_name", Bounded(32)),),
        combine=Combine.MAX,
        views=(View(("techsapo.queue.size",), Take.LAST, MappingProxyType({"queue_name": attribute("queue_name")})),),
    ),
    Metric(
        name="techsapo_errors_total",
        type=MetricType.COUNTER,
        description="Errors of the application, each counted once.",
        meaning=(
            "Errors, each once, however many layers saw it. Look at new values of error_type after a deployment; "
            "`critical` ended a process or a thread."
        ),
        unit="{error}",
        labels=(
            Label("error_type", Bounded(64, pattern=CLASS_NAME)),
            Label("severity", Enum(("critical", "error", "warning", "info"))),
            Label("service", Bounded(32)),
        ),
        views=(
            View(
                ("techsapo.errors",),
                Take.SUM,
                MappingProxyType(
                    {
                        "error_type": attribute("error_type", "error.type"),
                        "severity": attribute("severity"),
                        "service": attribute("service"),
                    }
                ),
            ),
        ),
    ),
    Metric(
        name="techsapo_circuit_breaker_state",
        type=MetricType.GAUGE,
        description="1 for the state that a circuit breaker is in, 0 for the two others.",
        meaning=(
            "`open` means that calls to the service are not even tried; `half_open` that one is tried now. One that "
            "goes to and fro has a service that answers sometimes."
        ),
        unit="1",
        labels=(Label("service", Bounded(32)), Label("state", Enum(("open", "half_open", "closed")))),
        combine=Combine.STATE,
        one_hot="state",
        views=(
            View(
                ("techsapo.circuit_breaker.state",),
                Take.LAST,
                MappingProxyType({"service": attribute("service"), "state": attribute("state")}),
            ),
        ),
    ),
)
