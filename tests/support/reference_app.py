"""Questions to the reference app, their answers, and its page."""

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from prometheus_client.parser import text_string_to_metric_families

from tests.support import ports

Labels = tuple[str, ...]


@dataclass
class Traffic:
    """What was asked, and what came of it."""

    url: str
    answers: list[dict[str, object]] = field(default_factory=list)
    refusals: list[tuple[str, int, str]] = field(default_factory=list)

    @property
    def analysed(self) -> list[dict[str, object]]:
        """The answers that did not come from the cache."""
        return [answer for answer in self.answers if not answer["cached"]]

    def ask(self, question: str, task_type: str) -> None:
        """Ask a question."""
        status, body = send(f"{self.url}/analyses", "POST", {"question": question, "task_type": task_type})
        if status == 201:
            self.answers.append(body)
        else:
            self.refusals.append((task_type, status, str(body["detail"])))


def send(url: str, method: str = "GET", body: object = None) -> tuple[int, dict[str, object]]:
    """Send a request; return the status and the JSON of the answer."""
    headers = {"Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    try:
        with urlopen(Request(url, data, headers, method=method), timeout=20) as response:
            return response.status, json.load(response)
    except HTTPError as error:
        with error:
            return error.code, json.load(error)


class Page:
    """The application's page, as it is now."""

    def __init__(self, port: int) -> None:
        with urlopen(f"http://{ports.LOOPBACK}:{port}/metrics", timeout=10) as response:
            families = list(text_string_to_metric_families(response.read().decode()))
        self._samples: dict[str, dict[Labels, float]] = defaultdict(dict)
        for sample in (sample for family in families for sample in family.samples):
            self._samples[sample.name][tuple(sample.labels[name] for name in sorted(sample.labels))] = sample.value

    def series(self, name: str) -> Mapping[Labels, float]:
        """Return the values that are not 0, by the labels' values in the order of their names."""
        return {labels: value for labels, value in self._samples[name].items() if value}

    def value(self, name: str) -> float:
        """Return the value of a metric without labels."""
        return self._samples[name][()]
