"""Alerts on the set of providers: one that came, one that went, and what is no change."""

from collections.abc import Iterator
from dataclasses import replace

from tests.monitoring.scenes import Fires, Kind, Labels, Scene
from tests.monitoring.shapes import Shape, counter, gauge

HOUR, MINUTE, FIVE = 3_600.0, 60.0, 300.0
DAY = 24 * HOUR
LASTS = 15 * MINUTE
ALERT = "LlmProviderSetChanged"
BEGIN = 50 * HOUR

GROWTH = 'history:llm_requests:increase5m{{provider="{}",status="{}"}}'
CALLS = 'techsapo_llm_requests_total{{provider="{}",status="success"}}'


def _calls(an_hour: float) -> float:
    """Return how many calls there are in five minutes."""
    return an_hour / 12


def _kept(kind: Kind, says: str, openai: Shape, anthropic: Shape, fires: Fires) -> Scene:
    """What the history has of two providers, of one of them in two series."""
    series = {
        GROWTH.format("openai", status): openai.of(share) for status, share in (("success", 0.75), ("error", 0.25))
    }
    series[GROWTH.format("anthropic", "success")] = anthropic
    return Scene(kind, ALERT, says, series, fires, step=300, every=60 if kind is Kind.FIRES else 300)


def _beside_another_job(scene: Scene) -> Scene:
    """The same, beside another job with many calls."""
    other = 'history:llm_requests:increase5m{job="other",provider="openai",status="success"}'
    return replace(
        scene, says=f"{scene.says}, and another has many", series={**scene.series, other: gauge((4 * DAY, 100))}
    )


def _added() -> Iterator[Scene]:
    labels: tuple[Labels, ...] = ({"provider": "anthropic", "change": "added"},)
    # They are its first for an hour, and that is told for three days.
    end = BEGIN + HOUR + 3 * DAY
    fires: Fires = {BEGIN + LASTS - MINUTE: (), BEGIN + LASTS: labels, end - MINUTE: labels, end: ()}
    new = gauge((BEGIN, None), (4 * DAY, 1))
    yield _kept(Kind.FIRES, "the first calls of one", gauge((BEGIN + 4 * DAY, 105 / 288)), new, fires)
    quiet: Fires = {BEGIN + LASTS: (), BEGIN + HOUR - MINUTE: ()}
    few = _kept(Kind.LITTLE_TRAFFIC, "the job had few calls before", gauge((BEGIN + 3 * HOUR, 95 / 288)), new, quiet)
    yield few
    yield _beside_another_job(few)
    # The job had enough just before the hour.
    begun = gauge((BEGIN - HOUR - 2 * FIVE, None), (FIVE, 200), (4 * DAY, 10))
    yield _kept(Kind.OTHER, "the job began just before the hour", begun, new, {BEGIN + LASTS: labels})
    once = gauge((BEGIN, None), (FIVE, 1), (4 * DAY, 0))
    over: Fires = {BEGIN + LASTS: labels, end - FIVE: labels, end: ()}
    yield _kept(Kind.OTHER, "one call of one", gauge((BEGIN + 4 * DAY, 10)), once, over)
    before = gauge((DAY - HOUR, 1), (BEGIN - DAY + HOUR, None), (3 * HOUR, 1))
    again: Fires = {BEGIN + LASTS: labels}
    yield _kept(Kind.OTHER, "it was last called more than a day before", gauge((BEGIN + 3 * HOUR, 10)), before, again)
    yield _kept(
        Kind.LITTLE_TRAFFIC,
        "it has no calls yet",
        gauge((BEGIN + 3 * HOUR, 10)),
        gauge((BEGIN, None), (3 * HOUR, 0)),
        quiet,
    )
    early = gauge((BEGIN - DAY, 1), (DAY, None), (3 * HOUR, 1))
    yield _kept(
        Kind.JUST_UNDER, "it was called within the day", gauge((BEGIN + 3 * HOUR, 10)), early, {BEGIN + LASTS: ()}
    )
    known = gauge((BEGIN, 0), (3 * HOUR, 1))
    yield _kept(Kind.OTHER, "it was known, and never called", gauge((BEGIN + 3 * HOUR, 10)), known, again)
    first = gauge((BEGIN, None), (3 * HOUR, 10))
    yield _kept(Kind.OTHER, "the first calls of all: a new service", first, first, quiet)


