"""The contract's vocabulary: metric, label, semantic view."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from telemetry.contract.domains import Domain
from telemetry.contract.sources import Source


class MetricType(enum.Enum):
    """What Prometheus is told that a metric is."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


class Combine(enum.Enum):
    """How a gauge adds up over processes and over label sets that a limit merges."""

    SUM = "sum"
    MAX = "max"
    STATE = "state"
    RATIO = "ratio"


class Take(enum.Enum):
    """What a semantic view takes from an instrument's measurements."""

    SUM = "sum"
    COUNT = "count"
    LAST = "last value"
    DISTRIBUTION = "distribution"


@dataclass(frozen=True, slots=True)
class Label:
    """A label and the domain that its values come from."""

    name: str
    domain: Domain


@dataclass(frozen=True, slots=True)
class Ratio:
    """A gauge computed from a counter: the share of `label`=`value` in the sum over that label."""

    counter: str
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class View:
    """A semantic view: one instrument (under each of its names) as one metric.

    `labels` names the source of each label of the metric. `where` keeps only measurements whose
    attribute has one of the values listed. `ignore_scopes` leaves out meters that measure the same
    thing wrongly or a second time. `weight` names a factor, such as a model's price, that
    each amount is multiplied with; a measurement for which there is no factor is left out, and
    counted by the view that names it in `unless_weight`. `given` are attributes that the instrument's name tells the
    weight, whatever the measurement carries.
    """

    instruments: tuple[str, ...]
    take: Take
    labels: Mapping[str, Source] = field(default_factory=lambda: MappingProxyType({}))
    where: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    ignore_scopes: tuple[str, ...] = ()
    weight: str | None = None
    unless_weight: str | None = None
    given: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Editions:
    """Instruments that measure the same, by the editions of the conventions that named them.

    A library that moves from one edition to the next records each measurement under both. Of what one scope (a meter's
    name) records one edition counts: in a process the first that it records, in the Collector the first listed that it
    sends. `apart` names an attribute whose values have an edition each: a convention that renames one operation only
    leaves the others under the older name.
    """

    measures: str
    names: tuple[tuple[str, ...], ...]
    apart: str


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric as Prometheus sees it, and the semantic views that feed it.

    `meaning` is for who operates the service: what it says when it rises or falls, and where to look next.
    `boundaries` are the upper bounds of a histogram's buckets, in `unit`, without +Inf.
    `combine` tells how a gauge adds up; `one_hot` names the label whose values exclude each other
    (setting one to 1 sets the others to 0; where several are merged the worst holds, and its enum lists the worst
    first). `series_limit` bounds the label sets of one process.
    """

    name: str
    type: MetricType
    description: str
    unit: str
    views: tuple[View, ...]
    labels: tuple[Label, ...] = ()
    boundaries: tuple[float, ...] = ()
    combine: Combine | None = None
    ratio: Ratio | None = None
    one_hot: str | None = None
    series_limit: int = 2_000
    meaning: str = ""

    @property
    def label_names(self) -> tuple[str, ...]:
        """Names of the labels, in the contract's order."""
        return tuple(label.name for label in self.labels)
