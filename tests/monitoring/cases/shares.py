"""Alerts on a share of bad ones: server errors, calls of a provider, look-ups in a cache."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from tests.monitoring.scenes import Kind, Labels, Scene
from tests.monitoring.shapes import Shape, counter

HOUR, MINUTE, STEP = 3_600.0, 60.0, 15.0

# When what is bad begins.
BEGIN = 900.0


@dataclass(frozen=True)
class Share:
    """An alert on more than `threshold` bad ones of at least `least` within `window` seconds, for `lasts` seconds.

    `good` and `bad` are series, `labels` what the alert has beside its job. `bystander` is a series that is good all
    the time and has nothing to do with it.
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


def _scenes(share: Share) -> Iterator[Scene]:
    over, under = share.threshold * 1.05, share.threshold * 0.95
    at, labels = share.fires_at(over), (share.labels,)
    base = Scene(Kind.FIRES, share.alert, "a bit too many", share.series(0, over), {at - STEP: (), at: labels})
    yield base
    all_bad = share.fires_at(1.0)
    yield Scene(Kind.FIRES, share.alert, "all are bad", share.series(0, 1), {all_bad - STEP: (), all_bad: labels})
    quiet = {at: (), at + HOUR / 2: ()}
    few = Scene(Kind.JUST_UNDER, share.alert, "nearly too many", share.series(under, under), quiet)
    yield few
    little = share.series(0, 1, traffic=0.95)
    yield Scene(Kind.LITTLE_TRAFFIC, share.alert, "all are bad, and there are few", little, quiet)
    busy = Scene(
        Kind.FIRES, share.alert, "a bit too many of many", share.series(0, over, traffic=3), {at - STEP: (), at: labels}
    )
    fires = {at: labels, at + 2 * MINUTE: labels, at + HOUR / 2: labels}
    yield busy.but(Kind.RESTART, "while it fires", fires, restart_at=at + MINUTE)
    restarts = {at + 2 * MINUTE: (), at + 2 * MINUTE + share.lasts: (), at + HOUR / 2: ()}
    yield few.but(Kind.RESTART, "with nearly too many", restarts, restart_at=at + MINUTE)
    yield base.without_data(at - STEP, "before it fires", {at + share.window + MINUTE: ()})
    yield Scene(Kind.MISSING, share.alert, "nothing is told", {share.good: counter((HOUR, None))}, {HOUR / 2: ()})
    yield base.but(
        Kind.LANE_GONE,
        "before it fires",
        {at - STEP: (), at: labels, at + HOUR / 2: labels},
        lane_gone_at=BEGIN + MINUTE,
    )
    yield few.but(Kind.LANE_GONE, "with nearly too many", {at: (), at + HOUR / 2: ()}, lane_gone_at=BEGIN + MINUTE)


def scenes() -> Iterator[Scene]:
    """Give all of them."""
    requests, calls, look_ups = (
        "techsapo_http_requests_total",
        "techsapo_llm_requests_total",
        "techsapo_cache_requests_total",
    )
    for status in ("500", "503", "599"):
        yield from _scenes(
            Share(
                "HttpServerErrors",
                good=f'{requests}{{method="GET",route="/x",status_code="404"}}',
                bad=f'{requests}{{method="POST",route="unmatched",status_code="{status}"}}',
                labels={},
                threshold=0.01,
                window=60,
                lasts=60,
                least=50,
            )
        )
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
                bystander=f'{calls}{{provider="anthropic",model="m",status="success",task_type="basic"}}',
            )
        )
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
    misses = {f'{look_ups}{{cache_type="redis",result="miss"}}': counter((HOUR, 1))}
    yield Scene(Kind.OTHER, "CacheHitsLow", "no hit at all", misses, {HOUR - MINUTE: ({"cache_type": "redis"},)})
