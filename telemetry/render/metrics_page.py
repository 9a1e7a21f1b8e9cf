"""`docs/metrics.md`: every metric of the contract, for people who query or record them."""

from collections.abc import Iterable, Sequence
from string import Template as Text
from textwrap import fill

from telemetry.contract import Contract, Editions, Metric, MetricType
from telemetry.render.own_instruments import OwnInstrument, own_instruments
from telemetry.render.queries import queries_of
from telemetry.render.words import (
    code,
    combined,
    limit_of,
    listed,
    number,
    source_of,
    stand_ins_of,
    taken_by,
    values_of,
)

RENDERED_BY = "techsapo-telemetry render"

_OPERATOR = "**What it says:**"
_WIDTH = 118

_INTRODUCTION = Text("""\
<!-- Rendered from telemetry/contract by `$command` (make render). Change the contract, not this file. -->
# Metrics

$count metrics. Their names, labels and buckets are a contract: queries depend on them. A series carries the labels
listed here, `job` and `instance`, and nothing else; a histogram's buckets carry `le`, too.

- Every label's values come from a **domain**. Text that is in no domain never becomes a label: it is counted under a
  stand-in (`other`, `unmatched`, `invalid`), so that sums stay right.
- A label admits the values that the contract knows always, and others while fewer than its **limit** of distinct
  values, known ones included, have been seen. What comes later is `other`, and is counted in
  `techsapo_telemetry_overflow_total`.
- Figures are **cumulative**, from the start of the process (a series: from its first measurement).
- An instrument that no metric here asks for is dropped, and counted in `techsapo_telemetry_dropped_instruments`.
- Where conventions have renamed an instrument, a library between two **editions** records each measurement under both.
  Of what one scope (the name given to `get_meter`) records, one edition counts: in a process the first recorded, in the
  Collector the first listed here, or the one that has counted so far. The others are ignored; two scopes both count.
- **What it says** is for who operates a service: what a rise or a fall means, and where to look next.

These counters carry no `_total` in their names: $bare. Our page and the Collector keep such a name as it is; with
`OTEL_METRICS_EXPORTER=prometheus` the stock exporter appends `_total`.
""")


def metrics_page(contract: Contract) -> str:
    """Return the page as Markdown."""
    bare = [
        metric.name
        for metric in contract.metrics
        if metric.type is MetricType.COUNTER and not metric.name.endswith("_total")
    ]
    parts = [
        _INTRODUCTION.substitute(command=RENDERED_BY, count=len(contract.metrics), bare=listed(bare) or "none"),
        "## Overview\n",
        _table(("Metric", "Type", "Labels", "What it tells"), (_overview(metric) for metric in contract.metrics)),
        *(_section(metric, contract) for metric in contract.metrics),
        _instruments(own_instruments(contract)),
    ]
    return "\n".join(parts)


def _overview(metric: Metric) -> tuple[str, ...]:
    return (_link(metric.name), metric.type.value, listed(metric.label_names), metric.description)


def _link(name: str) -> str:
    return f"[{code(name)}](#{name})"


def _section(metric: Metric, contract: Contract) -> str:
    facts = [f"Type: {metric.type.value}; unit: {code(metric.unit)}; {combined(metric)}."]
    if metric.boundaries:
        facts.append(f"Buckets, upper bounds: {', '.join(number(boundary) for boundary in metric.boundaries)}, +Inf.")
    if metric.one_hot:
        facts.append(f"Setting one value of {code(metric.one_hot)} to 1 sets the others to 0.")
    facts.append(f"Limit: {limit_of(metric)}.")
    parts = [f"## {metric.name}\n", f"{metric.description}\n", *(f"- {fact}" for fact in facts), ""]
    if metric.meaning:
        parts.append(f"{_OPERATOR}\n{fill(metric.meaning, _WIDTH, break_long_words=False, break_on_hyphens=False)}\n")
    if metric.labels:
        rows = ((code(each.name), values_of(each.domain), stand_ins_of(each.domain)) for each in metric.labels)
        parts.append(_table(("Label", "Values", "Stand-in"), rows))
    parts += [
        _sources(metric, contract),
        *(_query(each.tells, each.expression) for each in queries_of(metric, contract.by_name)),
    ]
    return "\n".join(parts)


def _sources(metric: Metric, contract: Contract) -> str:
    if metric.ratio is not None:
        return f"Source: computed from {code(metric.ratio.counter)}, when it is read.\n"
    lines = ["Source:", ""]
    for view in metric.views:
        lines.append(f"- {listed(view.instruments, last=' or ')}: {taken_by(view)}")
        lines += [f"  - {code(name)}: {source_of(view.labels[name])}" for name in metric.label_names]
    lines += (_editions(each) for each in contract.editions if _feed(each, metric))
    return "\n".join([*lines, ""])


def _feed(editions: Editions, metric: Metric) -> bool:
    return any(name in view.instruments for view in metric.views for names in editions.names for name in names)


def _editions(editions: Editions) -> str:
    named = "; ".join(listed(names, last=" with ") for names in editions.names)
    text = f"Editions of the same measurements, for each {code(editions.apart)}: {named}."
    return "\n" + fill(text, _WIDTH, break_long_words=False, break_on_hyphens=False)


def _query(tells: str, expression: str) -> str:
    return f"{tells}:\n\n```promql\n{expression}\n```\n"


def _instruments(instruments: Iterable[OwnInstrument]) -> str:
    rows = (
        (
            code(each.name),
            ", ".join(kind.value for kind in each.kinds),
            code(each.unit),
            "; ".join(_attribute(label, names) for label, names in each.attributes) or "none",
            ", ".join(_link(name) for name in each.feeds),
        )
        for each in instruments
    )
    return (
        "## Instruments of this project\n\n"
        "What an application records itself, beside the instruments of OpenTelemetry's semantic conventions. They are "
        "part of the\ncontract: their names and attributes stay as they are. The first kind is the one that fits best. "
        "Any scope (the name\ngiven to `get_meter`) may record them.\n\n"
        + _table(("Instrument", "Kind", "Unit", "Attributes", "Feeds"), rows)
    )


def _attribute(label: str, names: Sequence[str]) -> str:
    words = listed(names, last=", else ")
    return words if names[0] == label else f"{words} (becomes {code(label)})"


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(columns)} |", f"|{'---|' * len(columns)}"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows), ""])
