"""Alerts on a share of bad ones: server errors, calls of a provider, look-ups in a cache."""

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass

from tests.monitoring.scenes import Fires, Kind, Labels, Scene
from tests.monitoring.shapes import Shape, counter, gauge

HOUR, MINUTE, STEP = 3_600.0, 60.0, 15.0

# When what is bad begins.
BEGIN = 900.0


@dataclass(frozen=True)
class Share:
    """An alert on more than `threshold` bad ones of at least `least` within `window` seconds, for `lasts` seconds.

    `good` and `bad` are series, `labels` what the alert has beside its job. `bystander` is a series that is good all
    the time and has nothing to do with it. It goes on for `keeps` seconds.
    """

    alert: str
    good: str
    bad: str
    labels: Labels
    threshold: float
    window: float
    lasts: float
    least: float
    bystander: str | None = None
    keeps: float = 0.0

    def series(
        self, before: float, after: float, *, traffic: float = 1.05, seconds: float = 2 * HOUR
    ) -> dict[str, Shape]:
        """Return a share of bad ones before and after BEGIN, with so much of the least traffic."""
        rate, rest = traffic * self.least / self.window, seconds - BEGIN
        told = {
            self.good: counter((BEGIN, rate * (1 - before)), (rest, rate * (1 - after))),
            self.bad: counter((BEGIN, rate * before), (rest, rate * after)),
        }
        return told | ({self.bystander: counter((seconds, 5 * rate))} if self.bystander else {})

    def fires_at(self, after: float) -> float:
        """Return when it fires, where all was good before BEGIN.

        The samples of a window are one interval less apart than it is long, and rate() makes up for that throughout.
        """
        seen = self.window - STEP
        late = math.floor(seen * self.threshold / after / STEP) * STEP + STEP
        return BEGIN + late + self.lasts

    def ended(self, after: float) -> tuple[dict[str, Shape], float]:
        """Return series of which all were bad until `after`, and when it ends."""
        rate = 3 * self.least / self.window
        times = (BEGIN, after - BEGIN, HOUR)
        told = {
            self.good: counter(*zip(times, (rate, 0, rate), strict=True)),
            self.bad: counter(*zip(times, (0, rate, 0), strict=True)),
        }
        seen = self.window / STEP - 1
        stays = next(number for number in itertools.count() if (seen - number) / seen <= self.threshold)
        return told, after + stays * STEP + self.keeps


def _scenes(share: Share) -> Iterator[Scene]:
    more, under = share.threshold * 1.05, share.threshold * 0.95
    at, labels = share.fires_at(more), (share.labels,)
    base = Scene(Kind.FIRES, share.alert, "a bit too many", share.series(0, more), {at - STEP: (), at: labels})
    yield base
    all_bad = share.fires_at(1.0)
    yield Scene(Kind.FIRES, share.alert, "all are bad", share.series(0, 1), {all_bad - STEP: (), all_bad: labels})
    quiet = {at: (), at + HOUR / 2: ()}
    few = Scene(Kind.JUST_UNDER, share.alert, "nearly too many", share.series(under, under), quiet)
    yield few
    just = share.series(share.threshold, share.threshold)
    thirds = {"i1": 0.3, "i2": 0.1, "i3": 0.6}
    yield Scene(Kind.JUST_UNDER, share.alert, "just so many", just, quiet, processes=thirds)
    little = share.series(0, 1, traffic=0.95)
    yield Scene(Kind.LITTLE_TRAFFIC, share.alert, "all are bad, and there are few", little, quiet)
    busy = Scene(
        Kind.FIRES, share.alert, "a bit too many of many", share.series(0, more, traffic=3), {at - STEP: (), at: labels}
    )
    fires = {at: labels, at + 2 * MINUTE: labels, at + HOUR / 2: labels}
    yield busy.but(Kind.RESTART, "while it fires", fires, restart_at=at + MINUTE)
    restarts = {at + 2 * MINUTE: (), at + 2 * MINUTE + share.lasts: (), at + HOUR / 2: ()}
    yield few.but(Kind.RESTART, "with nearly too many", restarts, restart_at=at + MINUTE)
    over, end = share.ended(all_bad + 10 * MINUTE)
    yield Scene(Kind.OTHER, share.alert, "it is over", over, {end - STEP: labels, end: (), end + HOUR / 4: ()})
    yield base.without_data(at - STEP, "before it fires", {at + share.window + MINUTE: ()})
    yield Scene(Kind.MISSING, share.alert, "nothing is told", {share.good: counter((HOUR, None))}, {HOUR / 2: ()})
    yield base.but(
        Kind.LANE_GONE,
        "before it fires",
        {at - STEP: (), at: labels, at + HOUR / 2: labels},
        lane_gone_at=BEGIN + MINUTE,
    )
    yield few.but(Kind.LANE_GONE, "with nearly too many", {at: (), at + HOUR / 2: ()}, lane_gone_at=BEGIN + MINUTE)


