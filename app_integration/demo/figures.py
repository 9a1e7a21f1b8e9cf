"""Figures as a receiver has them: samples by name and labels, whether scraped or pushed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from prometheus_client.parser import text_string_to_metric_families

from telemetry.contract import CONTRACT

Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """Samples under the names of the text format: a histogram is its `_bucket`, `_count` and `_sum` samples.

    `taken` is in seconds of a monotonic clock; labels are sorted by name.
    """

    samples: Mapping[str, Mapping[Labels, float]] = field(default_factory=dict)
    taken: float = 0.0

    @classmethod
    def of_page(cls, text: str, taken: float) -> "Figures":
        """Read a page in the text format. Raises ValueError where it is none."""
        found = (
            (_name(sample.name), sample.labels, sample.value)
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        )
        return cls.of_samples(found, taken)

    @classmethod
    def of_samples(cls, samples: Iterable[tuple[str, Mapping[str, str], float]], taken: float) -> "Figures":
        """Put together single samples; of two of the same series the later one counts."""
        collected: dict[str, dict[Labels, float]] = {}
        for name, labels, value in samples:
            collected.setdefault(name, {})[tuple(sorted(labels.items()))] = value
        return cls(collected, taken)

    @property
    def size(self) -> int:
        """How many samples there are."""
        return sum(len(series) for series in self.samples.values())

    def has(self, metric: str) -> bool:
        """Tell whether a metric, also a histogram, has a series."""
        return metric in self.samples or f"{metric}_count" in self.samples

    def summed(self, name: str, by: tuple[str, ...], where: Mapping[str, str] | None = None) -> dict[str, float]:
        """Sum the samples that carry the labels of `where`, by the values of the labels in `by`, joined by a space."""
        sums: dict[str, float] = {}
        for labels, value in self.samples.get(name, {}).items():
            own = dict(labels)
            if (where or {}).items() <= own.items():
                key = " ".join(own.get(label, "") for label in by)
                sums[key] = sums.get(key, 0.0) + value
        return sums

    def total(self, name: str, where: Mapping[str, str] | None = None) -> float:
        """Sum the samples that carry the labels of `where`."""
        return sum(self.summed(name, (), where).values())

    def quantile(self, share: float, name: str, where: Mapping[str, str] | None = None) -> float | None:
        """Estimate a quantile of a histogram as PromQL's histogram_quantile does; None where nothing was measured."""
        buckets = sorted(
            (float(bound), count) for bound, count in self.summed(f"{name}_bucket", ("le",), where).items()
        )
        if not buckets or not buckets[-1][1]:
            return None
        rank = share * buckets[-1][1]
        for (lower, below), (upper, up_to) in pairwise([(0.0, 0.0), *buckets]):
            if up_to >= rank and up_to > below:
                # Past the last boundary nothing more is known.
                return lower if upper == float("inf") else lower + (upper - lower) * (rank - below) / (up_to - below)
        return None


def _name(sample: str) -> str:
    """Return the name on the page: the parser gives every counter a `_total`, which the cost has not."""
    bare = sample.removesuffix("_total")
    return bare if sample not in CONTRACT.by_name and bare in CONTRACT.by_name else sample
