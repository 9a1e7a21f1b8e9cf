"""A real Alertmanager from `build/`, alone, and amtool."""

import json
import subprocess
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypedDict, cast

from tests.support import ports
from tests.support.processes import Server

BUILD = Path(__file__).parents[2] / "build"
ALERTMANAGER = BUILD / "alertmanager"
AMTOOL = BUILD / "amtool"


class Status(TypedDict):
    """What became of an alert: `active` or `suppressed`, and by the fingerprints of which others."""

    state: str
    inhibitedBy: list[str]
    silencedBy: list[str]
    mutedBy: list[str]


class Alert(TypedDict):
    """An alert, as the API tells it."""

    labels: dict[str, str]
    fingerprint: str
    status: Status


class _Receiver(TypedDict):
    name: str


class _Group(TypedDict):
    receiver: _Receiver
    alerts: list[Alert]


class Posted(TypedDict, total=False):
    """An alert, as the API takes it; without an end it lasts five minutes."""

    labels: dict[str, str]
    annotations: dict[str, str]
    startsAt: str
    endsAt: str
    generatorURL: str


class Alertmanager(Server):
    """An Alertmanager that runs `files` (alertmanager.yml among them) from `directory`."""

    def __init__(self, directory: Path, files: Mapping[str, str]) -> None:
        self.port = ports.free_port()
        for name, text in files.items():
            (directory / name).parent.mkdir(parents=True, exist_ok=True)
            (directory / name).write_text(text)
        super().__init__(
            [
                ALERTMANAGER,
                f"--config.file={directory / 'alertmanager.yml'}",
                f"--storage.path={directory / 'data'}",
                f"--web.listen-address={ports.LOOPBACK}:{self.port}",
                "--web.external-url=http://alertmanager.example.org:9093",
                "--web.route-prefix=/",
                # Alone: else it would wait for peers, and listen to them.
                "--cluster.listen-address=",
                "--log.level=debug",
            ],
            output=directory / "alertmanager.log",
            ready=self._is_ready,
        )

    @property
    def url(self) -> str:
        """The base address of its HTTP API."""
        return f"http://{ports.LOOPBACK}:{self.port}"

    def post(self, *alerts: Posted) -> None:
        """Tell it alerts, as a Prometheus does.

        Raises:
            urllib.error.HTTPError: it refused them.
        """
        request = urllib.request.Request(
            f"{self.url}/api/v2/alerts", json.dumps(alerts).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=10):
            pass

    def alerts(self) -> list[Alert]:
        """Return the alerts that have not ended, with what became of them."""
        return cast("list[Alert]", json.loads(self.get("/api/v2/alerts")))

    def groups(self, receiver: str) -> list[list[dict[str, str]]]:
        """Return the labels of the alerts of a receiver, by what is one notification."""
        return [[alert["labels"] for alert in alerts] for alerts in self._grouped(receiver)]

    def muted(self, receiver: str) -> list[str]:
        """Return the names of the time intervals that hold alerts of a receiver back now."""
        found = self._grouped(receiver)
        return sorted({name for alerts in found for alert in alerts for name in alert["status"]["mutedBy"]})

    def failures(self, integration: str, counted: str) -> float:
        """Return how many `notifications` of an integration ("slack") failed, or `notification_requests`."""
        name = f'alertmanager_{counted}_failed_total{{integration="{integration}"'
        counts = (line for line in self.get("/metrics").splitlines() if line.startswith(name))
        return sum(float(line.rsplit(" ", 1)[1]) for line in counts)

    def get(self, path: str) -> str:
        """Return the text of an answer."""
        with urllib.request.urlopen(f"{self.url}{path}", timeout=10) as answer:
            text: str = answer.read().decode()
        return text

    def _grouped(self, receiver: str) -> list[list[Alert]]:
        groups = cast("list[_Group]", json.loads(self.get("/api/v2/alerts/groups")))
        return [group["alerts"] for group in groups if group["receiver"]["name"] == receiver]

    def _is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/-/ready", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False


def amtool(*arguments: str | Path) -> str:
    """Run amtool and return what it printed.

    Raises:
        AssertionError: it failed; the message is what it said.
    """
    run = subprocess.run([AMTOOL, *arguments], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


def receivers_of(config: Path, labels: Mapping[str, str]) -> Sequence[str]:
    """Return the receivers that an alert with these labels goes to, as amtool reads the routes."""
    told = [f"{name}={json.dumps(value)}" for name, value in labels.items()]
    return amtool("config", "routes", "test", f"--config.file={config}", *told).strip().split(",")
