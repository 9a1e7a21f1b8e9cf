"""The HTTP API of Prometheus (https://prometheus.io/docs/prometheus/latest/querying/api/)."""

import http.client
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from telemetry.cli.diagnosis.tree import Tree
from telemetry.cli.diagnosis.web import NoAnswerError, get

_UNIT = {"ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}


class PrometheusError(Exception):
    """Prometheus did not answer as it should; the message tells why in a few words."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A series of an instant query and its value."""

    labels: dict[str, str]
    value: float


@dataclass(frozen=True, slots=True)
class Target:
    """Something that is scraped: where, with which labels, how often (seconds), and how the last scrape went."""

    url: str
    labels: dict[str, str]
    interval_seconds: float
    health: str
    error: str
    scrape_job: str


@dataclass(frozen=True, slots=True)
class Told:
    """The time that Prometheus told, and this host's before it was asked for and after it came."""

    time: float
    asked: float
    answered: float


class Api:
    """A Prometheus at an address."""

    def __init__(self, address: str) -> None:
        self.address = address

    def ask(self, path: str, **parameters: str) -> Tree:
        """Return the `data` of an answer.

        Raises:
            PrometheusError: none came, or one that is not of Prometheus.
        """
        return self._ask(path, **parameters)[0]

    def samples(self, expression: str) -> list[Sample]:
        """Return what an instant query finds.

        Raises:
            PrometheusError: it could not be asked.
        """
        found = self.ask("/api/v1/query", query=expression)
        return [Sample(_texts(each, "metric"), _value(each)) for each in found.each("result")]

    def value(self, expression: str) -> float | None:
        """Return the only value that a query finds, None where it finds nothing."""
        found = self.samples(expression)
        return found[0].value if found else None

    def now(self) -> Told | None:
        """Return the time of its clock, None where the answer tells none."""
        found, asked, answered = self._ask("/api/v1/query", query="time()")
        told = found.get("result")
        time = told[0] if isinstance(told, list) and told else None
        return Told(float(time), asked, answered) if isinstance(time, int | float) else None

    def targets(self) -> Iterator[Target]:
        """Walk what it scrapes."""
        for each in self.ask("/api/v1/targets", state="active").each("activeTargets"):
            yield Target(
                url=each.text("scrapeUrl"),
                labels=_texts(each, "labels"),
                interval_seconds=seconds(each.text("scrapeInterval")),
                health=each.text("health"),
                error=each.text("lastError"),
                scrape_job=each.text("scrapePool"),
            )

    def targets_with(self, metric: str) -> list[dict[str, str]]:
        """Return the labels of the targets whose pages have a metric."""
        return [_texts(each, "target") for each in self.ask("/api/v1/targets/metadata", metric=metric).each()]

    def _ask(self, path: str, **parameters: str) -> tuple[Tree, float, float]:
        prefix = re.sub(r"^\w+://[^/]*", "", self.address)
        try:
            answer = get(self.address, f"{prefix}{path}?{urlencode(parameters)}")
        except NoAnswerError as error:
            raise PrometheusError(str(error)) from None
        try:
            told = Tree(json.loads(answer.body))
        except ValueError:
            told = Tree(None)
        if answer.status != http.client.OK or told.text("status") != "success":
            raise PrometheusError(told.text("error") or f"it answered {answer.status} to {path}")
        return Tree(told.get("data")), answer.asked, answer.answered


def seconds(duration: str) -> float:
    """Return a duration as Prometheus writes it ("1m30s") in seconds."""
    return sum(float(number) * _UNIT[unit] for number, unit in re.findall(r"(\d+)(ms|s|m|h)", duration))


def _texts(tree: Tree, path: str) -> dict[str, str]:
    return {key: tree.text(path, key) for key in tree.keys(path)}


def _value(tree: Tree) -> float:
    told = tree.get("value")
    return float(str(told[1])) if isinstance(told, list) and len(told) > 1 else float("nan")
