"""Alerts on what is there: a service that went silent, failures to connect to Redis, and the watchdog."""

from collections.abc import Iterator

from tests.monitoring.scenes import JOB, Fires, Kind, Labels, Scene
from tests.monitoring.shapes import Shape, counter, gauge, slope

HOUR, MINUTE, STEP = 3_600.0, 60.0, 15.0
ONE: tuple[Labels, ...] = ({},)
BEGIN = 900.0

INFO = 'target_info{service_version="1"}'
PUSHED = "techsapo_telemetry_last_push_timestamp_seconds"
FAILURES = "techsapo_redis_connection_failures_total"


def _silent() -> Iterator[Scene]:
    alert, at = "ServiceSilent", BEGIN + MINUTE
    fires: Fires = {at - STEP: (), at: ONE, BEGIN + 59 * MINUTE: ONE, BEGIN + HOUR + MINUTE: ()}
    # The Collector goes on, and who is scraped without it is another job.
    others = {f'up{{job="{job}",instance="x:1"}}': gauge((3 * HOUR, up)) for job, up in (("services", 1), ("other", 0))}
    stopped = {INFO: gauge((BEGIN, 1), (2 * HOUR, None)), **others}
    yield Scene(Kind.FIRES, alert, "all its processes are gone", stopped, fires)
    # It says how many there were, not how many were the last.
    one_by_one = {
        f'target_info{{instance="i{n}",lane="a"}}': gauge((BEGIN - n * MINUTE, 1), (2 * HOUR, None)) for n in (1, 2, 3)
    }
    amounts = {at: 3.0}
    yield Scene(Kind.OTHER, alert, "its processes end one by one", one_by_one, {at: ONE}, amounts=amounts)
    back = {INFO: gauge((BEGIN, 1), (MINUTE - STEP, None), (HOUR, 1))}
    yield Scene(Kind.JUST_UNDER, alert, "back within a minute", back, {at: (), at + STEP: (), at + HOUR / 2: ()})
    one = {
        f'target_info{{service_version="1",instance="i{n}",lane="a"}}': gauge((BEGIN, 1), (HOUR, n if n > 1 else None))
        for n in (1, 2)
    }
    yield Scene(Kind.LITTLE_TRAFFIC, alert, "one of two processes is left", one, {at: (), at + HOUR / 2: ()})
    anew = {
        'target_info{service_version="1",instance="i1",lane="a"}': gauge((BEGIN, 1), (HOUR, None)),
        'target_info{service_version="2",instance="i9",lane="a"}': gauge((BEGIN + 30, None), (HOUR, 1)),
    }
    yield Scene(Kind.RESTART, alert, "as another version", anew, {at: (), at + HOUR / 2: ()})
    yield Scene(Kind.MISSING, alert, "it was never there", {INFO: gauge((HOUR, None))}, {HOUR / 2: ()})
    both = Scene(Kind.LANE_GONE, alert, "one of two", {INFO: gauge((3 * HOUR, 1))}, {})
    yield both.but(Kind.LANE_GONE, "one of two", {at: (), at + HOUR / 2: ()}, lane_gone_at=BEGIN)
    ended = gauge((BEGIN, 1), (2 * HOUR, None))
    page = f'up{{job="{JOB}",instance="page"}}'
    scraped = {INFO: ended, page: gauge((BEGIN, 1), (2 * HOUR, 0))}
    yield Scene(Kind.OTHER, alert, "one that is scraped itself has TargetDown", scraped, {at: (), at + HOUR / 2: ()})
    empty = {INFO: ended, page: gauge((2 * HOUR, 1))}
    yield Scene(Kind.OTHER, alert, "its page answers and tells nothing", empty, {at - STEP: (), at: ONE})
    pushed = {PUSHED: slope((BEGIN, 0, 1.0), (2 * HOUR, 0, 0.0)).gone(BEGIN)}
    yield Scene(Kind.OTHER, alert, "without attributes of its own", pushed, {at - STEP: (), at: ONE})
    page_only = {"techsapo_telemetry_dropped_instruments": ended}
    yield Scene(Kind.OTHER, alert, "a page alone, without attributes", page_only, {at - STEP: (), at: ONE})
    collector = {
        f'{name}{{job="collector",instance="c1:8888",lane="a"}}': ended
        for name in ("target_info", "otelcol_process_uptime")
    }
    yield Scene(Kind.OTHER, alert, "a Collector is no service", collector, {at: (), at + HOUR / 2: ()})


