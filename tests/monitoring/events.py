"""What is built on the first layer must be: events of the objectives, and quotients."""

from collections.abc import Iterator

from tests.monitoring.figures import Figure, series_of
from tests.monitoring.shapes import gauge


def events() -> Iterator[Figure]:
    """Give bad and all events of each objective, of a busy job, one without failures, and one without traffic.

    And their means over longer times.
    """
    requests, duration = "job:http_requests:rate5m", "job:http_request_duration_seconds"
    analysis, confidence = "job:wallbounce_processing_duration_seconds", "job:wallbounce_consensus_confidence"
    rates: dict[str, dict[str, float]] = {
        f"{requests}|route=/a,status_code=200": {"busy": 5, "well": 3, "idle": 0},
        f"{requests}|route=/b,status_code=404": {"busy": 1, "well": 2},
        f"{requests}|route=/b,status_code=500": {"busy": 0.5},
        f"{requests}|route=/a,status_code=511": {"busy": 2},
        # A status that is none.
        f"{requests}|route=/a,status_code=other": {"busy": 1},
        # Analyses are slow, and have an objective of their own; to read one is not.
        f"{duration}_count:rate5m|route=/analyses": {"busy": 9},
        f"{duration}_count:rate5m|route=/analyses/{{id}}": {"busy": 7, "well": 3, "idle": 0},
        f"{duration}_count:rate5m|route=unmatched": {"busy": 4, "well": 2},
        # Programs write a whole boundary in two ways.
        f"{duration}_bucket:rate5m|le=1.0,route=/analyses": {"busy": 1},
        f"{duration}_bucket:rate5m|le=1.0,route=/analyses/{{id}}": {"busy": 6, "well": 3, "idle": 0},
        f"{duration}_bucket:rate5m|le=1,route=unmatched": {"busy": 2, "well": 2},
        f"{duration}_bucket:rate5m|le=2.5,route=unmatched": {"busy": 3, "well": 2},
        f"{analysis}_count:rate5m|task_type=basic": {"busy": 4, "well": 1, "idle": 0},
        f"{analysis}_count:rate5m|task_type=premium": {"busy": 2, "well": 1},
        f"{analysis}_bucket:rate5m|le=30.0,task_type=basic": {"busy": 3, "well": 1, "idle": 0},
        f"{analysis}_bucket:rate5m|le=30,task_type=premium": {"busy": 0.5, "well": 1},
        f"{analysis}_bucket:rate5m|le=60.0,task_type=premium": {"busy": 1, "well": 1},
        f"{confidence}_count:rate5m|task_type=basic": {"busy": 4, "well": 1, "idle": 0},
        f"{confidence}_count:rate5m|task_type=premium": {"busy": 2, "well": 1},
        f"{confidence}_bucket:rate5m|le=0.7,task_type=basic": {"busy": 1, "well": 0, "idle": 0},
        f"{confidence}_bucket:rate5m|le=0.7,task_type=premium": {"busy": 0.5, "well": 0},
        f"{confidence}_bucket:rate5m|le=0.8,task_type=premium": {"busy": 1.5, "well": 0},
    }
    series = {}
    for name, by_job in rates.items():
        sample, _, told = name.partition("|")
        labels = dict(label.split("=", 1) for label in told.split(","))
        for job, rate in by_job.items():
            series[series_of(sample, {"job": job, **labels})] = gauge((600, rate))
    of_all = {"availability": (9.5, 5), "latency": (11, 5), "analysis": (6, 2), "consensus": (6, 2)}
    bad = {"availability": (2.5, 0), "latency": (3, 0), "analysis": (2.5, 0), "consensus": (1.5, 0)}
    for which, values in (("all", of_all), ("bad", bad)):
        expected = [
            ({"job": job, "slo": slo}, value)
            for slo, (busy, well) in values.items()
            for job, value in (("busy", busy), ("well", well), ("idle", 0))
        ]
        yield Figure(f"job:slo_{which}:rate5m", series, {300: expected})
        for window, seconds in (("30m", 1_800), ("1h", 3_600), ("6h", 21_600), ("3d", 259_200)):
            labels = {"job": "busy", "slo": "availability"}
            # Of sixty samples 29 are ones and 31 threes.
            rises = {series_of(f"job:slo_{which}:rate5m", labels): gauge((seconds / 2, 1), (seconds, 3))}
            mean, step = (29 + 3 * 31) / 60, seconds // 60
            yield Figure(f"job:slo_{which}:rate{window}", rises, {seconds: [(labels, mean)]}, every=step, step=step)


def quotients() -> Iterator[Figure]:
    """Give what is built on others and divides: nothing is said where nothing is there to divide by."""
    for window in ("5m", "30m", "1h", "6h", "3d"):
        rates = {"busy": (0.5, 4), "well": (0, 2), "idle": (0, 0)}
        series = {
            series_of(f"job:slo_{name}:rate{window}", {"job": job, "slo": "latency"}): gauge((600, rate))
            for job, both in rates.items()
            for name, rate in zip(("bad", "all"), both, strict=True)
        }
        shares = [({"job": job, "slo": "latency"}, share) for job, share in (("busy", 0.125), ("well", 0))]
        yield Figure(f"job:slo_errors:ratio_rate{window}", series, {300: shares})
    # Limit, what is spent, and how much more each second: the last job spends nothing now.
    budgets = {"well": (100, 40, 0.5), "over": (100, 103, 0.5), "gone": (100, 100, 0.5), "idle": (100, 40, 0)}
    names = "job:budget_daily_limit_usd:max", "job:budget_spent_today_usd:max", "job:wallbounce_cost_usd:rate1h"
    series = {
        series_of(name, {"job": job}): gauge((600, value))
        for job, values in budgets.items()
        for name, value in zip(names, values, strict=True)
    }
    left = [({"job": "well"}, 120), ({"job": "over"}, 0), ({"job": "gone"}, 0)]
    yield Figure("job:budget_left:seconds", series, {300: left})