def _removed() -> Iterator[Scene]:
    labels: tuple[Labels, ...] = ({"provider": "anthropic", "change": "removed"},)
    # An hour after its last calls.
    at = BEGIN - FIVE + HOUR
    fires: Fires = {at + LASTS - MINUTE: (), at + LASTS: labels, at + DAY - MINUTE: labels, at + DAY: ()}
    left = gauge((BEGIN, 100), (2 * DAY, 0))
    yield _kept(Kind.FIRES, "no more calls of one", gauge((BEGIN + 2 * DAY, _calls(105))), left, fires)
    quiet: Fires = {at + LASTS: (), at + 2 * HOUR: ()}
    few = _kept(Kind.LITTLE_TRAFFIC, "the others have few", gauge((BEGIN + 2 * DAY, _calls(95))), left, quiet)
    yield few
    yield _beside_another_job(few)
    rare = gauge((BEGIN, 95 / 288), (2 * DAY, 0))
    yield _kept(Kind.LITTLE_TRAFFIC, "it was called now and then", gauge((BEGIN + 2 * DAY, 50)), rare, quiet)
    pause = gauge((BEGIN, 1), (HOUR + LASTS - 2 * FIVE, 0), (DAY, 1))
    yield _kept(Kind.JUST_UNDER, "a pause of an hour", gauge((BEGIN + 2 * DAY, 50)), pause, quiet)
    stopped = gauge((BEGIN, 50), (3 * HOUR, None), (DAY, 50))
    yield _kept(
        Kind.OTHER,
        "nobody was called for hours: a deployment",
        stopped,
        stopped,
        {BEGIN + 2 * HOUR: (), BEGIN + 5 * HOUR: ()},
    )


def _raw() -> Iterator[Scene]:
    """The same from what processes tell, looked at every five minutes."""
    added: tuple[Labels, ...] = ({"provider": "anthropic", "change": "added"},)
    # What is born counts from its birth on: a sample of 0 is before the first.
    new = counter((BEGIN, None), (3 * HOUR, 1 / FIVE), start=0)
    old = counter((BEGIN + 3 * HOUR, 1))
    series = {CALLS.format("openai"): old, CALLS.format("anthropic"): new}
    fires: Fires = {BEGIN + LASTS: (), BEGIN + LASTS + FIVE: added}
    base = Scene(Kind.OTHER, ALERT, "the first calls of one, as they are told", series, fires, step=300, every=300)
    yield base
    yield base.but(Kind.LANE_GONE, "before one comes", fires, lane_gone_at=BEGIN - HOUR)
    quiet: Fires = {BEGIN + LASTS: (), BEGIN + HOUR: (), BEGIN + 2 * HOUR: ()}
    both = {CALLS.format(provider): old for provider in ("openai", "anthropic")}
    same = Scene(Kind.RESTART, ALERT, "nobody came or went", both, quiet, step=300, every=300)
    yield same.but(Kind.RESTART, "nobody came or went", quiet, restart_at=BEGIN)
    yield same.but(Kind.LANE_GONE, "nobody came or went", quiet, lane_gone_at=BEGIN)
    yield same.without_data(BEGIN, "the service is gone", quiet)
    yield Scene(
        Kind.MISSING,
        ALERT,
        "nothing is told",
        {CALLS.format("openai"): gauge((HOUR, None))},
        {HOUR / 2: ()},
        step=300,
        every=300,
    )


def scenes() -> Iterator[Scene]:
    """Give all of them."""
    yield from _added()
    yield from _removed()
    yield from _raw()
