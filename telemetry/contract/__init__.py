"""The contract: every metric, label, domain, boundary and semantic view; all that repeats it is rendered from it."""

from telemetry.contract.catalog import CONTRACT, Contract
from telemetry.contract.check import ContractError
from telemetry.contract.domains import INVALID, OTHER, UNMATCHED, Bounded, Domain, Enum, Masked, Template
from telemetry.contract.model import Combine, Editions, Label, Metric, MetricType, Ratio, Take, View
from telemetry.contract.sources import Attribute, Classified, Constant, FromContext, Overridden, Source, attribute

__all__ = [
    "CONTRACT",
    "INVALID",
    "OTHER",
    "UNMATCHED",
    "Attribute",
    "Bounded",
    "Classified",
    "Combine",
    "Constant",
    "Contract",
    "ContractError",
    "Domain",
    "Editions",
    "Enum",
    "FromContext",
    "Label",
    "Masked",
    "Metric",
    "MetricType",
    "Overridden",
    "Ratio",
    "Source",
    "Take",
    "Template",
    "View",
    "attribute",
]
