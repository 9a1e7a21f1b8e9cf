"""The words for a window come from the query that looks over it."""

import pytest

from monitoring.dashboards.windows import window_of


@pytest.mark.parametrize(
    ("expr", "window"),
    [
        ('sum(job:http_requests:rate2m{job=~"$job"}) / sum(job:http_requests:rate2m)', "2 minutes"),
        ("1 - max by (slo) (job:slo_errors:ratio_rate1h{})", "1 hour"),
    ],
)
def test_a_window_is_told_in_words(expr: str, window: str) -> None:
    """Of whatever is recorded over it."""
    assert window == window_of(expr)


@pytest.mark.parametrize("expr", ["rate(x[5m])", "job:a:rate5m / job:b:rate1h"])
def test_only_one_window_has_words(expr: str) -> None:
    """No window, or two, cannot be told as one."""
    with pytest.raises(ValueError, match="recorded rates of one window are needed"):
        window_of(expr)
