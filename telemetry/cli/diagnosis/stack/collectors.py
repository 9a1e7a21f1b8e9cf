"""What Collectors tell of themselves: health, policy, and what they refuse, drop and bound."""

import http.client
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from prometheus_client.parser import text_string_to_metric_families

from telemetry.cli.diagnosis.environment import shown_address
from telemetry.cli.diagnosis.finding import Finding, Level, broken, counted, ok, warn
from telemetry.cli.diagnosis.stack.clocks import by_date, check_clock
from telemetry.cli.diagnosis.stack.where import Where
from telemetry.cli.diagnosis.web import NoAnswerError, get
from telemetry.contract import CONTRACT
from telemetry.render.policy import policy_version
from telemetry.settings import Settings

_OWN = "otelcol_processor_techsapo_policy_"
_SHOWN = 5
_TOLD = "Name the page of its own figures by --collector or TECHSAPO_COLLECTOR_URLS"
_REFUSED: Mapping[str, tuple[str, str]] = {
    "delta": ("deltas, where all is cumulative", "Set the senders' temporality preference to cumulative"),
    "wrong_type": ("another type than the contract's", "Look at docs/metrics.md for the type, and correct the sender"),
    "wrong_boundaries": (
        "other boundaries than the contract's",
        "Give the sender's histograms the boundaries in docs/metrics.md, by a view",
    ),
    "broken": ("numbers that are none, or do not add up", "Update the sender's SDK; look at what it records"),
    "no_value": ("no value", "A sender marks series that ended so; nothing is lost"),
    "too_many_instances": (
        "too many instances",
        "Raise max_instances of techsapo_policy, or give some senders another Collector",
    ),
    "duplicate_edition": (
        "what counts under another name already",
        "Nothing is lost: a sender has two editions of the conventions; set it to one",
    ),
}


@dataclass(frozen=True, slots=True)
class _Figures:
    """A page of a Collector's own figures: value by labels, by name without _total."""

    found: Mapping[str, Mapping[str, float]]
    labels: Mapping[str, str]

    @classmethod
    def read(cls, page: str, label: Mapping[str, str]) -> "_Figures":
        """Read a page in the text format; `label` tells by which label a figure is told apart."""
        found: dict[str, dict[str, float]] = {}
        for family in text_string_to_metric_families(page):
            for sample in family.samples:
                name = sample.name.removesuffix("_total")
                key = sample.labels.get(label.get(name, ""), "")
                by_label = found.setdefault(name, {})
                by_label[key] = by_label.get(key, 0.0) + sample.value
        return cls(found, label)

    def of(self, name: str) -> dict[str, float]:
        """Return the values that are not 0, by the label, largest first."""
        values = self.found.get(name, {})
        return {key: values[key] for key in sorted(values, key=lambda key: -values[key]) if values[key] > 0}

    def sum(self, name: str) -> int:
        """Return the sum of a figure."""
        return int(sum(self.found.get(name, {}).values()))


_LABELS = {f"{_OWN}info": "version", f"{_OWN}refused_points": "reason", f"{_OWN}overflow_points": "metric"}


def check_collectors(settings: Settings, asked: Where) -> list[Finding]:
    """Ask Collectors for their health and figures, and tell what a process that pushes to them should know."""
    found = [finding for address in asked.collectors for finding in _check(address, asked)]
    if "otlp" in settings.exporters and len(asked.collectors) < len(settings.otlp.endpoints):
        looked = len(asked.collectors)
        sentence = f"The own figures of {looked} of {counted(len(settings.otlp.endpoints), 'Collector')} were looked at"
        found.append(Finding(Level.OK, "collector", sentence, f"{_TOLD}, for each"))
    return found


