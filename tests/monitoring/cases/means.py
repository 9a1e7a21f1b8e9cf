"""Alerts on a mean: the confidence of analyses, that beside the hour before, and the time of answers."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from tests.monitoring.scenes import Fires, Kind, Labels, Scene
from tests.monitoring.shapes import Shape, counter

HOUR, MINUTE, STEP = 3_600.0, 60.0, 15.0
BEGIN = 900.0
WINDOW, LEAST = 300.0, 5.0

CONFIDENCE = "techsapo_wallbounce_consensus_confidence"
DURATION = "techsapo_http_request_duration_seconds"
ONE: tuple[Labels, ...] = ({},)


@dataclass(frozen=True)
class Mean:
    """An alert on a mean of five minutes beyond a threshold, for five minutes: `usual` is the mean before BEGIN.

    It goes on for `keeps` seconds.
    """

    alert: str
    sample: str
    labels: str
    threshold: float
    usual: float
    over: float
    under: float
    keeps: float = 300.0

    def series(self, before: float, after: float, *, traffic: float = 1.05) -> dict[str, Shape]:
        """Return the sums and counts of two means."""
        rate, rest = traffic * LEAST / WINDOW, 2 * HOUR
        return {
            f"{self.sample}_sum{self.labels}": counter((BEGIN, rate * before), (rest, rate * after)),
            f"{self.sample}_count{self.labels}": counter((BEGIN, rate), (rest, rate)),
        }

    def ended(self, after: float) -> tuple[dict[str, Shape], float]:
        """Return series whose mean is as usual again from `after` on, and when it ends."""
        rate, times = 3 * LEAST / WINDOW, (BEGIN, after - BEGIN, HOUR)
        told = {
            f"{self.sample}_sum{self.labels}": counter(
                *(
                    (seconds, rate * mean)
                    for seconds, mean in zip(times, (self.usual, self.over, self.usual), strict=True)
                )
            ),
            f"{self.sample}_count{self.labels}": counter((sum(times), rate)),
        }
        share = (self.threshold - self.over) / (self.usual - self.over)
        return told, after + math.ceil((WINDOW / STEP - 1) * share) * STEP + self.keeps

    def fires_at(self) -> float:
        """Return when it fires: the mean of a window goes evenly from `usual` to `over`."""
        share = (self.threshold - self.usual) / (self.over - self.usual)
        return BEGIN + math.floor((WINDOW - STEP) * share / STEP) * STEP + STEP + 300


def _scenes(mean: Mean) -> Iterator[Scene]:
    at = mean.fires_at()
    base = Scene(Kind.FIRES, mean.alert, "beyond", mean.series(mean.usual, mean.over), {at - STEP: (), at: ONE})
    yield base
    quiet: Fires = {at: (), at + HOUR / 2: ()}
    near = Scene(Kind.JUST_UNDER, mean.alert, "nearly", mean.series(mean.under, mean.under), quiet)
    yield near
    just = mean.series(mean.threshold, mean.threshold)
    thirds = {"i1": 0.3, "i2": 0.1, "i3": 0.6}
    yield Scene(Kind.JUST_UNDER, mean.alert, "just so much", just, quiet, processes=thirds)
    little = mean.series(mean.over, mean.over, traffic=0.95)
    yield Scene(Kind.LITTLE_TRAFFIC, mean.alert, "beyond, of few", little, quiet)
    busy = Scene(Kind.FIRES, mean.alert, "beyond, of many", mean.series(mean.usual, mean.over, traffic=3), {})
    fires: Fires = {at: ONE, at + 2 * MINUTE: ONE, at + HOUR / 2: ONE}
    yield busy.but(Kind.RESTART, "while it fires", fires, restart_at=at + MINUTE)
    yield near.but(Kind.RESTART, "nearly", {at + 2 * MINUTE: (), at + 7 * MINUTE: ()}, restart_at=at + MINUTE)
    yield base.without_data(at - STEP, "before it fires", {at + WINDOW + MINUTE: ()})
    yield Scene(
        Kind.MISSING, mean.alert, "nothing is told", {f"{mean.sample}_sum": counter((HOUR, None))}, {HOUR / 2: ()}
    )
    over, end = mean.ended(at + 10 * MINUTE)
    yield Scene(Kind.OTHER, mean.alert, "it is over", over, {end - STEP: ONE, end: (), end + HOUR / 4: ()})
    lane = {at - STEP: (), at: ONE, at + HOUR / 2: ONE}
    yield base.but(Kind.LANE_GONE, "before it fires", lane, lane_gone_at=BEGIN + MINUTE)
    yield near.but(Kind.LANE_GONE, "nearly", quiet, lane_gone_at=BEGIN + MINUTE)


def _falling() -> Iterator[Scene]:
    """The mean of an hour beside that of the hour before it: at least twenty in each."""
    alert, begin, usual = "ConsensusFalling", 2 * HOUR + 5 * MINUTE, 0.9

    def scene(
        kind: Kind,
        says: str,
        later: float,
        fires: Fires,
        *,
        before: float = 1.05,
        after: float = 1.05,
        usual: float = usual,
    ) -> Scene:
        rates = before * 20 / HOUR, after * 20 / HOUR
        series = {
            f"{CONFIDENCE}_sum": counter((begin, rates[0] * usual), (2 * HOUR, rates[1] * later)),
            f"{CONFIDENCE}_count": counter((begin, rates[0]), (2 * HOUR, rates[1])),
        }
        return Scene(kind, alert, says, series, fires)

    # The mean of the hour falls evenly to 12 % less, and is 10 % less after ten twelfths of it.
    late = math.floor((HOUR - STEP) * 10 / 12 / STEP) * STEP + STEP
    at = begin + late + 5 * MINUTE
    quiet: Fires = {at: (), begin + HOUR + 5 * MINUTE: ()}
    base = scene(Kind.FIRES, "an eighth less", usual * 0.88, {at - STEP: (), at: ONE, begin + 2 * HOUR - STEP: ()})
    yield base
    # It ends while the mean of the hour before falls by 12 %, too: when it is a ninth above that of this hour.
    end = begin + HOUR + math.ceil((HOUR - STEP) * (1 - 0.88 / 0.9) / 0.12 / MINUTE) * MINUTE
    over: Fires = {end - MINUTE: ONE, end: ()}
    yield scene(Kind.OTHER, "it stays as low", usual * 0.88, over)
    near = scene(Kind.JUST_UNDER, "nearly a tenth less", usual * 0.905, quiet)
    yield near
    yield scene(Kind.OTHER, "it rises", 0.99, quiet, usual=0.5)
    yield scene(Kind.LITTLE_TRAFFIC, "few in both", 0.1, quiet, before=0.95, after=0.95)
    yield scene(Kind.LITTLE_TRAFFIC, "few in the hour before", 0.1, {begin + HOUR - MINUTE: ()}, before=0.95, after=5)
    yield scene(Kind.LITTLE_TRAFFIC, "few in this hour", usual * 0.88, quiet, before=1.05, after=0.95)
    more: Fires = {begin: (), begin + HOUR: ONE}
    yield scene(Kind.OTHER, "an eighth less, of half as many again", usual * 0.88, more, before=1.05, after=1.6)
    busy = scene(Kind.FIRES, "an eighth less, of many", usual * 0.88, {}, before=3, after=3)
    yield busy.but(Kind.RESTART, "while it falls", {at: ONE, at + 5 * MINUTE: ONE}, restart_at=begin + 20 * MINUTE)
    yield near.but(Kind.RESTART, "nearly", quiet, restart_at=begin + 20 * MINUTE)
    yield base.without_data(at - 5 * MINUTE, "before it fires", {at + 2 * HOUR: ()})
    yield base.but(Kind.LANE_GONE, "while it falls", {at - STEP: (), at: ONE}, lane_gone_at=begin + MINUTE)
    yield near.but(Kind.LANE_GONE, "nearly", quiet, lane_gone_at=begin + MINUTE)


def scenes() -> Iterator[Scene]:
    """Give all of them."""
    yield from _scenes(Mean("ConsensusConfidenceLow", CONFIDENCE, "", 0.7, usual=0.95, over=0.67, under=0.72))
    route = '{method="GET",route="/history"}'
    yield from _scenes(Mean("ResponsesSlow", DURATION, route, 5, usual=0.1, over=5.2, under=4.8))
    analyses = {
        f'{DURATION}_{part}{{method="POST",route="/analyses"}}': counter((HOUR, value))
        for part, value in (("sum", 30), ("count", 1))
    }
    others = {
        f'{DURATION}_{part}{{method="GET",route="/history"}}': counter((HOUR, value))
        for part, value in (("sum", 0.1), ("count", 1))
    }
    quiet: Fires = {HOUR - MINUTE: ()}
    yield Scene(Kind.OTHER, "ResponsesSlow", "analyses are long by nature", analyses | others, quiet)
    # What no list names counts, however it begins.
    for other in ("/analyses/{id}", "unmatched"):
        there = {name.replace("/history", other): counter((HOUR, 5.2 if "_sum" in name else 1)) for name in others}
        yield Scene(Kind.OTHER, "ResponsesSlow", f"those of {other} are slow", there, {HOUR - MINUTE: ONE})
    quick = {name: counter((HOUR, 1)) for name in analyses}
    for says, rate, fires in (("a bit", 0.02, {HOUR - MINUTE: ONE}), ("few", 0.015, quiet)):
        slow = {name: counter((HOUR, rate * (5.2 if "_sum" in name else 1))) for name in others}
        yield Scene(Kind.OTHER, "ResponsesSlow", f"{says} of them slow beside analyses", quick | slow, fires)
    yield from _falling()
