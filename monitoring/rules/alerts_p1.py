"""P1: somebody looks within a quarter of an hour."""

from monitoring.model import Alert, Group
from monitoring.rules.first_layer import gauge_of, rate_of
from monitoring.thresholds import Thresholds

_CONFIDENCE = "techsapo_wallbounce_consensus_confidence"
_DURATION = "techsapo_http_request_duration_seconds"
_FAILURES = "techsapo_redis_connection_failures_total"


def group(thresholds: Thresholds) -> Group:
    """Return the group."""
    return Group(
        "techsapo-alerts-p1",
        "15s",
        (_slow(thresholds), _budget(thresholds), _redis(thresholds), _falling(thresholds), _unpriced()),
    )


def _slow(thresholds: Thresholds) -> Alert:
    limit = thresholds["responses_slow"]
    where = '{route!~"' + "|".join(limit.analysis_routes) + '"}'
    total, count = (rate_of(f"{_DURATION}_{part}", "5m") for part in ("sum", "count"))
    return Alert(
        "ResponsesSlow",
        "P1",
        "api",
        f"sum by (job) ({total}{where}) / sum by (job) ({count}{where}) > {limit.number}\n"
        f"and sum by (job) ({count}{where}) * 300 >= {limit.at_least:g}",
        limit.for_,
        "Requests take {{ $value | humanizeDuration }} on average",
        "Every user waits, also those who ask for no analysis.",
        decided="The mean of five minutes over all routes but those that analyse, which thresholds.toml lists.",
    )


def _budget(thresholds: Thresholds) -> Alert:
    limit = thresholds["budget_nearly_spent"]
    spent, most = gauge_of("techsapo_budget_spent_today_usd"), gauge_of("techsapo_budget_daily_limit_usd")
    return Alert(
        "BudgetNearlySpent",
        "P1",
        "budget",
        f"max by (job) ({spent}) / (max by (job) ({most}) > 0) > {limit.number}",
        limit.for_,
        "{{ $value | humanizePercentage }} of the day's budget is spent",
        "At the limit analyses are refused with 402 until midnight in the budget's time zone.",
        decided="The guard's own figures of the day in its time zone; a day of 24 hours back is another thing.",
    )


def _redis(thresholds: Thresholds) -> Alert:
    limit = thresholds["redis_connection_failures"]
    exact = f"increase({_FAILURES}[{limit.window}] anchored)"
    return Alert(
        "RedisConnectionFailures",
        "P1",
        "redis",
        f"sum by (job) (max without (lane) ({exact})) > {limit.number}",
        limit.for_,
        "{{ $value }} connections to Redis failed in five minutes",
        "Cache, rate limits and the shared budget do without Redis: calls cost more, and limits hold for no one.",
        decided="An exact count (`anchored`): increase() without it extrapolates eleven to more, or ten to less.",
    )


def _falling(thresholds: Thresholds) -> Alert:
    limit = thresholds["consensus_falling"]
    total, count = (f"sum by (job) ({rate_of(f'{_CONFIDENCE}_{part}', '1h')})" for part in ("sum", "count"))
    before_total, before_count = (
        f"sum by (job) ({rate_of(f'{_CONFIDENCE}_{part}', '1h')} offset 1h)" for part in ("sum", "count")
    )
    return Alert(
        "ConsensusFalling",
        "P1",
        "wallbounce",
        f"1 - ({total} / {count}) / ({before_total} / {before_count}) > {limit.number}\n"
        f"and {count} * 3600 >= {limit.at_least:g}\nand {before_count} * 3600 >= {limit.at_least:g}",
        limit.for_,
        "Mean consensus confidence is {{ $value | humanizePercentage }} below that of the hour before",
        "Verdicts are getting worse: often a provider has put another model behind the same name.",
        decided="The mean of this hour beside that of the hour before, as a share of the latter.",
    )


def _unpriced() -> Alert:
    return Alert(
        "LlmCallsUnpriced",
        "P1",
        "budget",
        f"sum by (job, provider, model) ({rate_of('techsapo_llm_unpriced_calls_total', '5m')}) > 0",
        "5m",
        "Calls of {{ $labels.model }} of {{ $labels.provider }} have no price",
        "The cost is too low by them, and the budget does not see them.",
    )
