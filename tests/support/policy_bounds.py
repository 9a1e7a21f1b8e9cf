"""How many series the policy lets an instance have, computed from policy.json as its README tells."""

import json
import math
from dataclasses import dataclass
from functools import cached_property
from typing import TypedDict, cast

from telemetry.privacy import ALL_BUCKETS
from tests.support.collector import ROOT


class Label(TypedDict, total=False):
    """A label of policy.json, as far as its size goes."""

    name: str
    domain: str
    values: list[str]
    known: list[str]
    limit: int


class _Metric(TypedDict, total=False):
    name: str
    series_limit: int
    boundaries: list[float]
    labels: list[Label]


@dataclass(frozen=True)
class Share:
    """What an instance may have of one metric."""

    name: str
    series_limit: int
    boundaries: tuple[float, ...]
    labels: tuple[Label, ...]

    @cached_property
    def finite(self) -> int:
        """Combinations of the labels that have no limit, each with its stand-in."""
        return math.prod(values_of(label) for label in self.labels if "limit" not in label)

    @cached_property
    def label_sets(self) -> int:
        """The most label sets: all combinations, or the metric's limit and one set for each of the finite ones."""
        combinations = math.prod(values_of(label) for label in self.labels)
        limited = any("limit" in label for label in self.labels)
        return min(combinations, self.series_limit + self.finite) if limited else combinations

    @cached_property
    def series(self) -> int:
        """The most series on the page: a histogram has one a bucket, `+Inf` included, its sum and its count."""
        return self.label_sets * (len(self.boundaries) + 3 if self.boundaries else 1)


def values_of(label: Label) -> int:
    """Return how many values a label can have, what stands for others included."""
    match label["domain"]:
        case "enum":
            return len({*label["values"], "other"})
        case "masked":
            return len(ALL_BUCKETS)
        case "bounded":
            return label["limit"] + len(label.get("known", ())) + len({"other"})
        case _:
            return label["limit"] + len({"other", "unmatched"})


def shares() -> list[Share]:
    """Return the share of each metric of the policy."""
    policy = json.loads((ROOT / "collector" / "config" / "policy.json").read_text())
    return [
        Share(
            metric["name"],
            metric["series_limit"],
            tuple(metric.get("boundaries", ())),
            tuple(metric.get("labels", ())),
        )
        for metric in cast("list[_Metric]", policy["metrics"])
    ]
