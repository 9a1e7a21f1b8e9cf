"""P1: somebody looks within a quarter of an hour."""

from typing import Final

from monitoring.model import Alert, Group, Recording
from monitoring.pace import words
from monitoring.rules.first_layer import gauge_of, rate_of
from monitoring.rules.slos import outside
from monitoring.thresholds import Thresholds

_CONFIDENCE: Final = "techsapo_wallbounce_consensus_confidence"
_DURATION: Final = "techsapo_http_request_duration_seconds"
_FAILURES: Final = "techsapo_redis_connection_failures_total"
_SPENT: Final = gauge_of("techsapo_budget_spent_today_usd")
_BUDGET: Final = gauge_of("techsapo_budget_daily_limit_usd")

# Seconds until the day's budget is gone, at the rate of the last hour.
BUDGET_LEFT: Final = "job:budget_left:seconds"


def groups(thresholds: Thresholds) -> tuple[Group, Group]:
    """Return the recording that more than one look at, and the alerts."""
    left = f"clamp_min(max by (job) ({_BUDGET}) - max by (job) ({_SPENT}), 0)"
    spending = f"sum by (job) ({rate_of('techsapo_wallbounce_cost_usd', '1h')})"
    return (
        Group("techsapo-budget", "1m", (Recording(BUDGET_LEFT, f"{left} / ({spending} > 0)"),)),
        Group(
            "techsapo-alerts-p1",
            "15s",
            (
                _slow(thresholds),
                _budget(thresholds),
                _running_out(thresholds),
                _spent(),
                redis_failures(thresholds),
                _redis(thresholds),
                _falling(thresholds),
                _unpriced(thresholds),
            ),
        ),
    )


def _slow(thresholds: Thresholds) -> Alert:
    limit = thresholds["responses_slow"]
    where = f"{{{outside(limit.analysis_routes)}}}"
    total, count = (f"sum by (job) ({rate_of(f'{_DURATION}_{part}', '5m')}{where})" for part in ("sum", "count"))
    return Alert(
        "ResponsesSlow",
        "P1",
        "api",
        f"{limit.over(f'{total} / {count}')}\nand {limit.enough(count)}",
        limit.for_,
        "Requests take {{ $value | humanizeDuration }} on average",
        "Users wait, also those who ask for no analysis.",
        "development",
        keeps_for=limit.keeps_for,
        decided="The mean of five minutes over all routes but those that analyse, which thresholds.toml lists.",
    )


def _budget(thresholds: Thresholds) -> Alert:
    limit = thresholds["budget_nearly_spent"]
    left = "{{ with printf `" + BUDGET_LEFT + "{job=%q} > 0` $labels.job | query }}"
    return Alert(
        "BudgetNearlySpent",
        "P1",
        "budget",
        f"max by (job) ({_SPENT}) / (max by (job) ({_BUDGET}) > 0) > {limit.number}",
        limit.for_,
        "{{ $value | humanizePercentage }} of the day's budget is spent",
        f"{left}At the present rate the rest lasts {{{{ . | first | value | printf `%.0f` | humanizeDuration }}}}. "
        "{{ end }}"
        "At the limit analyses are refused with 402 until midnight in the budget's time zone.",
        "executive",
        decided="The guard's own figures of the day in its time zone; a day of 24 hours back is another thing.",
    )


def _running_out(thresholds: Thresholds) -> Alert:
    limit = thresholds["budget_running_out"]
    return Alert(
        "BudgetRunningOut",
        "P1",
        "budget",
        f"{BUDGET_LEFT} < {limit.number} and {BUDGET_LEFT} > 0",
        limit.for_,
        "At the present rate the day's budget is gone in {{ printf `%.0f` $value | humanizeDuration }}",
        "From then on analyses are refused with 402 until midnight in the budget's time zone, unless that comes first.",
        "executive",
        decided="What is left by the guard's figures, at the rate of the cost of the last hour. Late in the "
        "evening the day may end first.",
    )


def _spent() -> Alert:
    return Alert(
        "BudgetSpent",
        "P1",
        "budget",
        f"max by (job) ({_SPENT}) >= (max by (job) ({_BUDGET}) > 0)",
        "0s",
        "The day's budget is spent, {{ printf `%.2f` $value }} USD",
        "Analyses are refused with 402 until midnight in the budget's time zone; what the cache has is served on.",
        "executive",
        decided="As the guard refuses: from the limit on.",
    )


def redis_failures(thresholds: Thresholds) -> Recording:
    """Return the exact count (`anchored`) for the alert, and for dashboards, whose data sources may not have it."""
    window = thresholds["redis_connection_failures"].window
    exact = f"increase({_FAILURES}[{thresholds.pace.time(window)}] anchored)"
    return Recording(f"job:redis_connection_failures:increase{window}", f"sum by (job) (max without (lane) ({exact}))")


def _redis(thresholds: Thresholds) -> Alert:
    limit = thresholds["redis_connection_failures"]
    return Alert(
        "RedisConnectionFailures",
        "P1",
        "redis",
        f"{redis_failures(thresholds).record} > {limit.number}",
        limit.for_,
        f"{{{{ $value }}}} connections to Redis failed within {words(limit.window)}",
        "Cache, rate limits and the shared budget do without Redis: calls cost more, and limits apply to nobody.",
        "operations",
        keeps_for=limit.keeps_for,
        decided="An exact count (`anchored`), which is recorded just before: increase() without it extrapolates.",
    )


def _falling(thresholds: Thresholds) -> Alert:
    limit, hour = thresholds["consensus_falling"], thresholds.pace.time("1h")
    total, count = (rate_of(f"{_CONFIDENCE}_{part}", "1h") for part in ("sum", "count"))
    now, before = f"sum by (job) ({count})", f"sum by (job) ({count} offset {hour})"
    less = f"1 - (sum by (job) ({total}) / {now}) / (sum by (job) ({total} offset {hour}) / {before})"
    return Alert(
        "ConsensusFalling",
        "P1",
        "wallbounce",
        f"{limit.over(less)}\nand {limit.enough(now)}\nand {limit.enough(before)}",
        limit.for_,
        "Mean consensus confidence is {{ $value | humanizePercentage }} below that of the hour before",
        "Verdicts are getting worse: often a provider has put another model behind the same name.",
        "operations",
        decided="The mean of this hour beside that of the hour before, as a share of the latter.",
    )


def _unpriced(thresholds: Thresholds) -> Alert:
    limit, calls = thresholds["calls_unpriced"], "techsapo_llm_unpriced_calls_total"
    window = thresholds.pace.time(limit.window)
    counted = f"max without (lane) (increase({calls}[{window}] anchored)) > 0"
    # One whose first sample has counted already.
    born = f"max without (lane) ({calls}) unless max without (lane) (last_over_time({calls}[{window}] offset {window}))"
    return Alert(
        "LlmCallsUnpriced",
        "P1",
        "budget",
        f"sum by (job, provider, model) ({counted} or {born}) > 0",
        limit.for_,
        f"{{{{ $value }}}} calls of {{{{ $labels.provider }}}}'s {{{{ $labels.model }}}} within {words(limit.window)} "
        "have no price",
        "The cost is too low by them, and the budget does not see them.",
        "executive",
        decided="Any call counts, as each is missing in the cost. A rate of five minutes would be silent on those that "
        "come now and then.",
        narrows=("job", "provider", "model"),
    )