def _check(address: str, asked: Where) -> Iterator[Finding]:
    shown = shown_address(address)
    try:
        answer = get(address, "/metrics")
    except NoAnswerError as error:
        sentence = f"No Collector tells its own figures at {shown} ({error})"
        if asked.collectors_assumed:
            yield warn("collector", sentence, f"{_TOLD}, or start it")
        else:
            yield broken("collector", sentence, "Start the Collector, or correct the address")
        return
    if asked.health:
        yield _check_health(asked.health)
    try:
        figures = _Figures.read(answer.body.decode(errors="replace"), _LABELS)
    except ValueError:
        figures = _Figures({}, {})
    if answer.status != http.client.OK or not any(name.startswith("otelcol_") for name in figures.found):
        remedy = f"{_TOLD}: port 8888, not the page that Prometheus scrapes"
        yield broken("collector", f"What answers at {shown} is no Collector ({answer.status})", remedy)
        return
    uptime, instances = figures.sum("otelcol_process_uptime"), figures.sum(f"{_OWN}instances")
    yield ok(
        "collector",
        f"{shown} answers: up for {uptime} s; {counted(instances, 'instance')} of services sent metrics lately",
    )
    yield _check_policy(shown, figures)
    yield from _check_losses(shown, figures)
    if measured := by_date(answer):
        yield check_clock(f"the Collector at {shown}", measured)


def _check_health(address: str) -> Finding:
    shown = shown_address(address)
    try:
        status = get(address, "/").status
    except NoAnswerError as error:
        remedy = "Set TECHSAPO_COLLECTOR_HEALTH to where it listens, as for the Collector"
        return warn("collector", f"No Collector tells its health at {shown} ({error})", remedy)
    if status == http.client.OK:
        return ok("collector", f"{shown} says that it is well")
    return broken("collector", f"{shown} says that it is not well ({status})", "Look at the Collector's log")


def _check_policy(shown: str, figures: _Figures) -> Finding:
    ours = policy_version(CONTRACT)
    match list(figures.of(f"{_OWN}info")):
        case []:
            sentence = f"{shown} has no techsapo_policy: personal data passes, and limits do not hold"
            return broken("policy", sentence, "Run the Collector of this project: make collector")
        case [version] if version == ours:
            return ok("policy", f"{shown} holds senders to the contract that is installed here ({ours})")
        case versions:
            told = " and ".join(versions)
            sentence = f"{shown} holds senders to another contract ({told}) than is installed here ({ours})"
            remedy = (
                "Give both the same version: a Collector reads policy.json, which `make render` writes, at its start"
            )
            return broken("policy", sentence, remedy)


def _check_losses(shown: str, figures: _Figures) -> Iterator[Finding]:
    for reason, points in figures.of(f"{_OWN}refused_points").items():
        why, remedy = _REFUSED.get(reason, (reason, "Look at the policy processor's README"))
        yield warn("refused", f"{shown} refused {counted(points, 'point')} since its start: {why}", remedy)
    if unknown := figures.sum(f"{_OWN}unknown_metrics"):
        sentence = f"{shown} dropped {counted(unknown, 'metric')} since its start, as the contract does not know them"
        yield warn("refused", sentence, "Leave them out at the sender; what the contract knows is in docs/metrics.md")
    if overflow := figures.of(f"{_OWN}overflow_points"):
        named = ", ".join(f"{name} ({points:.0f})" for name, points in list(overflow.items())[:_SHOWN])
        more = f" and {len(overflow) - _SHOWN} others" if len(overflow) > _SHOWN else ""
        sentence = f"{shown} counts points under `other` that met a limit: {named}{more}"
        yield warn("overflow", sentence, "Look for a label whose values never end; the limits are in docs/metrics.md")
    if refused := figures.sum("otelcol_receiver_refused_metric_points"):
        sentence = f"{shown} sent {counted(refused, 'point')} back since its start, as its memory was full"
        yield warn("refused", sentence, "Raise memory_limiter's limit_mib; senders push the same figures again")
    failed = ("otelcol_receiver_failed_metric_points", "otelcol_exporter_send_failed_metric_points")
    if lost := sum(map(figures.sum, failed)):
        yield warn(
            "refused",
            f"{shown} failed to pass on {counted(lost, 'point')} since its start",
            "Look at the Collector's log",
        )
