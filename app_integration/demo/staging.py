"""Everything that runs during a demo: servers, the application, the way its figures take, and the traffic."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import httpx

from app_integration.demo import application, budget_day
from app_integration.demo.alerts import Heard
from app_integration.demo.answers import Answers
from app_integration.demo.application import Application
from app_integration.demo.credentials import Credentials
from app_integration.demo.delivery import Delivery, check_programs, delivered
from app_integration.demo.options import Options
from app_integration.demo.processes import Child, temporary_directory
from app_integration.demo.providers import Providers, serving
from app_integration.demo.receiver import Page, Receiver
from app_integration.demo.scenarios import SCENARIOS, Scenario
from app_integration.demo.stage import Stage, surroundings
from app_integration.demo.stores import START_SECONDS, Stores, start_stores
from app_integration.demo.tally import Tally
from app_integration.demo.traffic import Traffic
from app_integration.demo.views import Announcement, View
from app_integration.demo.witnesses import Witnesses
from telemetry.contract.networks import client_ip_buckets

_SEED = 20_260_101


@dataclass(frozen=True, slots=True)
class Staging:
    """What runs, before the first request was sent. `delivery` is None where the page is scraped."""

    scenario: Scenario
    stage: Stage
    stores: Stores
    app: Application
    delivery: Delivery | None
    receiver: Receiver
    traffic: Traffic
    tally: Tally
    witnesses: Witnesses

    @property
    def children(self) -> tuple[Child, ...]:
        """The processes without which there are no figures."""
        return (self.app.child, *(self.delivery.children if self.delivery else ()))

    def heard(self) -> Heard | None:
        """Return the alerts that arrived, None where nobody would tell."""
        whole = self.delivery.stack if self.delivery else None
        return whole.alerts.heard() if whole else None

    def check(self) -> None:
        """Raise DemoError where one of them has ended."""
        for child in self.children:
            if not child.running:
                raise child.ended()


@asynccontextmanager
async def running(options: Options, view: View, stopping: asyncio.Event) -> AsyncIterator[Staging]:
    """Start everything, and stop it at the end, whatever happens in between.

    Raises:
        DemoError: something that is needed is not there, or did not start.
        Interrupted: `stopping` was set meanwhile.
    """
    check_programs(options)
    async with AsyncExitStack() as exits:
        directory = await exits.enter_async_context(temporary_directory())
        client = await exits.enter_async_context(httpx.AsyncClient(trust_env=False))
        stores = await start_stores(exits, directory, view, stopping)
        scenario = SCENARIOS[options.scenario]
        around = await surroundings(exits, options.scenario, scenario.needs, stores, directory)
        salt = secrets.token_hex(16)
        delivery = await delivered(
            exits, options, directory, client, salt=salt, deadline=START_SECONDS, view=view, stopping=stopping
        )
        providers, credentials = Providers(), Credentials()
        providers_url = exits.enter_context(serving(providers))
        view.progress("starting the reference app")
        ends_day = scenario.spends_budget and options.mode == "stack"
        short_day = budget_day.variables(directory, options) if ends_day else {}
        limit, window = application.rate_limit(options.rate)
        app = await exits.enter_async_context(
            application.running(
                directory,
                variables={
                    "REFERENCE_APP_REDIS_URL": stores.redis.url if stores.redis else "",
                    "REFERENCE_APP_MYSQL_URL": around.mysql_url,
                    "REFERENCE_APP_RATE_LIMIT": str(limit),
                    "REFERENCE_APP_RATE_WINDOW_SECONDS": str(window),
                    **application.analyses(providers_url, str(providers.key_file(directory, providers_url))),
                    **credentials.variables(),
                    **scenario.variables,
                    **short_day,
                },
                destination=delivery.destination if delivery else None,
                interval=options.interval,
                salt=salt,
                deadline=START_SECONDS,
                stopping=stopping,
                group=around.group,
            )
        )
        tally = Tally(client_ip_buckets(salt.encode()).bucket, "redis" if stores.redis else "memory")
        answers = Answers()
        shares = {**options.shares, **scenario.shares}
        traffic = Traffic(app.url, credentials, tally, answers, options.rate, _SEED, shares)
        exits.push_async_callback(traffic.close)
        yield Staging(
            scenario=scenario,
            stage=Stage(providers, stores.redis, around.link, around.group),
            stores=stores,
            app=app,
            delivery=delivery,
            receiver=delivery.receiver if delivery else Page(app.page or "", client),
            traffic=traffic,
            tally=tally,
            witnesses=Witnesses(tally, answers, providers, stores, app, ends_day=ends_day),
        )


def announcement(options: Options, staging: Staging) -> Announcement:
    """Return what is told before the traffic begins."""
    docs = f"{staging.app.url}/docs"
    if options.mode == "stack":
        # The tools that people look at, and no line more than 24 have room for.
        addresses = {"docs": docs}
    elif options.mode == "collector":
        addresses = {"app": staging.app.url}
    else:
        addresses = {"app": staging.app.url, "docs": docs}
    addresses |= staging.delivery.addresses if staging.delivery else {"metrics": staging.app.page or ""}
    return Announcement(options, addresses, staging.stores.notes)
