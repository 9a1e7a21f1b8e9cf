"""Grafana's macros and variables in queries, replaced by what holds for all.

Sources: Grafana's documentation of the Prometheus data source (template variables), and of global variables.
"""

import re
from collections.abc import Mapping

from monitoring.dashboards.promql import VARIABLES

_OF_A_VARIABLE = re.compile(rf'(\w+)=~"\$(?:{"|".join(VARIABLES)})"(?:,|(?=\}}))')


def without_variables(expr: str) -> str:
    """Return a query without the matchers of variables: of everything."""
    return re.sub(r",\}", "}", _OF_A_VARIABLE.sub("", expr))


def with_macros(expr: str, macros: Mapping[str, str]) -> str:
    """Return a query with the macros (`$__range`) replaced. Raises ValueError where one is left."""
    # The longest name first: $__range is the beginning of $__range_s.
    for name in sorted(macros, key=len, reverse=True):
        expr = expr.replace(name, macros[name])
    if "$" in expr:
        msg = f"got {expr!r}; a macro that is replaced is needed: {', '.join(sorted(macros))}"
        raise ValueError(msg)
    return expr
