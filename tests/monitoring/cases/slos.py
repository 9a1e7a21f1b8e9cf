"""Alerts on how fast the objectives' budgets burn: each objective from what processes tell, each speed from rates."""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from tests.monitoring.scenes import Fires, Kind, Labels, Scene
from tests.monitoring.shapes import Shape, counter, gauge

HOUR, MINUTE = 3_600.0, 60.0
ALERT = "SloBudgetBurns"
# The window of an hour is full by then.
BEGIN = 75 * MINUTE

BAD, ALL = 'job:slo_bad:rate5m{{job="{}",slo="{}"}}', 'job:slo_all:rate5m{{job="{}",slo="{}"}}'


@dataclass(frozen=True)
class Objective:
    """An objective: the series of what is `bad` of it, those of `good`, and how much of a rate each of them has."""

    slo: str
    allowed: float
    bad: Mapping[str, float]
    good: Mapping[str, float]

    def series(
        self, before: float, after: float, traffic: float = 1.05, *, window: float = HOUR, begin: float = BEGIN
    ) -> dict[str, Shape]:
        """Return a share of bad ones before and after `begin`, with so much of the hundred that a window needs."""
        rate = traffic * 100 / window
        shares = ((self.bad, before, after), (self.good, 1 - before, 1 - after))
        told: dict[str, tuple[float, float]] = {}
        for of, first, then in shares:
            for series, part in of.items():
                known = told.get(series, (0.0, 0.0))
                told[series] = known[0] + part * rate * first, known[1] + part * rate * then
        return {series: counter((begin, first), (2 * window, then)) for series, (first, then) in told.items()}

    def fires_at(self, after: float) -> float:
        """Return when the fast one fires, where all was good before.

        The rate of five minutes rises for nineteen of the samples, of which four come in a minute, and the hour's mean
        of it is of 60.
        """
        rises = itertools.accumulate(after * min(4 * number, 19) / 19 / 60 for number in itertools.count(1))
        late = next(number for number, share in enumerate(rises, 1) if share > 14.4 * self.allowed)
        return BEGIN + (late + 2) * MINUTE


def _objective(objective: Objective) -> Iterator[Scene]:
    labels: tuple[Labels, ...] = ({"slo": objective.slo, "burn": "fast"},)
    limit = 14.4 * objective.allowed
    bad = min(1.0, 4 * limit)
    at = objective.fires_at(bad)
    fires: Fires = {at - MINUTE: (), at: labels, at + 20 * MINUTE: labels}
    quiet: Fires = {at: (), at + HOUR: ()}

    def scene(kind: Kind, says: str, series: dict[str, Shape], fires: Fires) -> Scene:
        return Scene(kind, ALERT, f"{objective.slo}: {says}", series, fires, every=60, of=labels[0])

    base = scene(Kind.FIRES, "fast", objective.series(0, bad), {at - MINUTE: (), at: labels})
    yield base
    near = scene(Kind.JUST_UNDER, "nearly", objective.series(0.95 * limit, 0.95 * limit), quiet)
    yield near
    yield scene(Kind.LITTLE_TRAFFIC, "few", objective.series(0, 1, traffic=0.95), quiet)
    busy = scene(Kind.FIRES, "of many", objective.series(0, bad, traffic=3), fires)
    yield busy.but(Kind.RESTART, busy.says, fires, restart_at=at + MINUTE)
    yield near.but(Kind.RESTART, near.says, quiet, restart_at=at + MINUTE)
    yield base.without_data(at - MINUTE, f"{objective.slo}: before it fires", {at + 10 * MINUTE: ()})
    yield busy.but(Kind.LANE_GONE, busy.says, fires, lane_gone_at=BEGIN + MINUTE)
    yield near.but(Kind.LANE_GONE, near.says, quiet, lane_gone_at=BEGIN + MINUTE)
    # An hour remembers what five minutes have forgotten.
    end = at + 5 * MINUTE
    over = {
        series: counter(
            (BEGIN, shape.phases[0].per_second),
            (end - BEGIN, shape.phases[1].per_second),
            (HOUR, shape.phases[0].per_second),
        )
        for series, shape in objective.series(0, bad, traffic=3).items()
    }
    # What was bad leaves five minutes by four of nineteen samples a minute.
    stays = next(minutes for minutes in itertools.count() if (19 - 4 * minutes) / 19 * bad <= limit) * MINUTE
    yield scene(Kind.OTHER, "it is over", over, {end: labels, end + stays - MINUTE: labels, end + stays: ()})


def _one_of_two(first: Objective, second: Objective) -> Iterator[Scene]:
    """Each is held to its own objective, at each speed."""
    limit = 14.4 * first.allowed * 2
    series = first.series(limit, limit, traffic=40) | second.series(limit, limit, traffic=40)
    for burn, since in (("fast", HOUR), ("medium", HOUR), ("slow", 90 * MINUTE)):
        fires: Fires = {since: ({"slo": first.slo, "burn": burn},)}
        yield Scene(Kind.OTHER, ALERT, f"{burn}: one of two", series, fires, every=60, of={"burn": burn})


