"""All who know what must have been counted, none of whom has asked the telemetry."""

from dataclasses import dataclass
from typing import Final

from app_integration.demo import application, providers, system
from app_integration.demo.answers import Answers
from app_integration.demo.application import Application
from app_integration.demo.comparison import Claim
from app_integration.demo.providers import Providers
from app_integration.demo.stores import Stores
from app_integration.demo.tally import Tally

SPENT_TODAY: Final = "techsapo_budget_spent_today_usd"
ERRORS: Final = "techsapo_errors_total"


@dataclass(frozen=True, slots=True)
class Witnesses:
    """The client, the answers, the providers, Redis, MariaDB and the system.

    Where the budget's day ends meanwhile, `ends_day`, nobody knows what was spent on either side of that midnight.
    """

    tally: Tally
    answers: Answers
    providers: Providers
    stores: Stores
    app: Application
    ends_day: bool = False

    async def claims(self) -> list[Claim]:
        """Return what each of them says. Raises DemoError: a server does not answer."""
        return [
            *self.tally.claims(),
            *self.answers.claims(),
            *self._served(),
            *self._failures(),
            *self._breakers(),
            Claim(providers.SOURCE, "techsapo_budget_daily_limit_usd", (), {"": self.app.budget_usd}),
            *await self.stores.claims(),
            *system.claims(self.app.child.pid, self.app.seconds),
        ]

    def _served(self) -> list[Claim]:
        return [claim for claim in self.providers.claims() if not (self.ends_day and claim.metric == SPENT_TODAY)]

    def _failures(self) -> list[Claim]:
        """Each call that failed is an error of its provider's."""
        failed = self.providers.failures()
        return [
            Claim(providers.SOURCE, ERRORS, ("severity",), {"warning": failed[service]}, {"service": service})
            for service in application.PROVIDERS
            if failed.get(service)
        ]

    def _breakers(self) -> list[Claim]:
        """Whatever a breaker's state is, it is one."""
        one = dict.fromkeys(application.PROVIDERS, 1.0)
        return [Claim(providers.SOURCE, "techsapo_circuit_breaker_state", ("service",), one)]
