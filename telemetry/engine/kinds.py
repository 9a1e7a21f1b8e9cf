"""The kinds of instruments, and what a semantic view can take from each."""

import enum

from telemetry.contract import Metric, MetricType, Take, View


class Kind(enum.Enum):
    """A kind of instrument, by its name in the OpenTelemetry metrics API."""

    COUNTER = "Counter"
    UP_DOWN_COUNTER = "UpDownCounter"
    HISTOGRAM = "Histogram"
    GAUGE = "Gauge"
    OBSERVABLE_COUNTER = "ObservableCounter"
    OBSERVABLE_UP_DOWN_COUNTER = "ObservableUpDownCounter"
    OBSERVABLE_GAUGE = "ObservableGauge"

    @property
    def negative_allowed(self) -> bool:
        """Tell whether amounts below 0 make sense: not for what only rises, nor for a histogram."""
        return self in _EITHER_SIGN

    def feeds(self, metric: Metric, view: View) -> bool:
        """Tell whether an instrument of this kind can give what a view takes."""
        match metric.type:
            case MetricType.COUNTER:
                return self in (Kind.COUNTER, Kind.HISTOGRAM) or (
                    self is Kind.OBSERVABLE_COUNTER and view.take is Take.SUM
                )
            case MetricType.GAUGE:
                # What is told by setting one of several states cannot be added up.
                return self in _EITHER_SIGN and not (metric.one_hot and self is Kind.UP_DOWN_COUNTER)
            case MetricType.HISTOGRAM:
                return self is Kind.HISTOGRAM

    def effective(self, take: Take) -> Take:
        """What a view's take means for this kind: a gauge is always set, an up-down counter always added to."""
        if self is Kind.GAUGE:
            return Take.LAST
        return Take.SUM if self is Kind.UP_DOWN_COUNTER else take


_EITHER_SIGN = frozenset({Kind.UP_DOWN_COUNTER, Kind.GAUGE, Kind.OBSERVABLE_UP_DOWN_COUNTER, Kind.OBSERVABLE_GAUGE})
