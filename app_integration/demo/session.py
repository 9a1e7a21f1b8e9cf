"""The course of a demo: start what is needed, send, watch, compare, and leave nothing behind."""

import asyncio
import secrets
import signal
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Literal

import httpx

from app_integration.demo import application
from app_integration.demo.answers import Answers
from app_integration.demo.comparison import Claim, Row, compare, equal, is_counter
from app_integration.demo.credentials import Credentials
from app_integration.demo.delivery import Delivery, collector_programs, through_the_collector, to_this_process
from app_integration.demo.figures import Figures
from app_integration.demo.moment import Window
from app_integration.demo.movement import still, unwitnessed
from app_integration.demo.outcome import Outcome
from app_integration.demo.processes import Child, DemoError, temporary_directory
from app_integration.demo.prometheus_receiver import PrometheusReceiver
from app_integration.demo.providers import Providers, serving
from app_integration.demo.receiver import Page, Receiver
from app_integration.demo.scenarios import SCENARIOS, Stage, act
from app_integration.demo.stores import START_SECONDS, start_stores
from app_integration.demo.tally import Tally
from app_integration.demo.traffic import Traffic
from app_integration.demo.views import Announcement, View
from app_integration.demo.witnesses import Witnesses
from telemetry.contract.networks import client_ip_buckets

Mode = Literal["embedded", "otlp", "collector"]

_SETTLE_SECONDS = 10.0
_LOOK_SECONDS = 1.0
_SEED = 20_260_101


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for: `seconds` None goes on until a signal, `rate` is in requests a second."""

    mode: Mode
    scenario: str
    seconds: float | None
    rate: float


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
        stores = await start_stores(stack, directory, view, stopping)
        scenario = SCENARIOS[options.scenario]
        if scenario.needs_redis and stores.redis is None:
            why = stores.notes[0].partition(":")[0]
            msg = f"there is no Redis to make the trouble of {options.scenario} with: {why}"
            raise DemoError(msg)
        salt = secrets.token_hex(16)
        delivery: Delivery | None = None
        if programs is not None:
            delivery = await through_the_collector(
                stack,
                programs,
                directory,
                client,
                salt=salt,
                deadline=START_SECONDS,
                view=view,
                stopping=stopping,
            )
        elif options.mode == "otlp":
            delivery = to_this_process(stack)
        providers, credentials = Providers(), Credentials()
        providers_url = stack.enter_context(serving(providers))
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
                    **application.analyses(providers_url, str(providers.key_file(directory, providers_url))),
                    **credentials.variables(),
                    **scenario.variables,
                },
                destination=delivery.destination if delivery else None,
                salt=salt,
                deadline=START_SECONDS,
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
        view.begin(Announcement(options.mode, options.scenario, options.seconds, addresses, stores.notes))
        answers = Answers()
        traffic = Traffic(app.url, credentials, tally, answers, options.rate, _SEED, scenario.shares)
        stack.push_async_callback(traffic.close)
        witnesses = Witnesses(tally, answers, providers, stores, app)
        stage = Stage(providers, stores.redis)
        acting = asyncio.create_task(act(scenario, stage, options.seconds, stopping))
        seconds = await _send(traffic, options, children, receiver, view, stopping)
        await acting
        view.end()
        view.progress("waiting for the last figures")
        rows, figures = await _settled(witnesses, children, receiver)
        view.progress("stopping everything")
    excused, unmoved = still(figures, seconds, redis=stores.redis is not None, mysql=stores.mariadb is not None)
    return Outcome(
        mode=options.mode,
        scenario=options.scenario,
        seconds=seconds,
        requests=tally.requests.total(),
        rows=tuple(rows),
        notes=stores.notes,
        excused=excused,
        unmoved=unmoved,
        unwitnessed=unwitnessed(figures, {row.metric for row in rows}),
        unknown=tuple(tally.unknown),
    )


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


async def _settled(witnesses: Witnesses, children: Sequence[Child], receiver: Receiver) -> tuple[list[Row], Figures]:
    """Compare until all is equal: the application may still be busy with what nobody waited for. For some seconds."""
    loop = asyncio.get_running_loop()
    end = loop.time() + _SETTLE_SECONDS
    while True:
        _check(children)
        claims = await witnesses.claims()
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
