"""Service level objectives: bad and all events of each, the share of bad ones over each window, and the alerts."""

from collections.abc import Iterator
from typing import Final

from monitoring.model import Alert, Dashboard, Group, Priority, Recording
from monitoring.pace import Pace, seconds_of, words
from monitoring.rules.first_layer import SERVER_ERROR, rate_of
from monitoring.thresholds import Threshold, Thresholds, ThresholdsError

ALERT: Final = "SloBudgetBurns"
OBJECTIVE: Final = "slo:objective:ratio"

_REQUESTS: Final = "techsapo_http_requests_total"
_DURATION: Final = "techsapo_http_request_duration_seconds"
_ANALYSIS: Final = "techsapo_wallbounce_processing_duration_seconds"
_CONFIDENCE: Final = "techsapo_wallbounce_consensus_confidence"
_BASE: Final = "5m"
# What an objective is kept over.
_MONTH: Final = "30d"

_PRIORITIES: Final[dict[str, Priority]] = {"fast": "P0", "medium": "P1", "slow": "P2"}
_MEANS: Final = {
    "fast": "users notice now.",
    "medium": "what is wrong does not mend itself.",
    "slow": "it will not last, so plan the repair before the next feature.",
}


def errors_of(window: str) -> str:
    """Return the name of the share of bad events over a window, by job and slo."""
    return f"job:slo_errors:ratio_rate{window}"


def groups(thresholds: Thresholds) -> tuple[Group, Group]:
    """Return the recordings, and the alerts.

    Raises:
        ThresholdsError: an objective is so low that a burn of its budget could not be seen.
    """
    slos, burns = thresholds.named("slo_"), thresholds.named("burn_")
    for slo in slos:
        for burn in burns:
            if (burn.value or 0) * (1 - slo.objective) >= 1:
                msg = (
                    f"slo_{slo.name}.objective: got {slo.objective:g}; {burn.number} times its errors are more than "
                    f"all events: needed is more than {1 - 1 / (burn.value or 1):.3f}"
                )
                raise ThresholdsError(msg)
    windows = dict.fromkeys(window for burn in burns for window in (burn.short_window, burn.window))
    recordings = [rule for slo in slos for rule in _events(slo, thresholds)]
    recordings += [rule for window in windows for rule in _over(window, thresholds.pace)]
    return (
        Group("techsapo-slos", "1m", tuple(recordings)),
        Group("techsapo-alerts-slos", "1m", tuple(_alert(burn, thresholds.pace) for burn in burns)),
    )


def _events(slo: Threshold, thresholds: Thresholds) -> Iterator[Recording]:
    bad, everything = _bad_and_all(slo, thresholds)
    labels = {"slo": slo.name}
    yield Recording(f"job:slo_all:rate{_BASE}", everything, labels)
    yield Recording(f"job:slo_bad:rate{_BASE}", bad, labels)
    yield Recording(OBJECTIVE, f"vector({slo.objective:g})", labels)


def _bad_and_all(slo: Threshold, thresholds: Thresholds) -> tuple[str, str]:
    limit = f'le=~"{slo.value or 0:g}|{float(slo.value or 0)}"'
    match slo.name:
        case "availability":
            requests = rate_of(_REQUESTS, _BASE)
            everything, failed = _sum(requests), _sum(f"{requests}{{{SERVER_ERROR}}}")
            # Where nothing has failed yet there is no series of it.
            return f"{failed} or 0 * {everything}", everything
        case "latency":
            others = outside(thresholds["responses_slow"].analysis_routes)
            counts, buckets = (rate_of(f"{_DURATION}_{part}", _BASE) for part in ("count", "bucket"))
            everything = _sum(f"{counts}{{{others}}}")
            return f"{everything} - {_sum(f'{buckets}{{{limit},{others}}}')}", everything
        case "analysis":
            counts, buckets = (rate_of(f"{_ANALYSIS}_{part}", _BASE) for part in ("count", "bucket"))
            everything = _sum(counts)
            return f"{everything} - {_sum(f'{buckets}{{{limit}}}')}", everything
        case "consensus":
            counts, buckets = (rate_of(f"{_CONFIDENCE}_{part}", _BASE) for part in ("count", "bucket"))
            return _sum(f"{buckets}{{{limit}}}"), _sum(counts)
        case name:
            msg = f"slo_{name}: nothing tells what is good of it; known are availability, latency, analysis, consensus"
            raise ThresholdsError(msg)


def outside(routes: tuple[str, ...]) -> str:
    """Return the matchers that leave routes out."""
    return ",".join(f'route!="{route}"' for route in routes)


def _sum(rate: str) -> str:
    return f"sum by (job) ({rate})"


def _over(window: str, pace: Pace) -> Iterator[Recording]:
    """The share over a window: of sums, as a mean of shares would weigh quiet hours like busy ones."""
    bad, everything = f"job:slo_bad:rate{_BASE}", f"job:slo_all:rate{_BASE}"
    if window != _BASE:
        for base, name in ((bad, "bad"), (everything, "all")):
            yield Recording(f"job:slo_{name}:rate{window}", f"avg_over_time({base}[{pace.time(window)}])")
    yield Recording(errors_of(window), f"job:slo_bad:rate{window} / (job:slo_all:rate{window} > 0)")


def _alert(burn: Threshold, pace: Pace) -> Alert:
    allowed = f"on (slo) group_left () ({burn.number} * (1 - {OBJECTIVE}))"
    # Counted by the minutes that there were: the mean of a new job's first ones would stand for all of the window.
    minute, window = pace.time("1m"), pace.time(burn.window)
    events = f"round(sum_over_time(job:slo_all:rate{_BASE}[{window}:{minute}]) * {pace.seconds('1m'):g}, 0.01)"
    board: Dashboard = "executive"
    spent = (burn.value or 0) * seconds_of(burn.window) / seconds_of(_MONTH)
    return Alert(
        ALERT,
        _PRIORITIES[burn.name],
        "slo",
        f"{errors_of(burn.window)} > {allowed}\n"
        f"and {errors_of(burn.short_window)} > {allowed}\n"
        f"and {events} >= {burn.least:g}",
        burn.for_,
        f"{{{{ $labels.slo }}}}: {{{{ $value | humanizePercentage }}}} of all events were bad in {words(burn.window)}",
        f"More than {spent:.0%} of a month's allowance went within {words(burn.window)}: {_MEANS[burn.name]}",
        board,
        decided=f"Shares of {burn.window} and {burn.short_window} above {burn.number} times what the objective allows.",
        labels={"burn": burn.name},
    )
