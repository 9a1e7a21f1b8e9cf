"""Figures in VictoriaMetrics' UI, which writes numbers as they are."""

from pathlib import Path

import pytest

from tests.monitoring import panels
from tests.monitoring.answers import Expected, against


def query_of(panel: str, alias: str) -> str:
    """Return a query of a chart."""
    return next(each.expr for each in panels.drawn() if panel in each.panel and each.legend == alias)


@pytest.mark.parametrize("query", list(panels.drawn()), ids=str)
def test_every_figure_is_rounded(query: panels.Asked) -> None:
    """0.49499999999999994 is nothing that anybody reads."""
    assert query.expr.startswith("round(")


@pytest.mark.parametrize(
    ("panel", "alias", "series", "shown"),
    [
        # Added up it is 0.30000000000000004.
        (
            "Spent today",
            "spent, {{job}}",
            {'techsapo_budget_spent_today_usd{job="a",lane="b"}': 0.1 + 0.2},
            {'{job="a"}': 0.3},
        ),
        ("Budget gone in", "time left", {'job:budget_left:seconds{job="a"}': 120}, {"{}": 0.033}),
        ("Budget gone in", "time left", {'job:budget_left:seconds{job="a"}': 9_000}, {"{}": 2.5}),
    ],
)
def test_what_is_small_is_not_0_and_what_is_long_is_short(
    panel: str, alias: str, series: dict[str, float], shown: dict[str, float], promtool: Path, tmp_path: Path
) -> None:
    """Two minutes are no 0 hours, and parts of a dollar have no seventeen digits."""
    told = {name: f"{value!r}x40" for name, value in series.items()}
    assert "" == against(told, [Expected(query_of(panel, alias), shown)], promtool, tmp_path, exactly=True)
