"""How much the caches save."""

from typing import Final

from monitoring.dashboards import promql, ranking
from monitoring.dashboards.model import Panel, Query, Row, Unit
from monitoring.dashboards.signals import LOOK_UPS, Signals
from monitoring.dashboards.windows import window_of

_RATIO: Final = "techsapo_cache_hit_ratio"


def row(signals: Signals) -> Row:
    """Return the row."""
    return Row("Cache efficiency", (_rate(signals), _look_ups(), _saved()))


def hits(signals: Signals, width: int, height: int) -> Panel:
    """Return the hit rate of the worst cache."""
    found = signals.cache_hits()
    return Panel(
        "stat",
        "Cache hits",
        f"Share of look-ups of the last {window_of(found)} that found something, in the cache where it is lowest.",
        (Query(f"min({found})", "cache hits"),),
        Unit.SHARE,
        "no look-ups",
        width,
        height,
        limit=signals.limit("CacheHitsLow", "cache_hits_low"),
    )


def _rate(signals: Signals) -> Panel:
    hits, look_ups = signals.cache_hits(), promql.recorded(LOOK_UPS, "5m", by=("cache_type",))
    return Panel(
        "timeseries",
        "Hit rate",
        f"Share of the look-ups of {window_of(hits)} that found something, by cache, from the counters as the alert "
        "takes it. The eight worst caches of the range.",
        (Query(ranking.worst(8, hits, f"1 - {hits}", look_ups, "cache_type"), "{{cache_type}}"),),
        Unit.SHARE,
        "no look-ups",
        8,
        limit=signals.limit("CacheHitsLow", "cache_hits_low"),
        least=0,
        most=1,
    )


def _look_ups() -> Panel:
    rate = promql.per_second(LOOK_UPS, by=("cache_type", "result"))
    return Panel(
        "timeseries",
        "Look-ups",
        "Look-ups a second, by whether they found something. Each miss is an analysis that is paid for. The four "
        "busiest caches of the range.",
        (Query(promql.busiest(4, rate, LOOK_UPS, "cache_type"), "{{cache_type}}, {{result}}"),),
        Unit.PER_SECOND,
        "no look-ups",
        8,
        stacked=True,
        least=0,
    )


def _saved() -> Panel:
    ratio = f"avg by (job, cache_type) (max without (lane) ({promql.selector(_RATIO)}))"
    return Panel(
        "timeseries",
        "Hit ratio since the start of the processes",
        "What the processes tell themselves, since each began: it moves slowly, and falls with a deployment. "
        "The eight highest.",
        (Query(promql.largest(8, ratio, _RATIO, "job", "cache_type"), "{{cache_type}}, {{job}}"),),
        Unit.SHARE,
        "no look-ups",
        8,
        least=0,
        most=1,
    )
