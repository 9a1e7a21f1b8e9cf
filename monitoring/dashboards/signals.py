"""How near each alert is to its threshold, and the health score that is made of it.

A signal is 0 where nothing is wrong and 1 at the value that the alert fires from, so that unlike things stand side by
side. Where there is too little traffic for the alert it is 0; where there is none at all it is absent.
"""

from dataclasses import dataclass
from typing import Final

from monitoring.dashboards import promql
from monitoring.dashboards.model import Limit
from monitoring.rules import alerts_p1, slos
from monitoring.rules.first_layer import BREAKER, FAILED, PUSHED, SERVER_ERROR
from monitoring.thresholds import Threshold, Thresholds

REQUESTS: Final = "techsapo_http_requests_total"
DURATION: Final = "techsapo_http_request_duration_seconds"
CALLS: Final = "techsapo_llm_requests_total"
CONFIDENCE: Final = "techsapo_wallbounce_consensus_confidence"
LOOK_UPS: Final = "techsapo_cache_requests_total"
SPENT: Final = "techsapo_budget_spent_today_usd"
BUDGET: Final = "techsapo_budget_daily_limit_usd"
REDIS_FAILURES: Final = "techsapo_redis_connection_failures_total"

HEALTH: Final = (
    "100 × (1.5 − worst), held between 0 and 100. `worst` is the largest of four signals, each as a share of the "
    "threshold of its alert: answers of 500 to 599, failing calls of the worst provider, missing consensus confidence "
    "(1 − mean), and mean response time. So 100 is: every signal is below half of its threshold; 50: one is at its "
    "threshold, somebody is about to be paged; 0: one is half above it. The worst one decides, as a mean would hide it."
    " A budget that is spent, so that analyses are refused, and a service that is silent are 0 at once."
)