def _speed(burn: str, factor: float, window: float, short: float, lasts: float, step: int) -> Iterator[Scene]:
    """From rates of five minutes, over hours and days."""
    slo, allowed = "consensus", 0.05
    begin = window + HOUR
    labels: tuple[Labels, ...] = ({"slo": slo, "burn": burn},)
    rate = 105 / window

    def series(before: float, after: float, rate: float = rate, until: float | None = None) -> dict[str, Shape]:
        rest = 2 * window
        bad = [(begin, before * rate), (rest, after * rate)]
        if until is not None:
            bad = [(begin, before * rate), (until, after * rate), (rest, before * rate)]
        return {
            BAD.format("reference-app", slo): gauge(*bad),
            ALL.format("reference-app", slo): gauge((begin + 2 * window, rate)),
        }

    def scene(kind: Kind, says: str, given: dict[str, Shape], fires: Fires) -> Scene:
        return Scene(kind, ALERT, f"{burn}: {says}", given, fires, step=step, every=step, of=labels[0])

    limit = factor * allowed
    bad = min(1.0, 2.9 * limit)
    samples = window / step
    # The sample at the begin is the first.
    late = next(number for number in itertools.count() if (number + 1) / samples * bad > limit)
    at = begin + late * step + lasts
    at = -(-at // step) * step
    # What a window that is half full has says the same where nothing changes.
    half = window / 2
    # A minute less would do for the last one, which is looked at every minute, as in production.
    sudden = scene(Kind.FIRES, "all of a sudden", series(0, bad), {at - MINUTE: (), at: labels})
    yield replace(sudden, every=60)
    yield scene(Kind.JUST_UNDER, "nearly", series(0.95 * limit, 0.95 * limit, rate=3 * rate), {half: ()})
    yield scene(Kind.FIRES, "steadily", series(1.05 * limit, 1.05 * limit, rate=3 * rate), {half: labels})
    yield scene(Kind.LITTLE_TRAFFIC, "few", series(bad, bad, rate=95 / window), {begin: (), begin + HOUR: ()})
    # The short window has forgotten enough of it; its sample at the end is a good one already.
    end, seen = begin + 2 * late * step, short / step
    stays = next(number for number in itertools.count() if (seen - 1 - number) / seen * bad <= limit) * step
    ended = series(0, bad, until=end - begin)
    yield scene(Kind.OTHER, "it is over", ended, {end + stays - step: labels, end + stays: ()})


def _of_counters(burn: str, factor: float, window: float, objective: Objective) -> Iterator[Scene]:
    """From what processes tell. A window that is not full yet is one of what there is, where that is enough."""
    limit = factor * objective.allowed
    labels: tuple[Labels, ...] = ({"slo": objective.slo, "burn": burn},)
    begin, end = 2 * HOUR, 6 * HOUR
    quiet: Fires = {begin + 5 * MINUTE: (), end: ()}

    def scene(says: str, before: float, after: float) -> Scene:
        # As many in an hour as a window needs.
        series = objective.series(before, after, 1.05 * window / HOUR, window=window, begin=begin)
        return Scene(Kind.OTHER, ALERT, f"{burn}: {says}", series, {}, step=60, every=60, of=labels[0])

    near, over = scene("nearly", 0.95 * limit, 0.95 * limit), scene("steadily", 1.05 * limit, 1.05 * limit)
    yield near.but(Kind.RESTART, near.says, quiet, restart_at=begin)
    yield over.but(Kind.RESTART, over.says, {end: labels}, restart_at=begin)
    yield near.but(Kind.LANE_GONE, near.says, quiet, lane_gone_at=begin)
    yield over.but(Kind.LANE_GONE, over.says, {end: labels}, lane_gone_at=begin)
    yield scene("", 0, 1).without_data(begin + 5 * MINUTE, f"{burn}: before it fires", quiet)


def scenes() -> Iterator[Scene]:
    """Give all of them."""
    requests, duration = "techsapo_http_requests_total", "techsapo_http_request_duration_seconds"
    analysis, confidence = "techsapo_wallbounce_processing_duration_seconds", "techsapo_wallbounce_consensus_confidence"
    get = 'method="GET",route="/history"'
    analyses = f'{duration}_count{{method="POST",route="/analyses"}}'
    availability = Objective(
        "availability",
        0.001,
        bad={f'{requests}{{{get},status_code="503"}}': 1},
        good={f'{requests}{{{get},status_code="200"}}': 1},
    )
    yield from _objective(availability)
    yield from _objective(
        Objective(
            "latency",
            0.01,
            bad={f"{duration}_count{{{get}}}": 1},
            # Analyses are slow, and have an objective of their own.
            good={f'{duration}_bucket{{{get},le="1.0"}}': 1, f"{duration}_count{{{get}}}": 1, analyses: 1},
        )
    )
    yield from _objective(
        Objective(
            "analysis",
            0.05,
            bad={f"{analysis}_count": 1},
            good={f'{analysis}_bucket{{le="30.0"}}': 1, f"{analysis}_count": 1},
        )
    )
    consensus = Objective(
        "consensus",
        0.05,
        bad={f'{confidence}_bucket{{le="0.7"}}': 1, f"{confidence}_count": 1},
        good={f"{confidence}_count": 1},
    )
    yield from _objective(consensus)
    yield from _one_of_two(availability, consensus)
    yield from _speed("medium", 6, 6 * HOUR, 30 * MINUTE, 15 * MINUTE, 60)
    yield from _of_counters("medium", 6, 6 * HOUR, consensus)
    yield from _speed("slow", 1, 72 * HOUR, 6 * HOUR, HOUR, 300)
    yield from _of_counters("slow", 1, 72 * HOUR, consensus)
