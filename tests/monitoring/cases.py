"""The cases of each alert: a table of scenes."""

from collections.abc import Iterator

from tests.monitoring.scenes import Scene, every, level, nothing, then

HOUR, MINUTE = 3_600, 60
NONE: tuple[dict[str, str], ...] = ()
ONE: tuple[dict[str, str], ...] = ({},)

REQUESTS = "techsapo_http_requests_total"
DURATION = "techsapo_http_request_duration_seconds"
CONFIDENCE = "techsapo_wallbounce_consensus_confidence"
CALLS = "techsapo_llm_requests_total"
USAGE = 'techsapo_memory_usage_bytes{component="process"}'
LIMIT = 'techsapo_memory_limit_bytes{component="process"}'
SPENT, BUDGET = "techsapo_budget_spent_today_usd", "techsapo_budget_daily_limit_usd"
FAILURES = "techsapo_redis_connection_failures_total"
LOOK_UPS = "techsapo_cache_requests_total"
PROCESS = {"instance": "i1", "component": "process"}
OPENAI = {"provider": "openai"}


def restarts(seconds: float, per_second: float) -> str:
    """A counter of a process that is begun anew in the middle."""
    return then(every(seconds / 2, per_second, start=1_000), every(seconds / 2, per_second))


def _ratio(
    alert: str, good: str, bad: str, labels: dict[str, str], *, bad_share: float, for_: int, window: int, least: float
) -> Iterator[Scene]:
    """Cases of an alert on a share of bad ones: `least` are the fewest in a window, `for_` its time in seconds."""
    rate = 4 * least / window

    def scene(name: str, share: float, fires: dict[int, object], *, total: float = rate, how: object = every) -> Scene:
        make = how if callable(how) else every
        series = {good: make(HOUR, total * (1 - share)), bad: make(HOUR, total * share)}
        return Scene(f"{alert}: {name}", alert, series, fires)  # type: ignore[arg-type]  # given as a plain mapping

    over, under = bad_share * 1.2, bad_share * 0.9
    yield scene("fires", over, {window + for_ + MINUTE: (labels,), for_ - 15: NONE})
    yield scene("just under", under, {HOUR - MINUTE: NONE})
    yield scene("little traffic", 0.9, {HOUR - MINUTE: NONE}, total=0.8 * least / window)
    ripe = window + for_ + MINUTE
    restarted, gone = max(HOUR // 2 + MINUTE, ripe), max(HOUR // 4 + 10 * MINUTE, ripe)
    yield scene("a restart", over, {HOUR - MINUTE: (labels,), restarted: (labels,)}, how=restarts)
    yield scene("a restart, just under", under, {HOUR // 2 + MINUTE: NONE, HOUR - MINUTE: NONE}, how=restarts)
    yield Scene(f"{alert}: no data", alert, {good: nothing(HOUR)}, {HOUR - MINUTE: NONE})
    yield Scene(
        f"{alert}: a lane gone",
        alert,
        {
            _in_lane(good, "a"): every(HOUR, rate * (1 - over)),
            _in_lane(bad, "a"): every(HOUR, rate * over),
            _in_lane(good, "b"): then(every(HOUR / 4, rate * (1 - over)), nothing(3 * HOUR / 4)),
            _in_lane(bad, "b"): then(every(HOUR / 4, rate * over), nothing(3 * HOUR / 4)),
        },
        {gone: (labels,), HOUR - MINUTE: (labels,)},
    )


def _in_lane(series: str, lane: str) -> str:
    return series.rstrip("}") + ("," if "{" in series else "{") + f'lane="{lane}"' + "}"


def _mean(alert: str, sample: str, labels: str, *, bad: float, good: float, for_: int) -> Iterator[Scene]:
    """Cases of an alert on a mean over five minutes: `bad` fires, `good` is just on the right side."""
    total, count = f"{sample}_sum{labels}", f"{sample}_count{labels}"

    def scene(name: str, mean: float, fires: dict[int, object], *, rate: float = 1.0, how: object = every) -> Scene:
        make = how if callable(how) else every
        return Scene(f"{alert}: {name}", alert, {total: make(HOUR, rate * mean), count: make(HOUR, rate)}, fires)  # type: ignore[arg-type]  # as above

    yield scene("fires", bad, {for_ + 2 * MINUTE: ONE, for_ - 15: NONE})
    yield scene("just on the right side", good, {HOUR - MINUTE: NONE})
    yield scene("little traffic", bad, {HOUR - MINUTE: NONE}, rate=0.8 * 5 / 300)
    yield scene("a restart", bad, {HOUR // 2 + 2 * MINUTE: ONE}, how=restarts)
    yield Scene(f"{alert}: no data", alert, {count: nothing(HOUR)}, {HOUR - MINUTE: NONE})
    yield Scene(
        f"{alert}: a lane gone",
        alert,
        {
            _in_lane(total, "a"): every(HOUR, bad),
            _in_lane(count, "a"): every(HOUR, 1),
            _in_lane(total, "b"): then(every(HOUR / 4, bad), nothing(3 * HOUR / 4)),
            _in_lane(count, "b"): then(every(HOUR / 4, 1), nothing(3 * HOUR / 4)),
        },
        {HOUR // 4 + 10 * MINUTE: ONE, HOUR - MINUTE: ONE},
    )


def _gauge(alert: str, value: str, limit: str, labels: dict[str, str], *, share: float, for_: int) -> Iterator[Scene]:
    """Cases of an alert on a gauge beside its limit."""
    over, under, most = share + 0.02, share - 0.02, 1_000.0

    def scene(name: str, told: str, fires: dict[int, object], bound: str | None = None) -> Scene:
        series = {value: told, limit: bound or level(HOUR, most)}
        return Scene(f"{alert}: {name}", alert, series, fires)  # type: ignore[arg-type]  # as above

    rises = then(level(10 * MINUTE, under * most), level(HOUR, over * most))
    yield scene("fires", rises, {10 * MINUTE + for_ + 45: (labels,), 10 * MINUTE - 15: NONE})
    yield scene("just under", level(HOUR, under * most), {HOUR - MINUTE: NONE})
    yield scene("no data", nothing(HOUR), {HOUR - MINUTE: NONE})
    yield scene("a restart", then(level(HOUR / 2, over * most), level(HOUR / 2, 0.1 * most)), {HOUR - MINUTE: NONE})
    yield scene("without a limit", level(HOUR, over * most), {HOUR - MINUTE: NONE}, nothing(HOUR))
    yield Scene(
        f"{alert}: a lane gone",
        alert,
        {
            _in_lane(value, "a"): level(HOUR, over * most),
            _in_lane(limit, "a"): level(HOUR, most),
            _in_lane(value, "b"): then(level(HOUR / 4, over * most), nothing(3 * HOUR / 4)),
            _in_lane(limit, "b"): then(level(HOUR / 4, most), nothing(3 * HOUR / 4)),
        },
        {HOUR // 4 + 10 * MINUTE: (labels,)},
    )


def _redis() -> Iterator[Scene]:
    alert = "RedisConnectionFailures"
    eleven, ten = (then(level(10 * MINUTE, 0), level(HOUR, count)) for count in (11, 10))
    # A counter that appears with its figure was told from its birth on by a sample of 0.
    yield Scene(f"{alert}: fires", alert, {FAILURES: eleven}, {10 * MINUTE + 30: ONE, 10 * MINUTE - 15: NONE})
    yield Scene(f"{alert}: ends", alert, {FAILURES: eleven}, {16 * MINUTE: NONE})
    yield Scene(f"{alert}: just under", alert, {FAILURES: ten}, {10 * MINUTE + 30: NONE, 12 * MINUTE: NONE})
    slow = every(HOUR, 10 / 300)
    yield Scene(f"{alert}: ten in any five minutes", alert, {FAILURES: slow}, {HOUR - MINUTE: NONE})
    yield Scene(
        f"{alert}: a restart", alert, {FAILURES: then(level(10 * MINUTE, 500), level(HOUR, 0))}, {11 * MINUTE: NONE}
    )
    yield Scene(f"{alert}: no data", alert, {FAILURES: nothing(HOUR)}, {HOUR - MINUTE: NONE})
    yield Scene(
        f"{alert}: a lane gone",
        alert,
        {f'{FAILURES}{{lane="a"}}': eleven, f'{FAILURES}{{lane="b"}}': then(level(5 * MINUTE, 0), nothing(HOUR))},
        {10 * MINUTE + 30: ONE},
    )


def _falling() -> Iterator[Scene]:
    alert = "ConsensusFalling"
    total, count = f"{CONFIDENCE}_sum", f"{CONFIDENCE}_count"

    def scene(name: str, later: float, fires: dict[int, tuple[dict[str, str], ...]], rate: float = 0.1) -> Scene:
        first = 2 * HOUR
        sums = then(every(first, rate * 0.9), every(2 * HOUR, rate * later, start=rate * 0.9 * (first + 15)))
        return Scene(f"{alert}: {name}", alert, {total: sums, count: every(4 * HOUR, rate)}, fires)

    yield scene("fires", 0.7, {3 * HOUR + 10 * MINUTE: ONE, 2 * HOUR: NONE})
    yield scene("just under", 0.9 * 0.92, {3 * HOUR + 10 * MINUTE: NONE})
    yield scene("little traffic", 0.5, {3 * HOUR + 10 * MINUTE: NONE}, rate=15 / HOUR)
    yield Scene(f"{alert}: no data", alert, {count: nothing(HOUR)}, {HOUR - MINUTE: NONE})
    yield Scene(
        f"{alert}: a restart",
        alert,
        {total: restarts(4 * HOUR, 0.09), count: restarts(4 * HOUR, 0.1)},
        {2 * HOUR + 10 * MINUTE: NONE, 3 * HOUR: NONE},
    )


def scenes() -> tuple[Scene, ...]:
    """Return all of them."""
    ok, bad = (f'{REQUESTS}{{route="/x",status_code="{status}"}}' for status in (200, 500))
    success, error = (f'{CALLS}{{provider="openai",model="m",status="{status}"}}' for status in ("success", "error"))
    hit, miss = (f'{LOOK_UPS}{{cache_type="redis",result="{result}"}}' for result in ("hit", "miss"))
    durations = {
        f'{DURATION}_{part}{{method="GET",route="{route}"}}': every(HOUR, value)
        for route, part, value in (
            ("/analyses", "sum", 30),
            ("/analyses", "count", 1),
            ("/history", "sum", 0.1),
            ("/history", "count", 1),
        )
    }
    unpriced = 'techsapo_llm_unpriced_calls_total{provider="openai",model="new"}'
    return (
        *_ratio("HttpServerErrors", ok, bad, {}, bad_share=0.01, for_=60, window=60, least=50),
        *_ratio("LlmProviderFailing", success, error, OPENAI, bad_share=0.05, for_=120, window=300, least=20),
        *_ratio("CacheHitsLow", hit, miss, {"cache_type": "redis"}, bad_share=0.2, for_=1_800, window=300, least=100),
        *_mean("ConsensusConfidenceLow", CONFIDENCE, "", bad=0.69, good=0.71, for_=300),
        *_mean("ResponsesSlow", DURATION, '{method="GET",route="/history"}', bad=5.1, good=4.9, for_=300),
        Scene("ResponsesSlow: analyses are long by nature", "ResponsesSlow", durations, {HOUR - MINUTE: NONE}),
        *_gauge("MemoryNearLimit", USAGE, LIMIT, PROCESS, share=0.9, for_=30),
        *_gauge("BudgetNearlySpent", SPENT, BUDGET, {}, share=0.8, for_=0),
        *_redis(),
        *_falling(),
        Scene(
            "LlmCallsUnpriced: fires",
            "LlmCallsUnpriced",
            {unpriced: every(HOUR, 0.1)},
            {HOUR - MINUTE: ({"provider": "openai", "model": "new"},), 4 * MINUTE: NONE},
        ),
        Scene("LlmCallsUnpriced: quiet", "LlmCallsUnpriced", {unpriced: level(HOUR, 7)}, {HOUR - MINUTE: NONE}),
        Scene(
            "CardinalityOverflow: fires",
            "CardinalityOverflow",
            {'techsapo_telemetry_overflow_total{metric="m"}': every(HOUR, 0.1)},
            {HOUR - MINUTE: ({},), 14 * MINUTE: NONE},
        ),
        Scene(
            "CardinalityOverflow: what is over is over",
            "CardinalityOverflow",
            {'techsapo_telemetry_overflow_total{metric="m"}': then(every(10 * MINUTE, 0.1), level(HOUR, 60))},
            {HOUR - MINUTE: NONE},
        ),
        Scene(
            "Watchdog: always",
            "Watchdog",
            {REQUESTS: level(HOUR, 0)},
            {0: ({"job": ""},), HOUR - MINUTE: ({"job": ""},)},
        ),
    )
