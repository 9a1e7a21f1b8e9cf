"""LLM providers side by side."""

from typing import Final

from monitoring.dashboards import promql, ranking
from monitoring.dashboards.model import Panel, Query, Row, Unit
from monitoring.dashboards.overview import DEVELOPMENT
from monitoring.dashboards.signals import CALLS, Signals
from monitoring.dashboards.windows import window_of
from monitoring.rules.first_layer import FAILED

_TIME: Final = "techsapo_llm_response_time_seconds"
_TOKENS: Final = "techsapo_llm_token_usage_total"
_COST: Final = "techsapo_wallbounce_cost_usd"


def row(signals: Signals) -> Row:
    """Return the row."""
    return Row("LLM providers side by side", (_table(signals), _failing(signals), _times(), _outcomes(), _models()))


def _table(signals: Signals) -> Panel:
    by = ("provider",)
    limit = signals.limit("LlmProviderFailing", "llm_provider_failing")
    return Panel(
        "table",
        "Providers",
        "Each provider now: calls, the share of them that fails (as the alert takes it), how long the slowest "
        "twentieth takes, tokens and cost. Read down a column to compare.",
        (
            Query(promql.per_second(CALLS, by=by), "calls", Unit.PER_SECOND, 2),
            Query(signals.failing_calls(), "fail", Unit.SHARE, 1, limit, vmui=False),
            Query(promql.quantile(0.5, _TIME, by=by), "median", Unit.SECONDS, 1, vmui=False),
            Query(promql.quantile(0.95, _TIME, by=by), "p95", Unit.SECONDS, 1, vmui=False),
            Query(promql.per_second(_TOKENS, by=by), "tokens", Unit.PER_SECOND, 0, vmui=False),
            Query(f"3600 * {promql.per_second(_COST, by=by)}", "cost an hour", Unit.USD, 2, vmui=False),
        ),
        Unit.NUMBER,
        "no calls",
        24,
        7,
        rows=by,
        drill=DEVELOPMENT,
    )


def _failing(signals: Signals) -> Panel:
    failing, calls = signals.failing_calls(), promql.recorded(CALLS, "5m", by=("provider",))
    return Panel(
        "timeseries",
        "Calls that fail, by provider",
        f"Share of the calls of {window_of(failing)} that ended in an error, a timeout or a refusal for rate, as the "
        "alert takes it. The eight worst providers of the range.",
        (Query(ranking.worst(8, failing, failing, calls, "provider"), "{{provider}}"),),
        Unit.SHARE,
        "no calls",
        8,
        limit=signals.limit("LlmProviderFailing", "llm_provider_failing"),
        least=0,
    )


def _times() -> Panel:
    by = ("provider",)
    slow, mean = promql.quantile(0.95, _TIME, by=by), promql.mean(_TIME, by=by)
    answers = promql.per_second(f"{_TIME}_count", by=by)
    return Panel(
        "timeseries",
        "Response time p95, by provider",
        "19 of 20 calls are answered within this, failed ones and waits between retries included. The eight slowest "
        "providers of the range.",
        (Query(ranking.worst(8, slow, mean, answers, *by), "{{provider}}"),),
        Unit.SECONDS,
        "no calls",
        8,
        decimals=1,
        least=0,
    )


def _outcomes() -> Panel:
    return Panel(
        "timeseries",
        "Calls, by outcome",
        "Calls a second: `rate_limited` asks for a higher quota, `timeout` for the provider's status page, `error` for "
        "the application's log; `other` the application broke off itself.",
        (Query(promql.per_second(CALLS, by=("status",)), "{{status}}"),),
        Unit.PER_SECOND,
        "no calls",
        8,
        decimals=2,
        stacked=True,
        least=0,
    )


def _models() -> Panel:
    by = ("provider", "model")
    calls = promql.per_second(CALLS, by=by)
    failing = promql.share(promql.per_second(CALLS, FAILED, by=by), calls)
    tokens = (promql.per_second(_TOKENS, f'type="{kind}"', by=by) for kind in ("input", "output"))

    def most(expr: str) -> str:
        return ranking.worst(20, expr, failing, calls, *by)

    return Panel(
        "table",
        "Models",
        "20 models of the range, the worst by their failed calls first, then those with the most calls: calls, the "
        "share that fails, and tokens sent and received.",
        (
            Query(most(calls), "calls", Unit.PER_SECOND, 2, vmui=False),
            Query(most(failing), "fail", Unit.SHARE, 1, vmui=False),
            Query(most(promql.quantile(0.95, _TIME, by=by)), "p95", Unit.SECONDS, 1, vmui=False),
            *(
                Query(most(rate), f"{kind} tokens", Unit.PER_SECOND, 0)
                for kind, rate in zip(("input", "output"), tokens, strict=True)
            ),
        ),
        Unit.NUMBER,
        "no calls",
        24,
        7,
        rows=by,
    )
