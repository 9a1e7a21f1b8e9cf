"""The course of a demo: start what is needed, send, watch, compare, and leave nothing behind."""

import asyncio
import secrets
import signal
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import httpx

from app_integration.demo import application, mariadb_server, redis_server
from app_integration.demo.comparison import Claim, Row, compare, equal, is_counter
from app_integration.demo.delivery import Delivery, collector_programs, through_the_collector, to_this_process
from app_integration.demo.figures import Figures
from app_integration.demo.moment import Window
from app_integration.demo.outcome import Outcome
from app_integration.demo.processes import Child, DemoError, temporary_directory
from app_integration.demo.prometheus_receiver import PrometheusReceiver
from app_integration.demo.receiver import Page, Receiver
from app_integration.demo.tally import Tally
from app_integration.demo.traffic import Traffic
from app_integration.demo.views import Announcement, View
from telemetry.contract import CONTRACT
from telemetry.contract.networks import client_ip_buckets

Mode = Literal["embedded", "otlp", "collector"]

_START_SECONDS = 60.0
_SETTLE_SECONDS = 10.0
_LOOK_SECONDS = 1.0
_SEED = 20_260_101


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for: `seconds` None goes on until a signal, `rate` is in requests a second."""

    mode: Mode
    seconds: float | None
    rate: float


@dataclass(frozen=True, slots=True)
class Stores:
    """The servers that were started, and what is said of those that were not."""

    redis: redis_server.RedisServer | None
    mariadb: mariadb_server.MariaDbServer | None
    notes: tuple[str, ...]

    async def claims(self) -> list[Claim]:
        """Return what the servers themselves have counted."""
        return [claim for store in (self.redis, self.mariadb) if store for claim in await store.claims()]


async def run(options: Options, view: View) -> Outcome:
    """Run a demo to its end, or until SIGINT, SIGTERM or SIGHUP, and return the comparison.

    Raises:
        DemoError: something that is needed is not there, did not start, or ended before its time.
        Interrupted: a signal came before the traffic began.
    """
    programs = collector_programs() if options.mode == "collector" else None
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    async with AsyncExitStack() as stack:
        stack.callback(view.end)
        directory = await stack.enter_async_context(temporary_directory())
        client = await stack.enter_async_context(httpx.AsyncClient(trust_env=False))
        stores = await _start_stores(stack, directory, view, stopping)
        salt = secrets.token_hex(16)
        delivery: Delivery | None = None
        if programs is not None:
            delivery = await through_the_collector(
                stack,
                programs,
                directory,
                client,
                salt=salt,
                deadline=_START_SECONDS,
                view=view,
                stopping=stopping,
            )
        elif options.mode == "otlp":
            delivery = to_this_process(stack)
        view.progress("starting the reference app")
        limit, window = application.rate_limit(options.rate)
        app = await stack.enter_async_context(
            application.running(
                directory,
                variables={
                    "REFERENCE_APP_REDIS_URL": stores.redis.url if stores.redis else "",
                    "REFERENCE_APP_MYSQL_URL": stores.mariadb.url if stores.mariadb else "",
                    "REFERENCE_APP_RATE_LIMIT": str(limit),
                    "REFERENCE_APP_RATE_WINDOW_SECONDS": str(window),
                },
                destination=delivery.destination if delivery else None,
                salt=salt,
                deadline=_START_SECONDS,
                stopping=stopping,
            )
        )
        receiver = delivery.receiver if delivery else Page(app.page or "", client)
        children = (app.child, *(delivery.children if delivery else ()))
        tally = Tally(client_ip_buckets(salt.encode()).bucket, "redis" if stores.redis else "memory")
        addresses = {"app": app.url}
        if programs is None:
            # Beside the addresses of a Collector and a Prometheus 24 lines have no room for it.
            addresses["docs"] = f"{app.url}/docs"
        addresses |= delivery.addresses if delivery else {"metrics": app.page or ""}
        view.begin(Announcement(options.mode, options.seconds, addresses, stores.notes))
        traffic = Traffic(app.url, tally, options.rate, _SEED)
        stack.push_async_callback(traffic.close)
        seconds = await _send(traffic, options, children, receiver, view, stopping)
        view.end()
        view.progress("waiting for the last figures")
        rows, figures = await _settled(tally, stores, children, receiver)
        view.progress("stopping everything")
    absent = tuple(metric.name for metric in CONTRACT.metrics if not figures.has(metric.name))
    return Outcome(
        mode=options.mode,
        seconds=seconds,
        requests=tally.requests.total(),
        rows=tuple(rows),
        notes=stores.notes,
        absent=absent,
        unknown=tuple(tally.unknown),
    )


async def _start_stores(stack: AsyncExitStack, directory: Path, view: View, stopping: asyncio.Event) -> Stores:
    notes = []
    redis = mariadb = None
    try:
        if (program := redis_server.program()) is None:
            raise DemoError(redis_server.MISSING)
        view.progress("starting Redis")
        redis = await stack.enter_async_context(redis_server.running(program, directory, _START_SECONDS, stopping))
    except DemoError as error:
        notes.append(f"{error}: cache and rate limits are in memory.")
    try:
        if (programs := mariadb_server.programs()) is None:
            raise DemoError(mariadb_server.MISSING)
        view.progress("installing and starting MariaDB: some seconds")
        starting = mariadb_server.running(programs, directory, _START_SECONDS, stopping)
        mariadb = await stack.enter_async_context(starting)
    except DemoError as error:
        notes.append(f"{error}: the history is in memory.")
    return Stores(redis, mariadb, tuple(notes))


async def _send(
    traffic: Traffic,
    options: Options,
    children: Sequence[Child],
    receiver: Receiver,
    view: View,
    stopping: asyncio.Event,
) -> float:
    """Send and show until the end; return how many seconds that was."""
    loop = asyncio.get_running_loop()
    begun = loop.time()
    if options.seconds is not None:
        loop.call_later(options.seconds, stopping.set)
    sending = asyncio.create_task(traffic.run(stopping))
    window = Window()
    figures = Figures()
    try:
        while True:
            ended, _ = await asyncio.wait({sending}, timeout=_LOOK_SECONDS)
            _check(children)
            try:
                figures = await receiver.newest()
                told = receiver.described()
            except DemoError as error:
                told = str(error)
            view.show(window.moment(loop.time() - begun, figures, told))
            if ended:
                await sending
                return loop.time() - begun
    finally:
        sending.cancel()


async def _settled(
    tally: Tally, stores: Stores, children: Sequence[Child], receiver: Receiver
) -> tuple[list[Row], Figures]:
    """Compare until all is equal: the application may still be busy with what nobody waited for. For some seconds."""
    loop = asyncio.get_running_loop()
    end = loop.time() + _SETTLE_SECONDS
    while True:
        _check(children)
        claims = [*tally.claims(), *await stores.claims()]
        try:
            rows, figures = await _compared(claims, receiver)
        except DemoError:
            if loop.time() > end:
                raise
        else:
            if equal(rows) or loop.time() > end:
                return rows, figures
        await asyncio.sleep(0.2)


async def _compared(claims: Sequence[Claim], receiver: Receiver) -> tuple[list[Row], Figures]:
    figures = await receiver.newest()
    growth = None
    if isinstance(receiver, PrometheusReceiver):
        growth = await receiver.growth({claim.metric for claim in claims if is_counter(claim.metric)})
    return compare(claims, figures, growth), figures


def _check(children: Sequence[Child]) -> None:
    for child in children:
        if not child.running:
            raise child.ended()
