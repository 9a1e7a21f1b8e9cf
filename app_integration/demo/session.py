"""The course of a demo: start what is needed, send, watch, compare, and leave nothing behind."""

import asyncio
import signal
from collections.abc import Sequence

from app_integration.demo import staging
from app_integration.demo.comparison import Claim, Row, compare, equal, is_counter
from app_integration.demo.figures import Figures
from app_integration.demo.moment import Window
from app_integration.demo.movement import still, unwitnessed
from app_integration.demo.options import Options
from app_integration.demo.outcome import Outcome
from app_integration.demo.processes import DemoError
from app_integration.demo.prometheus_receiver import PrometheusReceiver
from app_integration.demo.receiver import Receiver
from app_integration.demo.scenarios import act
from app_integration.demo.staging import Staging
from app_integration.demo.views import View
from app_integration.demo.witnesses import ERRORS

_SETTLE_SECONDS = 10.0
_LOOK_SECONDS = 1.0


async def run(options: Options, view: View) -> Outcome:
    """Run a demo to its end, or until SIGINT, SIGTERM or SIGHUP, and return the comparison.

    Raises:
        DemoError: something that is needed is not there, did not start, or ended before its time.
        Interrupted: a signal came before the traffic began.
    """
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    try:
        async with staging.running(options, view, stopping) as staged:
            view.begin(staging.announcement(options, staged))
            begun = asyncio.get_running_loop().time()
            acting = asyncio.create_task(act(staged.scenario, staged.stage, options.quarter, stopping))
            seconds = await _send(staged, options, view, stopping)
            await acting
            view.end()
            view.progress("waiting for the last figures")
            rows, figures = await _settled(staged, options)
            heard = staged.heard()
            view.progress("stopping everything")
    finally:
        view.end()
    stores = staged.stores
    excused, unmoved = still(
        figures,
        seconds,
        redis=stores.redis is not None,
        mysql=stores.mariadb is not None,
        errors=any(row.sent for row in rows if row.metric == ERRORS),
    )
    return Outcome(
        mode=options.mode,
        scenario=options.scenario,
        seconds=seconds,
        requests=staged.tally.requests.total(),
        rows=tuple(rows),
        notes=stores.notes,
        excused=excused,
        unmoved=unmoved,
        unwitnessed=unwitnessed(figures, {row.metric for row in rows}),
        unknown=tuple(staged.tally.unknown),
        heard=heard,
        begun=begun,
    )


async def _send(staged: Staging, options: Options, view: View, stopping: asyncio.Event) -> float:
    """Send and show until the end; return how many seconds that was."""
    loop = asyncio.get_running_loop()
    begun = loop.time()
    if options.seconds is not None:
        loop.call_later(options.seconds, stopping.set)
    sending = asyncio.create_task(staged.traffic.run(stopping))
    window = Window()
    figures = Figures()
    try:
        while True:
            ended, _ = await asyncio.wait({sending}, timeout=_LOOK_SECONDS)
            staged.check()
            try:
                figures = await staged.receiver.newest()
                told = staged.receiver.described()
            except DemoError as error:
                told = str(error)
            view.show(window.moment(loop.time() - begun, figures, told, staged.heard()))
            if ended:
                await sending
                return loop.time() - begun
    finally:
        sending.cancel()


async def _settled(staged: Staging, options: Options) -> tuple[list[Row], Figures]:
    """Compare until all is equal: the application may still be busy with what nobody waited for. For some seconds."""
    loop = asyncio.get_running_loop()
    # A last push, and a scrape after it.
    end = loop.time() + _SETTLE_SECONDS + 2 * options.interval
    while True:
        staged.check()
        claims = await staged.witnesses.claims()
        try:
            rows, figures = await _compared(claims, staged.receiver)
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
