"""What is to be told of calls, recomputed from what the stub has served; and what was told."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from tests.support.measured import Labels, Measured
from tests.support.providers.bill import Bill
from tests.support.providers.script import Asked

# As far as the sum of a metric, which is a float, may be off: a thousandth of a micro-dollar.
TOLERANCE_USD = Fraction(1, 10**9)


@dataclass(slots=True)
class Figures:
    """The metrics of LLM providers, series by series, without those of no value."""

    requests: dict[Labels, Fraction] = field(default_factory=dict)
    response_times: dict[Labels, Fraction] = field(default_factory=dict)
    tokens: dict[Labels, Fraction] = field(default_factory=dict)
    unpriced: dict[Labels, Fraction] = field(default_factory=dict)
    usd: dict[Labels, Fraction] = field(default_factory=dict)

    def add(self, bill: Bill, attempts: Sequence[Asked], status: str, task_type: str = "other") -> None:
        """Add one call: the requests that it came down to, its status and its task type."""
        last = attempts[-1]
        provider, model = last.provider, last.model
        _more(self.requests, (provider, model, status, task_type))
        _more(self.response_times, (provider, model))
        usd = bill.usd(last)
        if usd is None or (last.told is None and (last.begun or status == "success")):
            _more(self.unpriced, (provider, model))
        if last.told is not None:
            _more(self.tokens, (provider, "input", model), last.told.prompt)
            _more(self.tokens, (provider, "output", model), last.told.output)
            _more(self.usd, (provider, task_type), usd or 0)


def told(measured: Measured) -> Figures:
    """Return what has reached the contract's metrics."""

    def values(metric: str) -> dict[Labels, Fraction]:
        return {labels: Fraction(value) for labels, value in measured.values(metric).items() if value}

    return Figures(
        values("techsapo_llm_requests_total"),
        {labels: Fraction(count) for labels, count in measured.counts("techsapo_llm_response_time_seconds").items()},
        values("techsapo_llm_token_usage_total"),
        values("techsapo_llm_unpriced_calls_total"),
        values("techsapo_wallbounce_cost_usd"),
    )


def differences(expected: Figures, found: Figures) -> dict[str, object]:
    """Return the metrics that differ with what was expected and what was found; money by more than the tolerance."""
    names = ("requests", "response_times", "tokens", "unpriced")
    wrong: dict[str, object] = {
        name: (getattr(expected, name), getattr(found, name))
        for name in names
        if getattr(expected, name) != getattr(found, name)
    }
    series = {*expected.usd, *found.usd}
    off = {key: (expected.usd.get(key, Fraction(0)), found.usd.get(key, Fraction(0))) for key in series}
    usd = {key: (float(a), float(b)) for key, (a, b) in off.items() if abs(a - b) > TOLERANCE_USD}
    return {**wrong, **({"usd": usd} if usd else {})}


def _more(series: dict[Labels, Fraction], labels: Labels, amount: int | Fraction = 1) -> None:
    if amount:
        series[labels] = series.get(labels, Fraction(0)) + amount
