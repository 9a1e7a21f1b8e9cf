"""What Prometheus has of this service: is it scraped, under which labels, and how old is it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from telemetry.cli.diagnosis.endpoints import ALWAYS_THERE
from telemetry.cli.diagnosis.environment import shown_address
from telemetry.cli.diagnosis.finding import Finding, broken, counted, ok, warn
from telemetry.cli.diagnosis.stack.api import Api, PrometheusError, Target
from telemetry.cli.diagnosis.stack.clocks import check_clock, offset
from telemetry.cli.diagnosis.stack.where import Where
from telemetry.settings import Settings

_ZERO = "created-timestamp-zero-ingestion"
_PUSHED = "techsapo_telemetry_last_push_timestamp_seconds"
# One of these is on every page of a Collector that metrics were sent to.
_KNOWN_BY = (ALWAYS_THERE.decode(), _PUSHED, "techsapo_http_requests_total")
_OURS = '__name__=~"techsapo_.+|nodejs_.+"'
_SHOWN = 5


def check_prometheus(settings: Settings, asked: Where) -> list[Finding]:
    """Ask Prometheus about itself, about what it scrapes, and about this service."""
    if asked.prometheus is None:
        return []
    api, shown = Api(asked.prometheus), shown_address(asked.prometheus)
    try:
        version = api.ask("/api/v1/status/buildinfo").text("version")
    except PrometheusError as error:
        sentence = f"No Prometheus answers at {shown} ({error})"
        if asked.prometheus_assumed:
            remedy = "Name it by --prometheus or TECHSAPO_PROMETHEUS_URL, or start it"
            return [warn("prometheus", sentence, remedy)]
        return [broken("prometheus", sentence, "Start it, or correct the address")]
    found = [ok("prometheus", f"{shown} answers: version {version}")]
    try:
        found += _Look(api, shown, settings).findings()
    except PrometheusError as error:
        found.append(broken("prometheus", f"{shown} did not answer a question ({error})", "Look at its log"))
    return found


@dataclass(frozen=True, slots=True)
class _Look:
    """A look at a Prometheus that answers; each question may raise a PrometheusError."""

    api: Api
    shown: str
    settings: Settings

    def findings(self) -> Iterator[Finding]:
        """Ask one thing after the other."""
        if now := self.api.now():
            measured = offset(now.time, 1e-3, now.asked, now.answered, "its query time()")
            yield check_clock(f"Prometheus at {self.shown}", measured)
        yield self._start_times()
        scraped = self._targets()
        yield from self._scrapes(scraped)
        if not self._pushes:
            return
        renamed = self._renamed()
        yield from renamed
        if not renamed:
            yield from self._service(max((target.interval_seconds for target in scraped), default=15.0))

    @property
    def _pushes(self) -> bool:
        return "otlp" in self.settings.exporters

    @property
    def _port(self) -> str:
        """The port that is scraped: the Collector's, or that of the page of this process."""
        return self.settings.stack.page.rpartition(":")[2] if self._pushes else str(self.settings.page.port)

    @property
    def _job(self) -> str:
        """The label job of this service: as the Collector makes it of namespace and name."""
        attributes = self.settings.resource_attributes
        name = attributes.get("service.name", "unknown_service")
        namespace = attributes.get("service.namespace", "")
        return f"{namespace}/{name}" if namespace else name

    def _start_times(self) -> Finding:
        features = self.api.ask("/api/v1/status/flags").text("enable-feature")
        if _ZERO in features:
            return ok("start times", f"{self.shown} takes start times: a counter that appears with 5 increases by 5")
        sentence = f"{self.shown} leaves start times out: a counter that appears with 5 increases by 0"
        return warn("start times", sentence, f"Start it with --enable-feature={_ZERO}")

    def _targets(self) -> list[Target]:
        """Return the Collectors, or this page, among what is scraped: what has our figures, or listens at the port."""
        known = [self.api.targets_with(metric) for metric in _KNOWN_BY] if self._pushes else []
        carriers = [labels for targets in known for labels in targets]
        return [
            target
            for target in self.api.targets()
            if target.labels in carriers or str(urlsplit(target.url).port) == self._port
        ]

    def _scrapes(self, scraped: list[Target]) -> Iterator[Finding]:
        what = "a Collector" if self._pushes else "this page"
        if not scraped:
            page = self.settings.stack.page if self._pushes else f"{self.settings.page.host}:{self.settings.page.port}"
            remedy = f"Add {page} to its scrape_configs{', with honor_labels: true' if self._pushes else ''}"
            sentence = f"{self.shown} does not scrape {what}: no target of it has our figures, or port {self._port}"
            yield broken("scrape", sentence, remedy)
            return
        for target in scraped:
            url = shown_address(target.url)
            if target.health == "up":
                yield ok("scrape", f"{self.shown} scrapes {url} every {target.interval_seconds:g} s, and it is up")
            elif target.health == "down":
                remedy = "Start what it scrapes, or correct the target"
                yield broken("scrape", f"{self.shown} scrapes {url}, which is down: {target.error}", remedy)
            else:
                yield warn("scrape", f"{self.shown} has not scraped {url} yet", "Ask again in a moment")
        missing = len(self.settings.otlp.endpoints) - len(scraped)
        if self._pushes and missing > 0:
            sentence = f"{self.shown} scrapes {missing} fewer Collectors than this process pushes to"
            yield warn("scrape", sentence, "Have each Prometheus scrape each Collector")

    def _renamed(self) -> list[Finding]:
        """Find series whose own job was moved to exported_job: the scrape's job stands in its place."""
        found = self.api.samples(f'group by (job, exported_job) ({{{_OURS}, exported_job!=""}})')
        pairs = [(each.labels.get("job", ""), each.labels.get("exported_job", "")) for each in found]
        if not pairs:
            return []
        named = ", ".join(f"{service} is job={job}" for job, service in pairs[:_SHOWN])
        jobs = " and ".join(sorted({job for job, _ in pairs}))
        sentence = f"{self.shown} hides the services' names: {named}"
        return [broken("labels", sentence, f"Set honor_labels: true in the scrape config of {jobs}")]

    def _service(self, scrape_seconds: float) -> Iterator[Finding]:
        job = self._job
        selector = f"{{job={json.dumps(job)}, {_OURS}}}"
        series = self.api.value(f"count({selector})")
        if series is None:
            yield self._gone(job)
            return
        instances = self.api.value(f"count(count by (instance) ({selector}))") or 0
        yield ok("series", f"{self.shown} has {series:.0f} series of {job}, of {counted(instances, 'instance')}")
        age = self.api.value(f"time() - max({_PUSHED}{{job={json.dumps(job)}}})")
        if age is None:
            yield ok("age", f"How old the figures of {job} are is told from its second push on")
            return
        # A push tells of the one before it; then comes the scrape. One more interval may be late.
        most = 3 * self.settings.interval_seconds + scrape_seconds
        if age <= most:
            yield ok("age", f"The figures of {job} are at most {age:.0f} s old (up to {most:g} s is usual)")
            return
        sentence = f"The figures of {job} are {age:.0f} s old, and {most:g} s is usual: its pushes do not arrive"
        yield broken("age", sentence, "Look at the application's log for what its pushes meet")

    def _gone(self, job: str) -> Finding:
        selector = f"{{job={json.dumps(job)}}}"
        if (since := self.api.value(f"time() - max(last_over_time({_PUSHED}{selector}[1h]))")) is not None:
            sentence = f"{job} fell silent: its last push arrived {since:.0f} s ago, and there is no series of it now"
            return broken("series", sentence, "Start the application, or look at its log for what its pushes meet")
        others = [each.labels.get("job", "") for each in self.api.samples(f"group by (job) ({ALWAYS_THERE.decode()})")]
        there = f"; there are those of {', '.join(sorted(others)[:_SHOWN])}" if others else ""
        remedy = "Start the application, and ask again after an interval and a scrape; OTEL_SERVICE_NAME makes the job"
        return warn("series", f"{self.shown} has no series of {job}{there}", remedy)
