"""The first layer and the history, each recording beside a figure that the contract gives."""

from pathlib import Path

from monitoring.model import Recording
from monitoring.rules import groups
from monitoring.thresholds import Thresholds
from tests.monitoring.events import events, quotients
from tests.monitoring.figures import GROUPS, figures, sum_of_history
from tests.monitoring.promtool import tried

RULES = groups(Thresholds.load())
RECORDED = [
    rule.record for group in RULES if group.name in GROUPS for rule in group.rules if isinstance(rule, Recording)
]
FIGURES = {figure.record: figure for figure in figures()}


def test_every_recording_has_a_figure_to_be() -> None:
    """Rates of windows that nobody looks at are not recorded, and all else that the contract calls for is."""
    assert set() == set(RECORDED) - set(FIGURES)
    assert {"rate2m", "rate5m", "rate1h"} >= {name.rpartition(":")[2] for name in set(FIGURES) - set(RECORDED)}
    assert len(RECORDED) == len(set(RECORDED))


def test_lanes_are_not_added_up_and_processes_are(promtool: Path, tmp_path: Path) -> None:
    """Each gauge by how the contract says, each rate of its window alone, a restart without loss, no client kept."""
    assert "" == tried([FIGURES[record] for record in RECORDED], RULES, promtool, tmp_path)


def test_what_the_history_keeps_adds_up_to_what_was_counted(promtool: Path, tmp_path: Path) -> None:
    """Over any time: no gap between two evaluations, no overlap, nothing extrapolated."""
    assert "" == tried([sum_of_history()], RULES, promtool, tmp_path)


def test_bad_and_all_events_of_an_objective_are_counted_by_job(promtool: Path, tmp_path: Path) -> None:
    """Of several routes, statuses and kinds, also where nothing has failed yet, and where nothing is asked."""
    assert "" == tried(list(events()), RULES, promtool, tmp_path)


def test_nothing_is_said_of_a_job_that_has_nothing_to_divide_by(promtool: Path, tmp_path: Path) -> None:
    """An idle one has no share of errors and no end of its budget; what is overspent is gone, and not less."""
    assert "" == tried(list(quotients()), RULES, promtool, tmp_path)