@dataclass(frozen=True, slots=True)
class Signals:
    """The expressions, built on the thresholds."""

    thresholds: Thresholds

    def limit(self, alert: str, name: str) -> Limit:
        """Return the threshold of an alert, to be drawn."""
        threshold = self.thresholds[name]
        if threshold.value is None:
            msg = f"{name}: got no value; a threshold that is drawn needs one"
            raise ValueError(msg)
        return Limit(alert, threshold.value, "below" if name in _LOW else "above")

    def server_errors(self, by: tuple[str, ...] = ()) -> str:
        """Return the share of requests that end in 5xx."""
        part, whole = (promql.recorded(REQUESTS, "2m", *match, by=by) for match in ((SERVER_ERROR,), ()))
        return promql.share(part, whole)

    def failing_calls(self, by: tuple[str, ...] = ("provider",)) -> str:
        """Return the share of calls of LLM providers that fail."""
        part, whole = (promql.recorded(CALLS, "5m", *match, by=by) for match in ((FAILED,), ()))
        return promql.share(part, whole)

    def confidence(self, by: tuple[str, ...] = ()) -> str:
        """Return the mean consensus confidence."""
        total, count = (promql.recorded(f"{CONFIDENCE}_{part}", "5m", by=by) for part in ("sum", "count"))
        return f"{total} / ({count} > 0)"

    def response_time(self, by: tuple[str, ...] = ()) -> str:
        """Return the mean response time, in seconds, of the routes that ask no provider."""
        routes = slos.outside(self.thresholds["responses_slow"].analysis_routes)
        total, count = (promql.recorded(f"{DURATION}_{part}", "5m", routes, by=by) for part in ("sum", "count"))
        return f"{total} / ({count} > 0)"

    def memory(self, by: tuple[str, ...] = ("component",)) -> str:
        """Return the largest share of its limit that the memory of any instance has reached."""
        usage, most = (
            f"max without (lane) ({promql.selector(f'techsapo_memory_{what}_bytes')})" for what in ("usage", "limit")
        )
        return f"max by ({', '.join(by)}) ({usage} / ({most} > 0))"

    def budget(self) -> str:
        """Return the share of the day's budget that is spent."""
        spent, most = (promql.level(metric, by=("job",)) for metric in (SPENT, BUDGET))
        return f"max({spent} / ({most} > 0))"

    def cache_hits(self, by: tuple[str, ...] = ("cache_type",)) -> str:
        """Return the share of look-ups that find something."""
        part, whole = (promql.recorded(LOOK_UPS, "5m", *match, by=by) for match in (('result="hit"',), ()))
        return promql.share(part, whole)

    def age(self) -> str:
        """Return how old the newest figures of a job were at their scrape, in seconds, where they are oldest."""
        pushed = promql.selector(PUSHED)
        return f"max(min by (job) (timestamp({pushed}) - {pushed}))"

    def redis_failures(self) -> str:
        """Return how many connections to Redis failed in the alert's window, in the job where most did."""
        recorded = alerts_p1.redis_failures(self.thresholds).record
        return promql.or_none(f"max({promql.selector(REDIS_FAILURES, name=recorded)})")

    def felt(self) -> str:
        """Return the signals that users feel, by `signal`: what the health score is made of."""
        errors, failing, low, slow = (
            self.thresholds[name]
            for name in ("http_server_errors", "llm_provider_failing", "consensus_confidence_low", "responses_slow")
        )
        job = ("job",)
        requests = promql.recorded(REQUESTS, "2m", by=job)
        calls = promql.recorded(CALLS, "5m", by=("job", "provider"))
        verdicts = promql.recorded(f"{CONFIDENCE}_count", "5m", by=job)
        routes = slos.outside(slow.analysis_routes)
        answers = promql.recorded(f"{DURATION}_count", "5m", routes, by=job)
        heard = f"max by (job, provider) ({_enough(calls, failing)} or {_BROKEN})"
        return _together(
            ("5xx answers", f"{_near(self.server_errors(job), errors)} * {_enough(requests, errors)}"),
            ("failing LLM provider", f"{_near(self.failing_calls(('job', 'provider')), failing)} * {heard}"),
            ("low consensus", f"{_near(self.confidence(job), low)} * {_enough(verdicts, low)}"),
            ("slow responses", f"{_near(self.response_time(job), slow)} * {_enough(answers, slow)}"),
            ("refused: no budget left", f"{_WORST} * {self._refused()}"),
            ("silent service", f'{_WORST} * ALERTS{{alertname="ServiceSilent",alertstate="firing",job=~"$job"}}'),
        )

    def _refused(self) -> str:
        spent, most = (promql.level(metric, by=("job",)) for metric in (SPENT, BUDGET))
        return f"(({spent} >= bool ({most} > 0)) == 1)"

    def held(self) -> str:
        """Return the signals of resources, by `signal`."""
        by, misses = ("job", "cache_type"), self.thresholds["cache_hits_low"]
        look_ups = promql.recorded(LOOK_UPS, "5m", by=by)
        return _together(
            ("memory", _near(self.memory(("job",)), self.thresholds["memory_near_limit"])),
            ("budget spent", _near(self.budget(), self.thresholds["budget_nearly_spent"])),
            ("cache misses", f"{_near(self.cache_hits(by), misses)} * {_enough(look_ups, misses)}"),
            ("Redis failures", _near(self.redis_failures(), self.thresholds["redis_connection_failures"])),
        )

    def health(self) -> str:
        """Return the health score, from 0 to 100."""
        return f"100 * clamp({_WORST} - max({self.felt()}), 0, 1)"


# From here up a signal leaves nothing of the score.
_WORST: Final = 1.5

# Behind a breaker that is not closed few calls are enough, as they are for the alert.
_BROKEN: Final = f'label_join({BREAKER} > bool 0, "provider", "", "service")'

_LOW: Final = ("consensus_confidence_low", "cache_hits_low")


def _near(expr: str, threshold: Threshold) -> str:
    if threshold.name in _LOW:
        return f"(1 - {expr}) / (1 - {threshold.number})"
    return f"({expr}) / {threshold.number}"


def _enough(rate: str, threshold: Threshold) -> str:
    return f"({rate} * {threshold.pace.seconds(threshold.within):g} >= bool {threshold.least:g})"


def _together(*signals: tuple[str, str]) -> str:
    """Put unlike things into one vector, each with its name as `signal`."""
    return "\nor ".join(f'label_replace(max({expr}), "signal", "{name}", "", "")' for name, expr in signals)
