"""The page of metrics as a whole: of a small contract here, of the real one in docs/metrics.md."""

from pathlib import Path
from types import MappingProxyType

from telemetry.contract import (
    CONTRACT,
    Bounded,
    Combine,
    Contract,
    Enum,
    Label,
    Metric,
    MetricType,
    Take,
    View,
    attribute,
)
from telemetry.render.metrics_page import metrics_page
from telemetry.render.own_instruments import own_instruments

SMALL = Contract(
    (
        Metric(
            name="app_jobs_total",
            type=MetricType.COUNTER,
            description="Jobs done.",
            unit="{job}",
            labels=(Label("queue", Bounded(4)), Label("status", Enum(("success", "error")))),
            series_limit=10,
            views=(
                View(
                    ("techsapo.jobs",),
                    Take.SUM,
                    MappingProxyType({"queue": attribute("queue_name"), "status": attribute("status")}),
                ),
            ),
        ),
        Metric(
            name="app_waiting",
            type=MetricType.GAUGE,
            description="Jobs that wait.",
            unit="{job}",
            combine=Combine.MAX,
            views=(View(("app.waiting",), Take.LAST),),
        ),
    )
)
SECTIONS = """\
## app_jobs_total

Jobs done.

- Type: counter; unit: `{job}`; summed over processes.
- Limit: 10 label sets in one process; past that `queue` becomes `other` and `status` keeps its values.

| Label | Values | Stand-in |
|---|---|---|
| `queue` | at most 4 values that match `[a-z0-9][a-z0-9._-]{0,63}` and hold no personal data | `other`: missing, \
does not fit, or past a limit |
| `status` | `success`, `error` | `other`: missing, or not listed |

Source:

- `techsapo.jobs`: the sum of what is recorded
  - `queue`: `queue_name`
  - `status`: `status`

Per second, by `queue` and `status`:

```promql
sum by (queue, status) (rate(app_jobs_total[5m]))
```

Share that was no success, by `queue`:

```promql
sum by (queue) (rate(app_jobs_total{status!="success"}[5m]))
  / sum by (queue) (rate(app_jobs_total[5m]))
```

## app_waiting

Jobs that wait.

- Type: gauge; unit: `{job}`; the largest of the processes' values.
- Limit: one label set: the metric has no labels.

Source:

- `app.waiting`: the last value

The largest that any process reports:

```promql
max(app_waiting)
```
"""
INSTRUMENT = (
    "| `techsapo.jobs` | Counter, ObservableCounter, Histogram | `{job}` | `queue_name` (becomes `queue`); `status` "
    "| [`app_jobs_total`](#app_jobs_total) |"
)


def test_the_page_of_a_small_contract() -> None:
    """Every part of an entry is on the page, in the words that a reader gets."""
    page = metrics_page(SMALL)
    assert SECTIONS == page[page.index("## app_jobs_total") : page.index("\n## Instruments of this project")]
    assert "| [`app_waiting`](#app_waiting) | gauge |  | Jobs that wait. |" in page
    assert INSTRUMENT == page.splitlines()[-1]


def test_the_page_has_a_section_for_every_metric() -> None:
    """The overview links to a heading for each metric of the contract."""
    page = metrics_page(CONTRACT)
    for metric in CONTRACT.metrics:
        assert 1 == page.count(f"\n## {metric.name}\n")
        assert f"| [`{metric.name}`](#{metric.name}) | {metric.type.value} |" in page


def test_the_page_lists_every_instrument_of_this_project() -> None:
    """An instrument that the contract asks for by this project's prefix is told to those who record."""
    wanted = {name for name in CONTRACT.views_of if name.startswith("techsapo.")}
    assert wanted == {each.name for each in own_instruments(CONTRACT)}
    assert all(each.kinds and each.unit for each in own_instruments(CONTRACT))


def test_the_page_is_what_is_in_the_repository() -> None:
    """`docs/metrics.md` is the golden file; `make render` updates it."""
    kept = Path(__file__).parents[2] / "docs" / "metrics.md"
    assert kept.read_text() == metrics_page(CONTRACT)
