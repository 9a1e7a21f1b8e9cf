"""Metrics of the contract that are on no panel, each with the reason."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

UNSHOWN: Final[Mapping[str, str]] = MappingProxyType({})
