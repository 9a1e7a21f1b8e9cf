"""Who is told of what, from receivers.toml: ways by priority, and the addresses that are no secret."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final, get_args

from monitoring.alertmanager.quiet_hours import QuietHours
from monitoring.alertmanager.tables import ReceiversError, addresses, table, text, texts, yes_or_no
from monitoring.model import Priority

FILE: Final = Path(__file__).parents[1] / "receivers.toml"
PRIORITIES: Final[tuple[Priority, ...]] = get_args(Priority)
WAYS: Final = ("slack", "pagerduty", "email", "webhook")
# A webhook's address is a secret, and it has no other setting.
_WITHOUT_TABLE: Final = ("webhook",)

_ADDRESS: Final = r"[^@\s,]+@[^@\s,]+"


@dataclass(frozen=True, slots=True)
class Slack:
    """Where in Slack; a webhook of a Slack app has its own channel and takes no other."""

    channel: str


@dataclass(frozen=True, slots=True)
class Pagerduty:
    """The address of PagerDuty's Events API v2, which is another one in the EU."""

    url: str


@dataclass(frozen=True, slots=True)
class Email:
    """Which server takes the mail, from whom, to whom; with a user it asks for a password."""

    smarthost: str
    sender: str
    recipients: tuple[str, ...]
    user: str = ""
    require_tls: bool = True


@dataclass(frozen=True, slots=True)
class Receivers:
    """The ways of each priority, and the settings of each way."""

    ways: Mapping[Priority, tuple[str, ...]]
    slack: Slack | None = None
    pagerduty: Pagerduty | None = None
    email: Email | None = None
    quiet_hours: QuietHours | None = None

    @classmethod
    def load(cls, path: Path = FILE) -> "Receivers":
        """Read a file.

        Raises:
            ReceiversError: a setting is missing, unknown or wrong, or a way is used that has no table.
        """
        try:
            told = tomllib.loads(path.read_text())
        except tomllib.TOMLDecodeError as error:
            raise ReceiversError(f"{path.name}: got no TOML: {error}") from error
        optional = ("slack", "pagerduty", "email", "quiet_hours")
        tables = table(told, path.name, needed=("priorities",), optional=optional)
        priorities = table(tables["priorities"], "priorities", needed=PRIORITIES)
        ways = {each: texts(priorities[each], f"priorities.{each}", WAYS, least=1) for each in PRIORITIES}
        for priority, used in ways.items():
            for way in used:
                if way not in tables and way not in _WITHOUT_TABLE:
                    raise ReceiversError(f"priorities.{priority}: got {way}; a table [{way}] is needed for it")
        return cls(
            MappingProxyType(ways),
            _slack(tables["slack"]) if "slack" in tables else None,
            _pagerduty(tables["pagerduty"]) if "pagerduty" in tables else None,
            _email(tables["email"]) if "email" in tables else None,
            QuietHours.read(tables["quiet_hours"]) if "quiet_hours" in tables else None,
        )


def _slack(told: object) -> Slack:
    keys = table(told, "slack", needed=("channel",))
    return Slack(text(keys["channel"], "slack.channel", r"[#@]?[^\s#@]+", "#alerts"))


def _pagerduty(told: object) -> Pagerduty:
    keys = table(told, "pagerduty", needed=("url",))
    return Pagerduty(text(keys["url"], "pagerduty.url", r"https?://\S+", "https://events.pagerduty.com/v2/enqueue"))


def _email(told: object) -> Email:
    keys = table(told, "email", needed=("smarthost", "from", "to"), optional=("user", "require_tls"))
    return Email(
        text(keys["smarthost"], "email.smarthost", r"[^\s:]+:\d+", "smtp.example.org:587"),
        text(keys["from"], "email.from", _ADDRESS, "alertmanager@example.org"),
        addresses(keys["to"], "email.to", _ADDRESS, "oncall@example.org"),
        text(keys.get("user", ""), "email.user", r"\S*", "alertmanager@example.org"),
        yes_or_no(keys.get("require_tls", True), "email.require_tls"),
    )
