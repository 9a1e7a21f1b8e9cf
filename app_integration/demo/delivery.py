"""Where figures are pushed to: a receiver in this process, the Collector and from there Prometheus, or the stack."""

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx

from app_integration.demo import collector_server, prometheus_server, stack
from app_integration.demo.options import Options
from app_integration.demo.processes import Child
from app_integration.demo.prometheus_receiver import PrometheusReceiver
from app_integration.demo.receiver import Destination, OtlpReceiver, Receiver
from app_integration.demo.source_tree import programs
from app_integration.demo.stack import Stack
from app_integration.demo.views import View


@dataclass(frozen=True, slots=True)
class Delivery:
    """What the application pushes to, what the figures are read from, and the processes that both depend on.

    `stack` is None where there are no rules.
    """

    destination: Destination
    receiver: Receiver
    addresses: Mapping[str, str]
    children: tuple[Child, ...] = ()
    stack: Stack | None = None


def check_programs(options: Options) -> None:
    """Raise DemoError where a program is not there that the mode needs; it says how it comes there."""
    if options.mode == "collector":
        collector_programs()
    elif options.mode == "stack":
        stack.built()


def collector_programs() -> tuple[Path, Path]:
    """Return where the Collector and Prometheus are. Raises DemoError, which says how they come there."""
    collector, prometheus = programs((collector_server.PROGRAM, prometheus_server.PROGRAM))
    return collector, prometheus


async def delivered(
    exits: AsyncExitStack,
    options: Options,
    directory: Path,
    client: httpx.AsyncClient,
    *,
    salt: str,
    deadline: float,
    view: View,
    stopping: asyncio.Event,
) -> Delivery | None:
    """Start what the mode has for figures that are pushed; None where they are scraped from the application's page.

    Raises DemoError and Interrupted, as `until_ready`.
    """
    if options.mode == "embedded":
        return None
    if options.mode == "otlp":
        return _to_this_process(exits)
    if options.mode == "collector":
        return await _through_the_collector(
            exits, options, directory, client, salt=salt, deadline=deadline, view=view, stopping=stopping
        )
    whole = await exits.enter_async_context(
        stack.running(
            stack.built(),
            directory,
            salt=salt,
            pace=options.pace,
            deadline=deadline,
            stopping=stopping,
            progress=view.progress,
        )
    )
    receiver = PrometheusReceiver(whole.prometheus.url, client)
    return Delivery(whole.collector.destination, receiver, whole.addresses, whole.children, whole)


def _to_this_process(exits: AsyncExitStack) -> Delivery:
    receiver = exits.enter_context(OtlpReceiver())
    pushed = f"pushed each second to {receiver.endpoint}/v1/metrics"
    return Delivery(Destination(receiver.endpoint), receiver, {"metrics": pushed})


async def _through_the_collector(
    exits: AsyncExitStack,
    options: Options,
    directory: Path,
    client: httpx.AsyncClient,
    *,
    salt: str,
    deadline: float,
    view: View,
    stopping: asyncio.Event,
) -> Delivery:
    program, prometheus_program = collector_programs()
    view.progress("starting the Collector")
    collector = await exits.enter_async_context(
        collector_server.running(program, directory, salt=salt, deadline=deadline, stopping=stopping)
    )
    view.progress("starting Prometheus")
    prometheus = await exits.enter_async_context(
        prometheus_server.running(
            prometheus_program,
            directory,
            collector,
            interval=options.interval,
            deadline=deadline,
            stopping=stopping,
        )
    )
    addresses = {"collector": f"http://{collector.page}/metrics", "prometheus": prometheus.console}
    receiver = PrometheusReceiver(prometheus.url, client)
    return Delivery(collector.destination, receiver, addresses, (collector.child, prometheus.child))
