"""The demo's reference app as several services, each in trouble of its own."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from app_integration.demo import application
from app_integration.demo.answers import Answers
from app_integration.demo.application import Application
from app_integration.demo.credentials import Credentials
from app_integration.demo.memory_group import MemoryGroup
from app_integration.demo.providers import Providers, serving
from app_integration.demo.receiver import Destination
from app_integration.demo.tally import Tally
from app_integration.demo.traffic import Traffic
from telemetry.contract.networks import client_ip_buckets
from tests.support.alert_stack import AlertStack
from tests.support.collector import SALT

START_SECONDS: Final = 90.0

# All that the traffic can be made of, none of it.
NOTHING: Final[Mapping[str, int]] = dict.fromkeys(
    (
        *("new", "common", "greedy", "suspicious", "guess", "stranger", "read", "history", "stream", "left stream"),
        *("left", "repeat", "missing", "probe", "wrong", "no method", "health", "fault"),
    ),
    0,
)


@dataclass
class Service:
    """A running reference app, the providers that it asks, and traffic when it is wanted."""

    name: str
    app: Application
    providers: Providers
    credentials: Credentials
    _sending: list[tuple[asyncio.Event, asyncio.Task[None], Traffic]] = field(default_factory=list)

    def send(self, rate: float, shares: Mapping[str, int]) -> None:
        """Begin to send `rate` requests a second: the kinds that are named, that often."""
        stopping = asyncio.Event()
        tally = Tally(client_ip_buckets(SALT.encode()).bucket, "memory")
        traffic = Traffic(self.app.url, self.credentials, tally, Answers(), rate, 1, {**NOTHING, **shares})
        self._sending.append((stopping, asyncio.create_task(traffic.run(stopping)), traffic))

    async def be_quiet(self) -> None:
        """Send no more, and wait for what is under way."""
        while self._sending:
            stopping, sending, traffic = self._sending.pop()
            stopping.set()
            await sending
            await traffic.close()


@asynccontextmanager
async def running(
    stack: AlertStack,
    directory: Path,
    name: str,
    variables: Mapping[str, str] | None = None,
    *,
    interval: float = 1.0,
    group: MemoryGroup | None = None,
) -> AsyncIterator[Service]:
    """Start a reference app that pushes to both Collectors; it keeps all in memory unless `variables` say otherwise."""
    await asyncio.to_thread(directory.mkdir)
    providers, credentials = Providers(), Credentials()
    async with AsyncExitStack() as exits:
        url = exits.enter_context(serving(providers))
        own = {
            "OTEL_SERVICE_NAME": name,
            "TECHSAPO_OTLP_ENDPOINTS": stack.endpoints,
            **application.analyses(url, str(providers.key_file(directory, url))),
            **credentials.variables(),
            # On a busy machine an answer takes its time, and nobody here asks too often.
            "REFERENCE_APP_PROVIDER_TIMEOUT_SECONDS": "10",
            "REFERENCE_APP_RATE_LIMIT": "100000",
            **(variables or {}),
        }
        app = await exits.enter_async_context(
            application.running(
                directory,
                variables=own,
                destination=Destination(stack.collectors[0].endpoint),
                interval=interval,
                salt=SALT,
                deadline=START_SECONDS,
                stopping=asyncio.Event(),
                group=group,
            )
        )
        service = Service(name, app, providers, credentials)
        exits.push_async_callback(service.be_quiet)
        yield service
