"""What dashboards are made of, before they are Grafana's or VictoriaMetrics'."""

from dataclasses import dataclass
from enum import Enum
from typing import Final, Literal

Kind = Literal["stat", "timeseries", "bars", "bargauge", "table", "heatmap", "state-timeline"]

# A dashboard is so many columns wide, as Grafana's grid is.
COLUMNS: Final = 24


@dataclass(frozen=True, slots=True)
class _Unit:
    grafana: str
    vmui: str
    scale: float = 1.0


class Unit(Enum):
    """A unit: its id in Grafana, and for VictoriaMetrics' UI, which writes numbers as they are, its text and factor."""

    NUMBER = _Unit("short", "")
    SCORE = _Unit("none", "points")
    SHARE = _Unit("percentunit", "%", 100.0)
    SECONDS = _Unit("s", "s")
    LATENCY = _Unit("s", "ms", 1_000.0)
    DURATION = _Unit("dtdurations", "h", 1 / 3600)
    BYTES = _Unit("bytes", "MiB", 1 / 2**20)
    SIZE = _Unit("bytes", "KiB", 1 / 2**10)
    USD = _Unit("currencyUSD", "USD")
    REQUESTS = _Unit("reqps", "requests/s")
    PER_SECOND = _Unit("ops", "/s")


@dataclass(frozen=True, slots=True)
class Step:
    """A colour and a text that hold from a value on; `None` is from the lowest on."""

    value: float | None
    colour: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Limit:
    """The threshold of an alert, drawn where the alert has it: `worse` tells on which side it fires."""

    alert: str
    value: float
    worse: Literal["above", "below"] = "above"


@dataclass(frozen=True, slots=True)
class Query:
    """An expression of PromQL with Grafana's macros and variables; `legend` names a series, or the column of a table.

    `unit`, `decimals` and `limit` are a table's column's own, `steps` those of a column or of a figure beside others.
    `grafana` and `vmui` tell who draws it: Grafana, and VictoriaMetrics' UI.
    """

    expr: str
    legend: str
    unit: Unit | None = None
    decimals: int | None = None
    limit: Limit | None = None
    steps: tuple[Step, ...] = ()
    grafana: bool = True
    vmui: bool = True


@dataclass(frozen=True, slots=True)
class Panel:
    """A picture of figures. `no_value` is what it says where there are none, and what that means.

    `rows` are the labels that a table's rows stand for. `steps` of a chart are lines across it, named by their texts.
    `since` is a range of its own, `interval` the least between two points (Grafana's notation). `drill` is the uid of
    the dashboard with the detail. `vmui` is False where a chart of VictoriaMetrics' UI would show nothing that another
    panel of the row does not.
    """

    kind: Kind
    title: str
    description: str
    queries: tuple[Query, ...]
    unit: Unit
    no_value: str
    width: int
    height: int = 8
    decimals: int = 1
    limit: Limit | None = None
    steps: tuple[Step, ...] = ()
    rows: tuple[str, ...] = ()
    stacked: bool = False
    since: str = ""
    interval: str = ""
    drill: str = ""
    least: float | None = None
    most: float | None = None
    vmui: bool = True


@dataclass(frozen=True, slots=True)
class Row:
    """Panels under a heading."""

    title: str
    panels: tuple[Panel, ...]


@dataclass(frozen=True, slots=True)
class Dashboard:
    """A page of rows; the first tells the state. `since` is the range that it opens with."""

    uid: str
    title: str
    description: str
    rows: tuple[Row, ...]
    since: str
    refresh: str

    @property
    def panels(self) -> tuple[Panel, ...]:
        """All panels, from the top."""
        return tuple(panel for row in self.rows for panel in row.panels)
