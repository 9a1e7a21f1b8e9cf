"""The most series that a Collector can hold: `max_instances` times an instance's share, as its README tells.

A sender at its worst reaches the share of every metric, and no more than that.
"""

import itertools
import math
import random
from collections import Counter
from collections.abc import Iterator, Sequence

from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric

from telemetry.contract import CONTRACT, MetricType
from tests.support import otlp_payloads as otlp
from tests.support.collector import Collector
from tests.support.policy_bounds import Label, Share, shares

# Values past a label's limit.
EXCESS = 40
# Combinations that are all sent; of more a sample is.
MOST = 30_000


def words(label: Label, prefix: str, count: int) -> list[str]:
    """Return values that a label without its limit would take."""
    match label["domain"]:
        case "template":
            return [f"/{prefix}{number}" for number in range(count)]
        case "bounded" if label["name"] == "provider_pair":
            return [f"a:{prefix}{number}" for number in range(count)]
        case "bounded" if label["name"] == "operation":
            return [f"{prefix}{number}".upper() for number in range(count)]
        case "bounded" if label["name"] == "metric":
            return [f"techsapo_{prefix}{number}" for number in range(count)]
        case _:
            return [f"{prefix}{number}" for number in range(count)]


def everything(label: Label) -> list[str]:
    """Return the values of a label that give the most series: past its limit, too, and what fits no domain."""
    match label["domain"]:
        case "enum":
            return [*label["values"], "no such value"]
        case "masked":
            buckets = [f"v{family}-{number:02x}" for family in (4, 6) for number in range(256)]
            return [*buckets, "10.1.2.3", "::1", "nobody"]
        case _:
            return [
                *words(label, "x", label["limit"]),
                *label.get("known", ()),
                "not a fit",
                *words(label, "y", EXCESS),
            ]


def label_sets(share: Share) -> Iterator[tuple[str, ...]]:
    """Yield label sets in the order that gives the most series.

    First those that fill every label's limit, then all that a limit lets in until the metric's own is reached, then
    whatever there is, and last each of the finite combinations with new values of the limited labels.
    """
    fill = [words(label, "x", label["limit"]) if "limit" in label else everything(label) for label in share.labels]
    for at in range(max(map(len, fill), default=1)):
        yield tuple(each[at % len(each)] for each in fill)
    inside = [[*each, *label.get("known", ())] for each, label in zip(fill, share.labels, strict=True)]
    yield from combinations(inside, share.series_limit)
    yield from combinations([everything(label) for label in share.labels], MOST)
    new = [words(label, "z", 1) if "limit" in label else everything(label) for label in share.labels]
    yield from itertools.product(*new)


def combinations(values: Sequence[Sequence[str]], most: int) -> Iterator[tuple[str, ...]]:
    """Yield all combinations, or about twice as many random ones as the most that are wanted."""
    if math.prod(map(len, values)) <= max(most, MOST):
        yield from itertools.product(*values)
        return
    choose = random.Random(most)
    for _ in range(2 * most):
        yield tuple(map(choose.choice, values))


def worst(share: Share) -> Metric:
    """Return a metric with more label sets than its share, each with a start of its own, in the order of births."""
    names = [label["name"] for label in share.labels]
    kind = CONTRACT.by_name[share.name].type
    born = enumerate(dict.fromkeys(label_sets(share)), 1)
    points = [(dict(zip(names, values, strict=True)), birth) for birth, values in born]
    if kind is MetricType.HISTOGRAM:
        counts = [1] * (len(share.boundaries) + 1)
        return otlp.histogram(
            share.name, [otlp.distribution(share.name, labels, counts, 1.0, at) for labels, at in points]
        )
    make = otlp.counter if kind is MetricType.COUNTER else otlp.gauge
    return make(share.name, [otlp.Number(labels, 1, at) for labels, at in points])


def shown(collector: Collector) -> Counter[str]:
    """Return how many series the page has of each metric, a histogram's buckets, sum and count each for itself."""
    names = [line.partition("{")[0] for line in collector.text().splitlines() if not line.startswith("#")]
    histograms = {share.name for share in shares() if share.boundaries}
    found: Counter[str] = Counter()
    for name in names:
        base = name.rpartition("_")[0]
        found[base if base in histograms else name] += 1
    return found


def test_a_sender_at_its_worst_has_its_share_and_no_more(collector: Collector) -> None:
    """Metric by metric, as many series as the formula says."""
    told = {share.name: share.series for share in shares()}
    for share in shares():
        collector.send(otlp.instance([worst(share)], "1"))
    assert shown(collector) == {**told, "target_info": 1}