def _stale() -> Iterator[Scene]:
    """The last push is told half a second old at each scrape, then no more."""
    alert, age, stopped = "DataStale", 0.5, BEGIN + 45
    at = stopped + 30

    def pushed(seconds: float, age: float = age, begin: float = 0.0) -> tuple[float, float, float]:
        return seconds, begin - age, 1.0

    def still(seconds: float, begin: float) -> tuple[float, float, float]:
        return seconds, begin - age - STEP, 0.0

    stuck = slope(pushed(BEGIN), still(2 * HOUR, BEGIN))
    fires: Fires = {at - STEP: (), at: ONE, at + HOUR: ONE}
    base = Scene(
        Kind.FIRES, alert, "pushes stopped", {PUSHED: slope(pushed(BEGIN), (2 * HOUR, BEGIN - age, 0.0))}, fires
    )
    yield base
    again = {PUSHED: slope(pushed(BEGIN), (HOUR, BEGIN - age, 0.0), pushed(HOUR, age, BEGIN + HOUR))}
    end: Fires = {BEGIN + HOUR - STEP: ONE, BEGIN + HOUR: ()}
    yield Scene(Kind.OTHER, alert, "pushes go on", again, end)
    near = Scene(
        Kind.JUST_UNDER, alert, "a bit less than two intervals", {PUSHED: slope(pushed(2 * HOUR, 43))}, {HOUR: ()}
    )
    yield near
    shorter = slope(pushed(BEGIN), (MINUTE + STEP - STEP, BEGIN - age, 0.0), pushed(HOUR, age, BEGIN + MINUTE))
    yield Scene(Kind.JUST_UNDER, alert, "for less than half a minute", {PUSHED: shorter}, {at: (), at + MINUTE: ()})
    # Scraped once a minute: between scrapes nothing gets older.
    seldom = {PUSHED: slope(pushed(2 * HOUR, 40))}
    yield Scene(Kind.OTHER, alert, "scraped once a minute", seldom, {BEGIN + t: () for t in (0, 30, 45)}, step=60)
    fresh = slope(pushed(3 * HOUR))
    one = {f'{PUSHED}{{instance="i1",lane="a"}}': stuck, f'{PUSHED}{{instance="i2",lane="a"}}': fresh}
    yield Scene(Kind.LITTLE_TRAFFIC, alert, "one of two processes stopped", one, {at: (), at + HOUR: ()})
    anew = {
        f'{PUSHED}{{instance="i1",lane="a"}}': stuck.gone(BEGIN + 90),
        f'{PUSHED}{{instance="i9",lane="a"}}': Shape(
            (gauge((BEGIN + 30, None)).phases[0], slope(pushed(HOUR, age, BEGIN + 30)).phases[0]), counts=False
        ),
    }
    yield Scene(Kind.RESTART, alert, "another process takes over", anew, {at: (), at + HOUR / 2: ()})
    yield base.without_data(BEGIN + 45, "before it fires", {at: (), at + HOUR: ()})
    two: dict[str, Shape] = {f'{PUSHED}{{instance="i1",lane="a"}}': fresh, f'{PUSHED}{{instance="i1",lane="b"}}': stuck}
    yield Scene(Kind.LANE_GONE, alert, "the other lane has the newest", two, {at: (), at + HOUR: ()})


def _redis() -> Iterator[Scene]:
    alert = "RedisConnectionFailures"

    def jump(count: float) -> dict[str, Shape]:
        return {FAILURES: counter((BEGIN - STEP, 0), (STEP, count / STEP), (2 * HOUR, 0))}

    fires: Fires = {BEGIN - STEP: (), BEGIN: ONE, BEGIN + 585: ONE, BEGIN + 600: ()}
    # Halves of a count are exact.
    halves = {"i1": 0.5, "i2": 0.5}
    base = Scene(Kind.FIRES, alert, "eleven", jump(11), fires, processes=halves)
    yield base
    # Between two samples the one before counts: nothing is guessed.
    half = {FAILURES: counter((BEGIN - 30, 0), (30, 11 / 30), (2 * HOUR, 0))}
    yield Scene(Kind.OTHER, alert, "eleven, seen every half a minute", half, fires, step=30, processes=halves)
    few: Fires = {BEGIN: (), BEGIN + MINUTE: (), BEGIN + 300: ()}
    near = Scene(Kind.JUST_UNDER, alert, "ten", jump(10), few, processes=halves)
    yield near
    slow: Fires = {HOUR: ()}
    yield Scene(Kind.JUST_UNDER, alert, "ten in any five minutes", {FAILURES: counter((2 * HOUR, 10 / 300))}, slow)
    yield Scene(Kind.LITTLE_TRAFFIC, alert, "one now and then", {FAILURES: counter((2 * HOUR, 1 / 300))}, slow)
    yield base.but(Kind.RESTART, "after it fires", {BEGIN: ONE, BEGIN + 2 * MINUTE: ONE}, restart_at=BEGIN + MINUTE)
    quiet: Fires = {BEGIN: (), BEGIN + 2 * MINUTE: (), BEGIN + 10 * MINUTE: ()}
    yield near.but(Kind.RESTART, "after ten", quiet, restart_at=BEGIN + MINUTE)
    yield base.without_data(BEGIN - MINUTE, "before it fires", {BEGIN: (), BEGIN + HOUR: ()})
    yield base.but(Kind.LANE_GONE, "before it fires", fires, lane_gone_at=BEGIN)
    yield near.but(Kind.LANE_GONE, "before ten", quiet, lane_gone_at=BEGIN)


def _watchdog() -> Iterator[Scene]:
    nobody: tuple[Labels, ...] = ({"job": ""},)
    yield Scene(Kind.FIRES, "Watchdog", "always", {INFO: gauge((HOUR, 1))}, {0: nobody, HOUR - MINUTE: nobody})
    yield Scene(Kind.MISSING, "Watchdog", "nothing is told", {INFO: gauge((HOUR, None))}, {HOUR - MINUTE: nobody})


def scenes() -> Iterator[Scene]:
    """Give all of them."""
    yield from _silent()
    yield from _stale()
    yield from _redis()
    yield from _watchdog()
