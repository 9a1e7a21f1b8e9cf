"""collector/config/policy.json: what the Collector's policy processor holds every sender to."""

import hashlib
import json
from collections.abc import Mapping, Sequence

from telemetry.contract import (
    Attribute,
    Bounded,
    Classified,
    Constant,
    Contract,
    Domain,
    Enum,
    FromContext,
    Label,
    Masked,
    Metric,
    Overridden,
    Source,
    Template,
    View,
)
from telemetry.contract.networks import EMBEDDED_IPV4, LOOPBACK_NETWORKS, PRIVATE_NETWORKS, UNSPECIFIED_NETWORKS

Json = str | int | float | bool | None | Sequence["Json"] | Mapping[str, "Json"]

_RENDERED = "Rendered from telemetry/contract by `techsapo-telemetry render` (make render). Do not edit."


def policy(contract: Contract) -> str:
    """Return the policy of a contract as JSON, a metric's labels one a line."""
    rules = _rules(contract)
    return "\n".join(_lines({"rendered": _RENDERED, "version": policy_version(contract), **rules})) + "\n"


def policy_version(contract: Contract) -> str:
    """Return the version of a contract's policy: the first 16 hex digits of SHA-256 over all that it rules."""
    text = json.dumps(_rules(contract), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _rules(contract: Contract) -> dict[str, Json]:
    return {
        "networks": {
            "private": PRIVATE_NETWORKS,
            "loopback": LOOPBACK_NETWORKS,
            "unspecified": UNSPECIFIED_NETWORKS,
            "carriers": [
                {"network": network, "offset": offset, "inverted": inverted}
                for network, offset, inverted in EMBEDDED_IPV4
            ],
        },
        "metrics": [_metric(metric) for metric in contract.metrics],
        "editions": [
            {"measures": editions.measures, "names": editions.names, "apart": editions.apart}
            for editions in contract.editions
        ],
    }


def _metric(metric: Metric) -> Json:
    told: dict[str, Json] = {
        "name": metric.name,
        "type": metric.type.value,
        "description": metric.description,
        "unit": metric.unit,
        "series_limit": metric.series_limit,
    }
    if metric.boundaries:
        told["boundaries"] = metric.boundaries
    if metric.combine:
        told["combine"] = metric.combine.value
    if metric.ratio:
        told["ratio"] = {"counter": metric.ratio.counter, "label": metric.ratio.label, "value": metric.ratio.value}
    if metric.one_hot:
        told["one_hot"] = metric.one_hot
    if metric.labels:
        told["labels"] = [_label(label) for label in metric.labels]
    # Prices are the process's: the Collector has none, and counts every call of a raw sender as one without a price.
    if views := [_view(view) for view in metric.views if view.weight is None]:
        told["views"] = views
    return told


def _view(view: View) -> Json:
    told: dict[str, Json] = {"instruments": view.instruments, "take": view.take.value}
    if view.where:
        told["where"] = dict(view.where)
    if view.ignore_scopes:
        told["ignore_scopes"] = view.ignore_scopes
    if view.labels:
        told["labels"] = {label: _source(source) for label, source in view.labels.items()}
    return told


def _source(source: Source) -> Json:
    match source:
        case Attribute(names):
            return {"attributes": names}
        case FromContext(key):
            # The context stays with the sender: one that has it may put it on the point.
            return {"attributes": (key,)}
        case Constant(value):
            return {"constant": value}
        case Classified(attribute, absent, otherwise, table):
            return {
                "classified": {
                    "attribute": attribute,
                    "absent": absent,
                    "otherwise": otherwise,
                    "table": dict(table),
                }
            }
        case Overridden(attribute, table, inner):
            return {
                "attributes": inner.names,
                "overridden": {"attribute": attribute, "table": dict(table)},
            }


def _label(label: Label) -> Json:
    return {"name": label.name, **_domain(label.domain)}


def _domain(domain: Domain) -> dict[str, Json]:
    match domain:
        case Enum(values, aliases, ignore_case):
            told: dict[str, Json] = {"domain": "enum", "values": values}
            if aliases:
                told["aliases"] = dict(aliases)
            if ignore_case:
                told["ignore_case"] = True
            return told
        case Bounded(limit, pattern, known, upper_case, sorted_pair):
            told = {"domain": "bounded", "limit": limit, "pattern": pattern}
            if known:
                told["known"] = known
            if upper_case:
                told["upper_case"] = True
            if sorted_pair:
                told["sorted_pair"] = True
            return told
        case Template(limit):
            return {"domain": "template", "limit": limit}
        case Masked():
            return {"domain": "masked"}


def _lines(value: Json, indent: str = "", before: str = "", after: str = "") -> list[str]:
    """Return JSON with what holds no object on one line, and a label and a view on one line each."""
    if isinstance(value, Mapping) and not value.keys() & {"domain", "instruments"} and not _is_flat(value):
        inner = [(f"{json.dumps(name)}: ", each) for name, each in value.items()]
        opening, closing = "{", "}"
    elif isinstance(value, Sequence) and not isinstance(value, str) and not _is_flat(value):
        inner = [("", each) for each in value]
        opening, closing = "[", "]"
    else:
        return [f"{indent}{before}{json.dumps(value)}{after}"]
    lines = [f"{indent}{before}{opening}"]
    for number, (name, each) in enumerate(inner, start=1):
        lines += _lines(each, indent + "  ", name, "," if number < len(inner) else "")
    return [*lines, f"{indent}{closing}{after}"]


def _is_flat(value: Json) -> bool:
    """Tell whether a list or an object holds nothing but scalars."""
    inner = value.values() if isinstance(value, Mapping) else value
    return isinstance(inner, Sequence | type({}.values())) and all(
        isinstance(each, str | int | float | bool | None) for each in inner
    )
