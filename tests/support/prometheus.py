"""A real Prometheus from `build/`, scraping given targets every second."""

import json
import urllib.parse
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict, cast

from tests.support import ports
from tests.support.processes import Server

BUILD = Path(__file__).parents[2] / "build"
PROMETHEUS = BUILD / "prometheus"
PROMTOOL = BUILD / "promtool"


@dataclass(frozen=True)
class Sample:
    """One series of an instant query: its labels (`__name__` included), value, and the time in seconds."""

    labels: dict[str, str]
    value: float
    time: float


class _Found(TypedDict):
    metric: dict[str, str]
    value: tuple[float, str]


class _Vector(TypedDict):
    result: list[_Found]


class _Target(TypedDict):
    health: str


class _Targets(TypedDict):
    activeTargets: list[_Target]


class Prometheus(Server):
    """A Prometheus that scrapes `targets` ("127.0.0.1:9464") as job `app`, with start timestamps ingested as zeros.

    `protocols` limits the formats that are asked for (the names of `scrape_protocols`); all of them by default,
    protobuf first. `scrape` is added to the scrape config as written, as lines of YAML without indentation. Without
    `honor_labels` the job and instance of what is scraped are renamed.
    """

    def __init__(
        self,
        directory: Path,
        targets: Sequence[str],
        *,
        interval: str = "1s",
        protocols: Sequence[str] = (),
        scrape: Sequence[str] = (),
        honor_labels: bool = True,
    ) -> None:
        self.port = ports.free_port()
        config = directory / "prometheus.yml"
        lines = ["global:", f"  scrape_interval: {interval}", f"  scrape_timeout: {interval}"]
        lines += ["scrape_configs:", "  - job_name: app", f"    honor_labels: {str(honor_labels).lower()}"]
        lines += [f"    scrape_protocols: {json.dumps(list(protocols))}"] if protocols else []
        lines += [f"    {line}" for line in scrape]
        lines += ["    static_configs:", f"      - targets: {json.dumps(list(targets))}"]
        config.write_text("\n".join(lines) + "\n")
        super().__init__(
            [
                PROMETHEUS,
                f"--config.file={config}",
                f"--storage.tsdb.path={directory / 'data'}",
                f"--web.listen-address={ports.LOOPBACK}:{self.port}",
                "--enable-feature=created-timestamp-zero-ingestion",
                # A new target is scraped at once; the default is to wait 5 s.
                "--scrape.discovery-reload-interval=100ms",
                "--log.level=warn",
            ],
            output=directory / "prometheus.log",
            ready=self._is_ready,
            deadline=60.0,
        )

    @property
    def url(self) -> str:
        """The base address of its HTTP API."""
        return f"http://{ports.LOOPBACK}:{self.port}"

    def query(self, expression: str) -> list[Sample]:
        """Return what an instant query finds now: a vector.

        Raises:
            urllib.error.HTTPError: Prometheus refused the expression.
        """
        answer = cast("_Vector", self.get("/api/v1/query", query=expression))
        return [Sample(found["metric"], float(found["value"][1]), found["value"][0]) for found in answer["result"]]

    def value(self, expression: str) -> float | None:
        """Return the sum of what a query finds, None where it finds nothing."""
        found = self.query(expression)
        return sum(sample.value for sample in found) if found else None

    def series(self, selector: str) -> list[dict[str, str]]:
        """Return the label sets of all series that match."""
        return cast("list[dict[str, str]]", self.get("/api/v1/series", **{"match[]": selector}))

    def metric_type(self, metric: str) -> str | None:
        """Return the type a target gave for `metric` ("counter"), None where Prometheus has none."""
        found = cast("dict[str, list[dict[str, str]]]", self.get("/api/v1/metadata", metric=metric))
        return found[metric][0]["type"] if metric in found else None

    def targets_up(self) -> int:
        """Return how many targets' last scrape succeeded."""
        found = cast("_Targets", self.get("/api/v1/targets", state="active"))
        return sum(1 for target in found["activeTargets"] if target["health"] == "up")

    def get(self, path: str, **parameters: str) -> object:
        """Return the `data` of an answer of the HTTP API, as parsed from JSON."""
        address = f"{self.url}{path}?{urllib.parse.urlencode(parameters)}"
        with urllib.request.urlopen(address, timeout=10) as answer:
            data: object = json.load(answer)["data"]
        return data

    def _is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/-/ready", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False
