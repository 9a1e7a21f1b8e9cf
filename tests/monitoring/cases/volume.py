"""The alert on a day's requests beside those of the same day a week before."""

import math
from collections.abc import Iterator

from tests.monitoring.scenes import Fires, Kind, Labels, Scene
from tests.monitoring.shapes import Shape, counter, gauge

MINUTE, FIVE, HOUR = 60.0, 300.0, 3_600.0
DAY = 24 * HOUR
LASTS = 10 * MINUTE
ALERT = "RequestVolumeUp"
ONE: tuple[Labels, ...] = ({},)
BEGIN = 8 * DAY
SAMPLES = 288

GROWTH = "history:http_requests:increase5m"
REQUESTS = 'techsapo_http_requests_total{method="GET",route="/x",status_code="200"}'


def _kept(
    kind: Kind, says: str, before: float, after: float, fires: Fires, *, lasts: float = 2 * DAY, then: float = 0
) -> Scene:
    """Requests of a day before BEGIN, after it, and `then` after so long, as the history has them."""
    days = (BEGIN, before), (lasts, after), (2 * DAY, then)
    series = {
        f'{GROWTH}{{method="GET",route="/x",status_code="{status}"}}': gauge(
            *((seconds, share * requests / SAMPLES) for seconds, requests in days)
        )
        for status, share in (("200", 0.75), ("404", 0.25))
    }
    return Scene(kind, ALERT, says, series, fires, step=300, every=60 if kind is Kind.FIRES else 300)


def _days(says: str, first: float, second: float, between: float, now: float, fires: Fires) -> Scene:
    """Requests a day: on two days, on the six between, and a week after the second of them."""
    requests = (DAY, first), (DAY, second), (6 * DAY, between), (2 * DAY, now)
    series = {GROWTH: gauge(*((seconds, each / SAMPLES) for seconds, each in requests))}
    return Scene(Kind.OTHER, ALERT, says, series, fires, step=300, every=300)


def _raw(kind: Kind, says: str, factor: float, fires: Fires) -> Scene:
    """The same as processes tell it, looked at every five minutes."""
    series: dict[str, Shape] = {REQUESTS: counter((BEGIN, 3_000 / DAY), (2 * DAY, factor * 3_000 / DAY))}
    return Scene(kind, ALERT, says, series, fires, step=300, every=300)


def scenes() -> Iterator[Scene]:
    """Give all of them."""
    # The day's sum rises with each of its samples, the one at BEGIN being the first.
    at = BEGIN + math.floor(SAMPLES * 0.5 / 0.54) * FIVE + LASTS
    fires: Fires = {at - MINUTE: (), at: ONE, at + HOUR: ONE}
    yield _kept(Kind.FIRES, "a bit more than half as many again", 1_050, 1_050 * 1.54, fires)
    # Then it falls with each of the next day's; the first of a day leaves it with the one that comes.
    end = BEGIN + DAY + (SAMPLES - math.floor(SAMPLES * 0.5 / 0.54) - 1) * FIVE
    over: Fires = {end - MINUTE: ONE, end: (), end + HOUR: ()}
    yield _kept(Kind.FIRES, "for a day", 1_050, 1_050 * 1.54, over, lasts=DAY, then=1_050)
    later: Fires = {BEGIN + DAY + LASTS: (), BEGIN + DAY + 6 * HOUR: ()}
    yield _kept(Kind.JUST_UNDER, "a bit less than half as many again", 1_050, 1_050 * 1.46, later)
    yield _kept(Kind.LITTLE_TRAFFIC, "few a week ago", 950, 950 * 10, later)
    # The same day a week before was as busy, and all between were not.
    same_day: Fires = {9 * DAY: (), 9 * DAY + 20 * MINUTE: ()}
    yield _days("as on this day of each week", 1_100, 2_200, 1_100, 2_200, same_day)
    yield _days("few on this day a week ago, and more beside it", 1_050, 950, 1_050, 9_500, {9 * DAY: ()})
    yield _days("enough on this day a week ago, and few beside it", 950, 1_050, 950, 9_500, {9 * DAY: ONE})
    path = f'{GROWTH}{{method="GET",route="/x",status_code="200"}}'
    # A week ago it was new, or nobody looked for half a day.
    for says, before, looked in (
        ("it began a week ago", (), (7.4, 7.6, 7.9)),
        ("half a day is missing", ((HOUR, 10.4), (12 * HOUR, None)), (7.4, 7.6, 7.9)),
        ("half a day is missing in between", ((2 * DAY, 10.4), (12 * HOUR, None)), (9.45, 9.5)),
    ):
        known = gauge(*before, (10 * DAY, 10.4))
        few = dict.fromkeys((at * DAY for at in looked), ())
        yield Scene(Kind.MISSING, ALERT, says, {path: known}, few, step=300, every=300)
    week: Fires = {6 * DAY: ()}
    yield Scene(
        Kind.MISSING, ALERT, "nothing is known of a week ago", {GROWTH: gauge((7 * DAY, 10))}, week, step=300, every=300
    )
    yield _kept(Kind.MISSING, "nothing is told", 0, 0, later)
    twice: Fires = {BEGIN + DAY + HOUR: ONE}
    up, same = _raw(Kind.OTHER, "as many again", 2, twice), _raw(Kind.OTHER, "the same", 1.4, {})
    quiet: Fires = {BEGIN + HOUR: (), BEGIN + DAY: (), BEGIN + DAY + HOUR: ()}
    yield up
    yield up.but(Kind.RESTART, "and as many again", twice, restart_at=BEGIN + HOUR)
    yield same.but(Kind.RESTART, "and not half as many again", quiet, restart_at=BEGIN + HOUR)
    yield up.but(Kind.LANE_GONE, "and as many again", twice, lane_gone_at=BEGIN + HOUR)
    yield same.but(Kind.LANE_GONE, "and not half as many again", quiet, lane_gone_at=BEGIN + HOUR)
