"""What the application can be told by its environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Final, Self, TypeAlias

PREFIX: Final = "REFERENCE_APP_"

# The variables that the providers' own SDKs have; the first that is set counts.
_KEYS: Final = {
    "openai_api_key": ("OPENAI_API_KEY",),
    "anthropic_api_key": ("ANTHROPIC_API_KEY",),
    "gemini_api_key": ("GEMINI_API_KEY", "GOOGLE_API_KEY"),
    "openrouter_api_key": ("OPENROUTER_API_KEY",),
}

Value: TypeAlias = str | int | float


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a number may be, both ends included."""

    low: float
    high: float


def _number(default: float, low: float, high: float = 1e9) -> float:
    return field(default=default, metadata={"bounds": Bounds(low, high)})


def _whole(default: int, low: int, high: int = 10**9) -> int:
    return field(default=default, metadata={"bounds": Bounds(low, high)})


def _secret() -> str:
    return field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Settings:
    """Where data is kept, who is asked, and how the application behaves.

    Without `redis_url` cache, rate limits and the budget's account are in memory, without `mysql_url` the history is.
    At most `rate_limit` analyses are made for a client in `rate_window_seconds`; `trusted_proxies` are the networks
    whose forwarded headers tell who the client is. `api_keys` are names and SHA-256 digests (`alice:9f86…,bob:…`); with
    them or a `jwt_secret` nobody else may ask.

    The providers are those whose API keys there are. `simulator_url` goes before all keys; without either the
    application simulates them itself, each as `simulator_behaviour` says (`openai.error_rate=0.3 …`), with answers
    that take about `latency_seconds`. A provider is waited for `provider_timeout_seconds`; its breaker opens after
    `breaker_failures` in a row, for `breaker_seconds`. Answers that agree to `agreement` need no further round.
    Analyses of a day cost at most about `budget_usd`; the day begins at midnight in `budget_timezone`.
    Results are archived in the Google Drive folder `archive_folder` if there is one, as the service account of the file
    `archive_credentials`. `stream_pause_seconds` is the pause between two words of a stream.
    """

    redis_url: str = ""
    mysql_url: str = ""
    mysql_connections: int = _whole(4, 1, 1_000)
    latency_seconds: float = _number(0.02, 0.0, 600.0)
    stream_pause_seconds: float = _number(0.01, 0.0, 60.0)
    cache_seconds: int = _whole(300, 1)
    rate_limit: int = _whole(60, 1)
    rate_window_seconds: int = _whole(60, 1)
    trusted_proxies: str = ""
    api_keys: str = _secret()
    jwt_secret: str = _secret()
    simulator_url: str = ""
    simulator_behaviour: str = ""
    provider_timeout_seconds: float = _number(60.0, 0.001, 600.0)
    breaker_failures: int = _whole(5, 1)
    breaker_seconds: float = _number(30.0, 0.001)
    agreement: float = _number(0.85, 0.0, 1.0)
    budget_usd: float = _number(100.0, 0.0)
    budget_timezone: str = "UTC"
    archive_folder: str = ""
    archive_credentials: str = ""
    archive_url: str = ""
    openai_model: str = "gpt-5"
    anthropic_model: str = "claude-sonnet-4-20250514"
    gemini_model: str = "gemini-2.5-pro"
    openrouter_model: str = "deepseek/deepseek-v3.2"
    openai_api_key: str = _secret()
    anthropic_api_key: str = _secret()
    gemini_api_key: str = _secret()
    openrouter_api_key: str = _secret()

    @property
    def has_keys(self) -> bool:
        """Whether there is a key to any provider."""
        return any(getattr(self, name) for name in _KEYS)

    @property
    def digests(self) -> Mapping[str, str]:
        """The SHA-256 digests of API keys by the name of who has them. Raises ValueError where one has no name."""
        found: dict[str, str] = {}
        for number, entry in enumerate(filter(None, map(str.strip, self.api_keys.split(","))), 1):
            name, colon, digest = entry.partition(":")
            if not name or not colon:
                msg = f"entry {number} has no name; accepted is name:digest,name:digest,…"
                raise ValueError(msg)
            found[name] = digest
        return found

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] | None = None) -> Self:
        """Read `REFERENCE_APP_REDIS_URL` and so on, and the providers' keys, by default from the process's environment.

        Raises:
            ValueError: a number is none or out of bounds; the message names the variable.
        """
        environ = os.environ if environ is None else environ
        given: dict[str, Value] = {}
        for each in fields(cls):
            variables = _KEYS.get(each.name, (PREFIX + each.name.upper(),))
            variable = next((name for name in variables if environ.get(name)), variables[0])
            if variable not in environ:
                continue
            text = environ[variable].strip()
            bounds = each.metadata.get("bounds")
            if not isinstance(bounds, Bounds):
                given[each.name] = text
            else:
                given[each.name] = _parsed(variable, text, bounds, whole=isinstance(each.default, int))
        return cls(**given)  # type: ignore[arg-type]  # each field's type is its default's, as just read


def _parsed(variable: str, text: str, bounds: Bounds, *, whole: bool) -> int | float:
    kind = "a whole number" if whole else "a number"
    try:
        number = int(text) if whole else float(text)
    except ValueError:
        number = None
    if number is None or not bounds.low <= number <= bounds.high:
        msg = f"{variable}: got {text!r}; accepted is {kind} from {bounds.low:g} to {bounds.high:g}"
        raise ValueError(msg)
    return number
