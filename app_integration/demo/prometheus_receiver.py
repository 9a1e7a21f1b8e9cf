"""Figures read back from Prometheus by its HTTP API: the newest ones, and how much counters have grown."""

import time
from collections.abc import Iterable, Iterator, Mapping

import httpx

from app_integration.demo.application import SERVICE
from app_integration.demo.figures import Figures
from app_integration.demo.processes import DemoError
from app_integration.demo.prometheus_server import COLLECTOR_JOB
from app_integration.demo.receiver import Sample

LAST_PUSH = "techsapo_telemetry_last_push_timestamp_seconds"

_TAKEN = "otelcol_receiver_accepted_metric_points"
# By the receiver under pressure, and by the policy one by one.
_REFUSED = ("otelcol_receiver_refused_metric_points", "otelcol_processor_techsapo_policy_refused_points")
# Longer than what came before the first look, such as the start of the application.
_MARGIN_SECONDS = 300


class PrometheusReceiver:
    """Asks the Prometheus at `url` for what the application's series are now."""

    def __init__(self, url: str, client: httpx.AsyncClient) -> None:
        self._url = url
        self._client = client
        self._begun = time.monotonic()
        self._pushed = 0.0
        self._points = 0.0
        self._refused = 0.0

    async def newest(self) -> Figures:
        """Return the newest sample of each series. They are as old as the last push that they tell of.

        Raises:
            DemoError: Prometheus does not answer, or with an error, or has none of the series that it had.
        """
        found = await self._ask(f'{{job=~"{SERVICE}|{COLLECTOR_JOB}"}}')
        own = Figures.of_samples((sample for sample in found if sample[1].get("job") == COLLECTOR_JOB), 0.0)
        self._points = own.total(_TAKEN)
        self._refused = sum(own.total(metric) for metric in _REFUSED)
        samples = [sample for sample in found if sample[1].get("job") == SERVICE]
        if self._pushed and not samples:
            msg = "Prometheus has no figures of now: it could not scrape the Collector"
            raise DemoError(msg)
        self._pushed = max((value for name, _, value in samples if name == LAST_PUSH), default=0.0)
        return Figures.of_samples(samples, self._pushed)

    async def growth(self, metrics: Iterable[str]) -> Figures:
        """Return by how much each series of counters has grown since the demo began, first intervals included.

        Raises:
            DemoError: as `newest`.
        """
        window = int(time.monotonic() - self._begun) + _MARGIN_SECONDS
        grown: list[Sample] = []
        for metric in metrics:
            query = f'increase({metric}{{job="{SERVICE}"}}[{window}s] anchored)'
            grown += [(metric, labels, value) for _, labels, value in await self._ask(query)]
        return Figures.of_samples(grown, self._pushed)

    def described(self) -> str:
        """Tell how old the figures are at most, and what the Collector has made of the points that it was sent."""
        age = f"{max(0.0, time.time() - self._pushed):.1f} s old" if self._pushed else "not pushed yet"
        return f"{age}   Collector took {self._points:.0f} points, refused {self._refused:.0f}"

    async def _ask(self, query: str) -> list[Sample]:
        try:
            response = await self._client.get(f"{self._url}/api/v1/query", params={"query": query})
            return list(samples_of(_json(response)))
        except (httpx.HTTPError, ValueError) as error:
            msg = f"Prometheus does not tell {query}: {str(error) or type(error).__name__}"
            raise DemoError(msg) from error


def samples_of(answer: object) -> Iterator[Sample]:
    """Read the answer to an instant query.

    Raises:
        ValueError: it is an error, or no vector of numbers.
    """
    match answer:
        case {"status": "success", "data": {"resultType": "vector", "result": list(found)}}:
            for each in found:
                yield _sample(each)
        case {"status": "error", "error": str(said)}:
            raise ValueError(said)
        case _:
            raise ValueError("its answer is no vector")


def _json(response: httpx.Response) -> object:
    try:
        answer: object = response.json()
    except ValueError:
        msg = f"HTTP {response.status_code}, no JSON"
        raise ValueError(msg) from None
    return answer


def _sample(found: object) -> Sample:
    match found:
        case {"metric": dict(metric), "value": [_, str(value)]}:
            labels: Mapping[str, str] = {str(name): str(text) for name, text in metric.items()}
            own = {name: text for name, text in labels.items() if name != "__name__"}
            return labels.get("__name__", ""), own, float(value)
        case _:
            raise ValueError("its answer has a series without a number")
