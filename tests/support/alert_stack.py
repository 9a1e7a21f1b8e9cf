"""Two Collectors as lanes, a Prometheus with the rules, and an Alertmanager that tells a webhook, at a pace of 15."""

import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from monitoring import alertmanager
from tests.support import ports, wait
from tests.support.alertmanager import Alertmanager
from tests.support.collector import Collector
from tests.support.otlp_sink import OtlpSink
from tests.support.ruled_prometheus import LANES, PACE, Pages, RuledPrometheus
from tests.support.webhook import Webhook

# What the Collector's configuration says, at the pace: a sender that is silent is gone after 90 s.
_EXPIRATION: Final = f"{90 / PACE.divisor:g}s"
_OVERLAY: Final = (
    f"exporters: {{prometheus: {{metric_expiration: {_EXPIRATION}}}}}\n"
    f"processors: {{techsapo_policy: {{instance_expiration: {_EXPIRATION}}}}}\n"
)


@dataclass(frozen=True)
class AlertStack:
    """The running servers; `sink` is what the Collectors forward traces and logs to."""

    sink: OtlpSink
    collectors: tuple[Collector, Collector]
    alertmanager: Alertmanager
    prometheus: RuledPrometheus
    webhook: Webhook

    @property
    def endpoints(self) -> str:
        """Where an application pushes to, as TECHSAPO_OTLP_ENDPOINTS has it."""
        return ",".join(collector.endpoint for collector in self.collectors)

    def add_rules(self, name: str, text: str) -> Path:
        """Have Prometheus read one more file of rules."""
        file = self.prometheus.rules / f"{name}.yaml"
        file.write_text(text)
        self.reload()
        return file

    def reload(self) -> None:
        """Have Prometheus read its files anew."""
        self.prometheus.signal(signal.SIGHUP)


@contextmanager
def running(directory: Path) -> Iterator[AlertStack]:
    """Start everything, and stop it at the end; the watchdog was heard when it begins."""
    with ExitStack() as exits:
        webhook, sink = exits.enter_context(Webhook()), exits.enter_context(OtlpSink())
        collectors = [_collector(directory / f"lane-{lane}", sink) for lane in LANES]
        first, second = (exits.enter_context(collector) for collector in collectors)
        rendered = alertmanager.rendered_files(pace=PACE.divisor, webhook=webhook.url(), to=Path())
        files = {str(path): text for path, text in rendered.items()}
        told = exits.enter_context(Alertmanager(directory / "alertmanager", files))
        pages = {lane: _pages(collector) for lane, collector in zip(LANES, (first, second), strict=True)}
        prometheus = RuledPrometheus(directory, pages, f"{ports.LOOPBACK}:{told.port}")
        stack = AlertStack(sink, (first, second), told, exits.enter_context(prometheus), webhook)
        wait.until(webhook.notifications, 60, "the watchdog's notification")
        yield stack


def _collector(directory: Path, sink: OtlpSink) -> Collector:
    directory.mkdir()
    return Collector(directory, forward=sink.endpoint, overlay=_OVERLAY)


def _pages(collector: Collector) -> Pages:
    return Pages(f"{ports.LOOPBACK}:{collector.page}", f"{ports.LOOPBACK}:{collector.telemetry}")
