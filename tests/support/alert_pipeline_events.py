"""Events of the pipeline itself: what its alerts are for, done to a running one."""

import asyncio
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric

from tests.support import otlp_payloads as otlp
from tests.support.alert_events import Event, again_and_again, alert, firing, resolved
from tests.support.alert_stack import AlertStack

DOWN: Final = tuple(alert("TargetDown", "P1", job=job, lane="b") for job in ("services", "collector"))
REFUSING: Final = alert("CollectorRefusing", "P1", job="collector", reason="delta")
NOT_EXPORTING: Final = alert("CollectorExportFailing", "P1", job="collector", failure="send_failed_spans")
NOT_EVALUATED: Final = alert("RuleEvaluationsFailing", "P1", job="prometheus", evaluation="failed")
NOT_NOTIFIED: Final = alert("NotificationsFailing", "P1", job="alertmanager", integration="webhook")

# Both lanes have such a series: which one is meant?
_BAD_RULES: Final = """
groups:
  - name: of-somebody-who-knows-no-lanes
    interval: 1s
    rules:
      - record: job:x:y
        expr: up{lane="a"} * on (job) up{job="services"}
"""


async def lose_a_lane(stack: AlertStack, _: Path, __: AsyncExitStack) -> None:
    """The second Collector is down, and comes back."""
    collector = stack.collectors[1]
    await asyncio.to_thread(collector.stop)
    await firing(stack, *DOWN)
    await asyncio.to_thread(collector.start)
    await resolved(stack, *DOWN)


async def send_deltas(stack: AlertStack, _: Path, __: AsyncExitStack) -> None:
    """A service is deployed that tells only what has changed, which no Prometheus can make a counter of."""

    def send() -> None:
        metric = Metric(name="techsapo_auth_attempts_total")
        metric.sum.is_monotonic, metric.sum.aggregation_temporality = True, otlp.DELTA
        now = time.time_ns()
        point = otlp.Number({"status": "success", "method": "jwt"}, 1, start_ns=now - 1_000_000_000, time_ns=now)
        metric.sum.data_points.append(point.proto())
        stack.collectors[0].post("/v1/metrics", otlp.body(otlp.instance([metric], service="delta")))

    await again_and_again(send, firing(stack, REFUSING))
    await resolved(stack, REFUSING)


async def refuse_traces(stack: AlertStack, _: Path, __: AsyncExitStack) -> None:
    """What traces are forwarded to does not take them, as where its token has expired."""

    def send() -> None:
        traces = ExportTraceServiceRequest()
        traces.resource_spans.add().scope_spans.add().spans.add(name="x", trace_id=b"t" * 16, span_id=b"s" * 8)
        stack.collectors[0].post("/v1/traces", traces.SerializeToString())

    stack.sink.answer(401)
    await again_and_again(send, firing(stack, NOT_EXPORTING))
    stack.sink.behave()
    await resolved(stack, NOT_EXPORTING)


async def deploy_a_bad_rule(stack: AlertStack, _: Path, __: AsyncExitStack) -> None:
    """A rule is added that can be read and not evaluated, and is taken away."""
    file = stack.add_rules("another", _BAD_RULES)
    await firing(stack, NOT_EVALUATED)
    file.unlink()
    stack.reload()
    await resolved(stack, NOT_EVALUATED)


async def refuse_notifications(stack: AlertStack, _: Path, __: AsyncExitStack) -> None:
    """What waits for the watchdog answers 500 for a while; other notifications arrive, this one among them."""
    stack.webhook.refuses = frozenset({"watchdog"})
    await firing(stack, NOT_NOTIFIED)
    stack.webhook.refuses = frozenset()
    await resolved(stack, NOT_NOTIFIED)


EVENTS: Final = (
    Event("lane", DOWN, lose_a_lane),
    Event("deltas", (REFUSING,), send_deltas),
    Event("traces", (NOT_EXPORTING,), refuse_traces),
    Event("rule", (NOT_EVALUATED,), deploy_a_bad_rule),
    Event("notifications", (NOT_NOTIFIED,), refuse_notifications),
)
