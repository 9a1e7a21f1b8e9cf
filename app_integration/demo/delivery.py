"""Where the figures are pushed to: a receiver in this process, or the Collector, and from there into Prometheus."""

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx

from app_integration.demo import collector_server, prometheus_server
from app_integration.demo.processes import Child
from app_integration.demo.prometheus_receiver import PrometheusReceiver
from app_integration.demo.receiver import Destination, OtlpReceiver, Receiver
from app_integration.demo.source_tree import programs
from app_integration.demo.views import View


@dataclass(frozen=True, slots=True)
class Delivery:
    """What the application pushes to, what the figures are read from, and the processes that both depend on."""

    destination: Destination
    receiver: Receiver
    addresses: Mapping[str, str]
    children: tuple[Child, ...] = ()


def to_this_process(stack: AsyncExitStack) -> Delivery:
    """Start a plain OTLP receiver."""
    receiver = stack.enter_context(OtlpReceiver())
    pushed = f"pushed each second to {receiver.endpoint}/v1/metrics"
    return Delivery(Destination(receiver.endpoint), receiver, {"metrics": pushed})


def collector_programs() -> tuple[Path, Path]:
    """Return where the Collector and Prometheus are. Raises DemoError, which says how they come there."""
    collector, prometheus = programs((collector_server.PROGRAM, prometheus_server.PROGRAM))
    return collector, prometheus


async def through_the_collector(
    stack: AsyncExitStack,
    programs: tuple[Path, Path],
    directory: Path,
    client: httpx.AsyncClient,
    *,
    salt: str,
    deadline: float,
    view: View,
    stopping: asyncio.Event,
) -> Delivery:
    """Start a Collector, and a Prometheus that scrapes it. Raises DemoError and Interrupted, as `until_ready`."""
    program, prometheus_program = programs
    view.progress("starting the Collector")
    collector = await stack.enter_async_context(
        collector_server.running(program, directory, salt=salt, deadline=deadline, stopping=stopping)
    )
    view.progress("starting Prometheus")
    prometheus = await stack.enter_async_context(
        prometheus_server.running(prometheus_program, directory, collector, deadline=deadline, stopping=stopping)
    )
    addresses = {"collector": f"http://{collector.page}/metrics", "prometheus": prometheus.console}
    receiver = PrometheusReceiver(prometheus.url, client)
    return Delivery(collector.destination, receiver, addresses, (collector.child, prometheus.child))
