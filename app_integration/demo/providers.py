"""The providers and the archive that the demo simulates, and what they know to have served."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Final

from starlette.types import Receive, Scope, Send

from app_integration.demo.comparison import Claim
from app_integration.llm.prices import Prices
from app_integration.llm.usage import Usage
from app_integration.simulator import Behaviour, Simulator, behaviours, running
from app_integration.simulator.drive import TOKEN_PATH, UPLOAD_PATH, Drive
from app_integration.simulator.served import Row

SOURCE: Final = "the providers"
FOLDER: Final = "results"

# How a call that was answered so ends for who has called.
_STATUS: Final = {
    "success": "success",
    "cut": "error",
    "error": "error",
    "invalid": "error",
    "rate_limited": "rate_limited",
    "timeout": "timeout",
    "left": "timeout",
}
_PICO: Final = Fraction(1, 10**12)
_SEED: Final = 20_260_101


class Providers:
    """Four simulated providers, and a Drive, under one address."""

    def __init__(self) -> None:
        self._simulator = Simulator(behaviours(()), _SEED)
        self._drive = Drive()
        self._drive_app = self._drive.app()

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        to_drive = scope["type"] == "http" and scope["path"] in (TOKEN_PATH, UPLOAD_PATH)
        await (self._drive_app if to_drive else self._simulator.app)(scope, receive, send)

    def let(self, provider: str, **behaviour: object) -> None:
        """Have a provider behave differently from now on; see `Behaviour`."""
        self._simulator.behaviour[provider] = self._simulator.behaviour[provider].changed(behaviour)

    def recover(self) -> None:
        """Have all of them behave as at the beginning."""
        for provider in self._simulator.behaviour:
            self._simulator.behaviour[provider] = Behaviour()

    def key_file(self, directory: Path, url: str) -> Path:
        """Write the key of the archive's account, and return where."""
        file = directory / "archive-key.json"
        file.write_text(self._drive.key_file(url))
        return file

    def failures(self) -> Mapping[str, float]:
        """Return how many calls of each provider failed."""
        failed: Counter[str] = Counter()
        for row in self._simulator.served.rows():
            if _STATUS[row.outcome] != "success":
                failed[row.provider] += row.calls
        return failed

    def claims(self) -> list[Claim]:
        """Return what must have been counted of the calls, by what was served."""
        rows = self._simulator.served.rows()
        calls: Counter[str] = Counter()
        by_provider: Counter[str] = Counter()
        tokens: Counter[str] = Counter()
        unpriced: Counter[str] = Counter()
        cost: dict[str, Fraction] = {}
        for row in rows:
            calls[f"{row.provider} {row.model} {_STATUS[row.outcome]}"] += row.calls
            by_provider[f"{row.provider} {row.model}"] += row.calls
            tokens[f"{row.provider} input"] += row.input + row.cache_read
            tokens[f"{row.provider} output"] += row.output
            found = _cost(row)
            if found is None:
                unpriced[row.provider] += row.calls
            else:
                cost[row.provider] = cost.get(row.provider, Fraction(0)) + found
        usd = {provider: float(found) for provider, found in cost.items() if found}
        told = {kind: float(number) for kind, number in tokens.items() if number}
        claims = [
            Claim(SOURCE, "techsapo_llm_requests_total", ("provider", "model", "status"), calls),
            Claim(SOURCE, "techsapo_llm_response_time_seconds_count", ("provider", "model"), by_provider),
            Claim(SOURCE, "techsapo_llm_token_usage_total", ("provider", "type"), told),
            Claim(SOURCE, "techsapo_wallbounce_cost_usd", ("provider",), usd),
            Claim(SOURCE, "techsapo_budget_spent_today_usd", (), {"": sum(usd.values())}),
        ]
        if unpriced:
            claims.append(Claim(SOURCE, "techsapo_llm_unpriced_calls_total", ("provider",), unpriced))
        return claims


@contextmanager
def serving(providers: Providers) -> Iterator[str]:
    """Serve them in a thread, and give their address."""
    with running(providers) as url:
        yield url


def _cost(row: Row) -> Fraction | None:
    """Return in USD what calls of one kind cost at the packaged prices, None where they have none."""
    if not row.response_model:
        return Fraction(0)
    usage = Usage(input=row.input, cache_read=row.cache_read, output=row.output)
    picodollars = Prices.load().cost(row.provider, row.response_model, usage)
    told = row.input or row.cache_read or row.output
    return picodollars * _PICO if picodollars is not None and told else None
