"""The course of a demo: start what is needed, send, watch, compare, and leave nothing behind."""

import asyncio
import secrets
import signal
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import httpx

from app_integration.demo import application, mariadb_server, redis_server
from app_integration.demo.application import Application
from app_integration.demo.comparison import Claim, Row, compare, equal
from app_integration.demo.figures import Figures
from app_integration.demo.moment import Window
from app_integration.demo.outcome import Outcome
from app_integration.demo.processes import DemoError, temporary_directory
from app_integration.demo.receiver import OtlpReceiver, Page, Receiver
from app_integration.demo.tally import Tally
from app_integration.demo.traffic import Traffic
from app_integration.demo.views import Announcement, View
from telemetry.contract import CONTRACT
from telemetry.contract.networks import client_ip_buckets

Mode = Literal["embedded", "otlp"]

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
        DemoError: the application did not start, or ended before its time.
        Interrupted: a signal came before the traffic began.
    """
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    async with AsyncExitStack() as stack:
        stack.callback(view.end)
        directory = await stack.enter_async_context(temporary_directory())
        stores = await _start_stores(stack, directory, view, stopping)
        view.progress("starting the reference app")
        salt = secrets.token_hex(16)
        pushed = stack.enter_context(OtlpReceiver()) if options.mode == "otlp" else None
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
                otlp_endpoint=pushed.endpoint if pushed else None,
                salt=salt,
                deadline=_START_SECONDS,
                stopping=stopping,
            )
        )
        client = await stack.enter_async_context(httpx.AsyncClient(trust_env=False))
        receiver: Receiver = pushed or Page(app.page or "", client)
        tally = Tally(client_ip_buckets(salt.encode()).bucket, "redis" if stores.redis else "memory")
        addresses = {"app": app.url, "docs": f"{app.url}/docs"}
        addresses["metrics"] = app.page or f"pushed each second to {pushed.endpoint if pushed else ''}/v1/metrics"
        view.begin(Announcement(options.mode, options.seconds, addresses, stores.notes))
        traffic = Traffic(app.url, tally, options.rate, _SEED)
        stack.push_async_callback(traffic.close)
        seconds = await _send(traffic, options, app, receiver, view, stopping)
        view.end()
        view.progress("waiting for the last figures")
        rows, figures = await _settled(tally, stores, receiver)
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
    traffic: Traffic, options: Options, app: Application, receiver: Receiver, view: View, stopping: asyncio.Event
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
            if not app.child.running:
                raise app.child.ended()
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


async def _settled(tally: Tally, stores: Stores, receiver: Receiver) -> tuple[list[Row], Figures]:
    """Compare until all is equal: the application may still be busy with what nobody waited for. For some seconds."""
    loop = asyncio.get_running_loop()
    end = loop.time() + _SETTLE_SECONDS
    while True:
        figures = await receiver.newest()
        rows = compare([*tally.claims(), *await stores.claims()], figures)
        if equal(rows) or loop.time() > end:
            return rows, figures
        await asyncio.sleep(0.2)
