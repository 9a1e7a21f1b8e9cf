"""The rendered dashboards, panel by panel, and their queries as Grafana sends them."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NotRequired, TypedDict, cast

from monitoring.dashboards import rendered_files
from monitoring.dashboards.promql import VARIABLES
from monitoring.pace import Pace


class Target(TypedDict):
    """A query of a panel."""

    expr: str
    legendFormat: str
    instant: bool
    range: bool
    datasource: dict[str, str]


class Step(TypedDict):
    """A threshold: what holds from a value on."""

    value: float | None
    color: str


class Thresholds(TypedDict):
    """The thresholds of a field."""

    steps: list[Step]


class Defaults(TypedDict):
    """What holds for every field of a panel."""

    unit: str
    decimals: int
    noValue: str
    custom: NotRequired[dict[str, object]]
    thresholds: Thresholds


class Matcher(TypedDict):
    """Which field an override is of."""

    options: str


class Property(TypedDict):
    """What an override sets."""

    id: str
    value: object


class Override(TypedDict):
    """What differs for one field."""

    matcher: Matcher
    properties: list[Property]


class FieldConfig(TypedDict):
    """How the fields of a panel are shown."""

    defaults: Defaults
    overrides: list[Override]


class Link(TypedDict):
    """A link of a panel, or of a dashboard."""

    title: str
    url: str
    includeVars: bool
    keepTime: bool
    targetBlank: bool


class Panel(TypedDict):
    """A panel, or a row, which has no queries."""

    id: int
    type: str
    title: str
    description: NotRequired[str]
    gridPos: dict[str, int]
    interval: NotRequired[str]
    timeFrom: NotRequired[str]
    targets: list[Target]
    fieldConfig: FieldConfig
    links: list[Link]
    datasource: dict[str, str]
    collapsed: NotRequired[bool]


class Listed(TypedDict):
    """The variables, or the annotations."""

    list: list[dict[str, object]]


class Page(TypedDict):
    """A dashboard."""

    uid: str
    title: str
    editable: bool
    timezone: str
    panels: list[Panel]
    links: list[Link]
    templating: Listed
    annotations: Listed


class Chart(TypedDict):
    """A chart of VictoriaMetrics' UI."""

    title: str
    description: str
    unit: str
    expr: list[str]
    alias: list[str]
    showLegend: bool
    width: int


class Line(TypedDict):
    """Charts under a heading."""

    title: str
    panels: list[Chart]


class Tab(TypedDict):
    """A dashboard of VictoriaMetrics' UI."""

    title: str
    rows: list[Line]


@dataclass(frozen=True)
class Asked:
    """A query, and where it stands."""

    uid: str
    panel: str
    legend: str
    expr: str

    def __str__(self) -> str:
        """Return where it stands, as the id of a test."""
        return f"{self.uid.removeprefix('techsapo-')}: {self.panel}: {self.legend}"


def pages(pace: Pace | None = None) -> dict[str, Page]:
    """Return Grafana's dashboards by uid."""
    found = {path.stem: text for path, text in rendered_files(pace or Pace()).items() if path.match("grafana/*.json")}
    return {uid: cast("Page", json.loads(text)) for uid, text in found.items()}


def tabs(pace: Pace | None = None) -> dict[str, Tab]:
    """Return the dashboards of VictoriaMetrics' UI by the names of their files."""
    found = {path.name: text for path, text in rendered_files(pace or Pace()).items() if path.match("vmui/*.json")}
    return {name: cast("Tab", json.loads(text)) for name, text in found.items()}


def panels_of(page: Page) -> list[Panel]:
    """Return the panels of a dashboard without its rows."""
    return [panel for panel in page["panels"] if panel["type"] != "row"]


def asked(pace: Pace | None = None) -> Iterator[Asked]:
    """Return every query of Grafana's dashboards; where a panel has a least interval it is asked for with that."""
    for uid, page in pages(pace).items():
        for panel in panels_of(page):
            for target in panel["targets"]:
                expr = target["expr"].replace("$__interval", panel.get("interval", "$__interval"))
                yield Asked(uid, panel["title"], target["legendFormat"], expr)


def drawn(pace: Pace | None = None) -> Iterator[Asked]:
    """Return every query of the dashboards of VictoriaMetrics' UI, lines at a constant height left out."""
    for name, tab in tabs(pace).items():
        for chart in (chart for row in tab["rows"] for chart in row["panels"]):
            for expr, alias in zip(chart["expr"], chart["alias"], strict=True):
                if not alias.startswith("line: "):
                    yield Asked(name, chart["title"], alias, expr)


def sent(expr: str, macros: Mapping[str, str], **chosen: tuple[str, ...]) -> str:
    """Return a query as Grafana sends it: macros replaced, variables by what is chosen, or by all.

    Several values are put together as `(a|b)`; for all of them `allValue` is sent as it is.
    Source: Grafana's documentation, template variables of the Prometheus data source, and global variables.
    """
    for name in sorted(macros, key=len, reverse=True):
        expr = expr.replace(f"${name}", macros[name])
    for name in VARIABLES:
        values = [re.escape(value).replace("\\", "\\\\") for value in chosen.get(name, ())]
        everything = f"({'|'.join(values)})" if len(values) > 1 else "".join(values) or ".*"
        expr = expr.replace(f'"${name}"', f'"{everything}"')
    assert "$" not in expr, expr
    return expr