def _behind_a_breaker() -> Iterator[Scene]:
    """Fewer calls than are needed, as a breaker lets hardly any through."""
    alert, at = "LlmProviderFailing", BEGIN + STEP + 2 * MINUTE
    few = {
        f'techsapo_llm_requests_total{{provider="openai",model="m",status="{status}",task_type="basic"}}': shape
        for status, shape in (
            ("success", counter((BEGIN, 1 / MINUTE), (2 * HOUR, 0))),
            ("error", counter((BEGIN, 0), (2 * HOUR, 2 / MINUTE))),
        )
    }

    def breaker(name: str, state: str) -> dict[str, Shape]:
        return {
            f'techsapo_circuit_breaker_state{{service="{name}",state="{other}"}}': gauge(
                (BEGIN, float(other == "closed")), (2 * HOUR, float(other == state))
            )
            for other in ("open", "half_open", "closed")
        }

    labels: tuple[Labels, ...] = ({"provider": "openai"},)
    quiet: Fires = {at: (), at + HOUR: ()}
    for state in ("open", "half_open"):
        fires: Fires = {at - STEP: (), at: labels, at + HOUR: labels}
        yield Scene(Kind.OTHER, alert, f"few calls, and its breaker is {state}", few | breaker("openai", state), fires)
    yield Scene(Kind.OTHER, alert, "few calls, and its breaker is closed", few | breaker("openai", "closed"), quiet)
    # One call that fails every ten minutes: between them no share is known.
    tries = counter((BEGIN, 0), *((STEP, 1 / STEP), (10 * MINUTE - STEP, 0)) * 13)
    seldom = {name: tries for name in few if "error" in name}
    first = BEGIN + STEP + 2 * MINUTE
    on: Fires = {first: labels, **{first + number * 2 * MINUTE: labels for number in range(58)}}
    yield Scene(Kind.OTHER, alert, "a call now and then behind a breaker", seldom | breaker("openai", "open"), on)
    yield Scene(Kind.OTHER, alert, "a call now and then", seldom | breaker("openai", "closed"), dict.fromkeys(on, ()))
    # Its share is known for four whole minutes, and counts for an hour.
    once = {name: counter((BEGIN, 0), (STEP, 1 / STEP), (2 * HOUR, 0)) for name in seldom}
    end = BEGIN + 4 * MINUTE + HOUR + 5 * MINUTE
    over: Fires = {first: labels, end - STEP: labels, end: ()}
    yield Scene(Kind.OTHER, alert, "one call behind a breaker", once | breaker("openai", "open"), over)
    others = {
        name.replace("{", '{job="other",instance="x",lane="a",'): shape
        for name, shape in breaker("openai", "open").items()
    }
    yield Scene(Kind.OTHER, alert, "few calls, and its breaker is open in another job", few | others, quiet)
    calls = 'techsapo_llm_requests_total{{job="other",provider="openai",status="{}",instance="x",lane="a"}}'
    other = {calls.format("success"): counter((3 * HOUR, 1))}
    yield Scene(Kind.OTHER, alert, "few calls, and another job has many", few | other, quiet)
    yield Scene(Kind.OTHER, alert, "few calls, and another's breaker is open", few | breaker("redis", "open"), quiet)


def scenes() -> Iterator[Scene]:
    """Give all of them."""
    requests, calls, look_ups = (
        "techsapo_http_requests_total",
        "techsapo_llm_requests_total",
        "techsapo_cache_requests_total",
    )
    for status, route in (("500", "unmatched"), ("503", "/x"), ("599", "/health")):
        yield from _scenes(
            Share(
                "HttpServerErrors",
                good=f'{requests}{{method="GET",route="/x",status_code="404"}}',
                bad=f'{requests}{{method="POST",route="{route}",status_code="{status}"}}',
                labels={},
                threshold=0.01,
                window=120,
                lasts=60,
                # Fifty a minute.
                least=100,
                keeps=300,
            )
        )
    path = f'{requests}{{method="GET",route="/x",status_code='
    none = {f'{path}"200"}}': counter((HOUR, 2)), f'{path}"other"}}': counter((HOUR, 1))}
    yield Scene(Kind.OTHER, "HttpServerErrors", "a status that is none", none, {HOUR / 2: ()})
    for status in ("error", "timeout", "rate_limited"):
        yield from _scenes(
            Share(
                "LlmProviderFailing",
                good=f'{calls}{{provider="openai",model="m",status="success",task_type="basic"}}',
                bad=f'{calls}{{provider="openai",model="n",status="{status}",task_type="premium"}}',
                labels={"provider": "openai"},
                threshold=0.05,
                window=300,
                lasts=120,
                least=20,
                keeps=300,
                bystander=f'{calls}{{provider="anthropic",model="m",status="success",task_type="basic"}}',
            )
        )
    yield from _behind_a_breaker()
    broken_off = f'{calls}{{provider="openai",model="m",status="other",task_type="basic"}}'
    yield Scene(
        Kind.OTHER,
        "LlmProviderFailing",
        "what we broke off is no failure",
        {broken_off: counter((HOUR, 1))},
        {HOUR / 2: ()},
    )
    yield from _scenes(
        Share(
            "CacheHitsLow",
            good=f'{look_ups}{{cache_type="redis",result="hit"}}',
            bad=f'{look_ups}{{cache_type="redis",result="miss"}}',
            labels={"cache_type": "redis"},
            threshold=0.2,
            window=300,
            lasts=1_800,
            least=100,
            bystander=f'{look_ups}{{cache_type="memory",result="hit"}}',
        )
    )
    path = f'{look_ups}{{cache_type="redis",result='
    neither = {f'{path}"hit"}}': counter((HOUR, 2)), f'{path}"other"}}': counter((HOUR, 1))}
    low: Fires = {HOUR - MINUTE: ({"cache_type": "redis"},)}
    yield Scene(Kind.OTHER, "CacheHitsLow", "what is neither hit nor miss is no hit", neither, low)
    misses = {f'{look_ups}{{cache_type="redis",result="miss"}}': counter((HOUR, 1))}
    yield Scene(Kind.OTHER, "CacheHitsLow", "no hit at all", misses, {HOUR - MINUTE: ({"cache_type": "redis"},)})
