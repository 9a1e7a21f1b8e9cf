"""The table of the Collector's benchmark: ratios, spread, and a plain word on each aim."""

from benchmarks.collector.comparison import Comparison, show
from benchmarks.timing import Timed

MISSED = Comparison("span", "µs CPU", Timed((9.0, 12.0, 10.0)), Timed((3.0, 4.0, 5.0)), most_times=2.5)
REACHED = Comparison("data point", "µs CPU", Timed((5.0, 5.5)), Timed((5.0, 5.0)), most_times=1.2)
TOO_LARGE = Comparison("memory, idle", "MiB", Timed((45.5,)), Timed((44.0,)), most=45.0)
WITHOUT_AIM = Comparison("memory, loaded", "MiB", Timed((70.0,)), Timed((140.0,)))


def test_a_ratio_is_the_median_of_the_rounds() -> None:
    """Pair by pair, not of the medians: a slow moment of the machine hits both of a pair."""
    assert 3.0 == MISSED.times


def test_an_aim_is_the_most_that_may_be_taken() -> None:
    """Times plain, or in the line's own unit; a line without aims misses none."""
    assert [False, True, False, True] == [each.reached for each in (MISSED, REACHED, TOO_LARGE, WITHOUT_AIM)]
    exactly = Comparison("data point", "µs CPU", Timed((6.0,)), Timed((5.0,)), most_times=1.2)
    assert exactly.reached


def test_the_table_tells_whether_each_aim_is_reached() -> None:
    """With both figures, the ratio and its spread over the rounds."""
    assert """\
                        Collector  plain  times plain (rounds)  aim
span            µs CPU  10         4      3.00x (2.00-3.00)     2.5x    missed
data point      µs CPU  5.25       5      1.05x (1.00-1.10)     1.2x    reached
memory, idle    MiB     45.5       44     1.03x                 45 MiB  missed
memory, loaded  MiB     70         140    0.50x                 -""" == show([MISSED, REACHED, TOO_LARGE, WITHOUT_AIM])


def test_what_is_missed_tells_by_how_much() -> None:
    """One line for the end of the output."""
    assert "span: 10 µs CPU, 3.00 times plain, aim 2.5x" == MISSED.missed()
    assert "memory, idle: 45.5 MiB, 1.03 times plain, aim 45 MiB" == TOO_LARGE.missed()
