"""Thresholds and pace: what is wrong in the file is told, and every figure in it is one that a rule compares with."""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from monitoring.model import Alert, Recording
from monitoring.pace import Pace, words
from monitoring.places import Places, PlacesError
from monitoring.render import rendered, write_to
from monitoring.rules import groups
from monitoring.thresholds import FILE, Thresholds, ThresholdsError

FAST = Pace(15)


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ("answer = 42", "answer: got 42; a threshold is a table"),
        ("[a]\nabove = 1", "a.reason: got None; a sentence is needed"),
        ('[a]\nabove = 1\nreason = "because"', "a.reason: got 'because'; a sentence is needed"),
        ('[a]\nabove = -1\nreason = "So."', "a.above: got -1; a number from 0 on is needed"),
        ('[a]\nabove = true\nreason = "So."', "a.above: got True; a number from 0 on is needed"),
        ('[a]\nabove = "much"\nreason = "So."', "a.above: got 'much'; a number from 0 on is needed"),
        ('[a]\nfor = "soon"\nreason = "So."', "a.for: got 'soon'; a duration such as 5m is needed"),
        ('[a]\nfor = 5\nreason = "So."', "a.for: got '5'; a duration such as 5m is needed"),
        ('[a]\nover = 1\nreason = "So."', "a: got over; known are above, below, "),
    ],
)
def test_a_threshold_that_is_wrong_is_named(told: str, says: str, tmp_path: Path) -> None:
    """With what was got, and what would be right."""
    file = tmp_path / "thresholds.toml"
    file.write_text(told)
    with pytest.raises(ThresholdsError) as error:
        Thresholds.load(file)
    assert str(error.value).startswith(says)


def test_an_objective_that_no_burn_could_pass_is_refused() -> None:
    """14.4 times one tenth is more than all: the alert would never fire."""
    right = Thresholds.load()
    low = replace(right["slo_analysis"], objective=0.9)
    with pytest.raises(ThresholdsError, match=r"slo_analysis\.objective: got 0\.9.*needed is more than 0\.931"):
        groups(Thresholds({**right.by_name, "slo_analysis": low}))


def test_an_objective_is_one_that_something_tells_of() -> None:
    """Another name would be an objective without a measurement."""
    right = Thresholds.load()
    named = {**right.by_name, "slo_beauty": replace(right["slo_analysis"], name="slo_beauty")}
    with pytest.raises(ThresholdsError, match="slo_beauty: nothing tells what is good of it"):
        groups(Thresholds(named))


@pytest.mark.parametrize("name", sorted(Thresholds.load().by_name))
def test_every_threshold_is_one_that_a_rule_looks_at(name: str) -> None:
    """One that nobody compares with would be changed without effect."""
    right = Thresholds.load()
    it = right[name]
    changed = replace(
        it,
        value=it.value and it.value * 1.01,
        time="1h" if it.time else "",
        for_="7m",
        objective=it.objective and it.objective * 1.001,
        at_least=it.at_least * 2,
    )
    assert groups(right) != groups(Thresholds({**right.by_name, name: changed}))


@pytest.mark.parametrize(
    ("pace", "duration", "is_then"),
    [
        (Pace(), "5m", "5m"),
        (Pace(), "3d", "3d"),
        (FAST, "15s", "1s"),
        (FAST, "5m", "20s"),
        (FAST, "45s", "3s"),
        (FAST, "1h", "60s"),
        (FAST, "3d", "60s"),
        (Pace(2), "15s", "7500ms"),
        (FAST, "0s", "0s"),
    ],
)
def test_times_are_divided_and_bounded(pace: Pace, duration: str, is_then: str) -> None:
    """What lasts hours is a minute at most, as a proof cannot wait."""
    assert is_then == pace.time(duration)


@pytest.mark.parametrize(
    ("duration", "said"), [("1h", "1 hour"), ("5m", "5 minutes"), ("3d", "3 days"), ("1w", "1 week")]
)
def test_a_duration_is_said_in_words(duration: str, said: str) -> None:
    """As an alert's text has it."""
    assert said == words(duration)


def test_what_is_asked_for_within_a_time_is_less_within_a_shorter_one() -> None:
    """Twenty in five minutes are as many a second as 1.33 in twenty seconds."""
    assert pytest.approx(20 * 20 / 300) == FAST.count(20, "5m")
    assert 20 == Pace().count(20, "5m")


def test_at_another_pace_there_are_the_same_rules(promtool: Path, tmp_path: Path) -> None:
    """With the same names, and Prometheus takes them."""
    names = [
        [
            [rule.name if isinstance(rule, Alert) else rule.record for rule in group.rules]
            for group in groups(thresholds)
        ]
        for thresholds in (Thresholds.load(), Thresholds.load(pace=FAST))
    ]
    assert names[0] == names[1]
    write_to(tmp_path, rendered(FAST, "http://127.0.0.1:1/"))
    files = sorted((tmp_path / "rules").glob("*.yaml"))
    run = subprocess.run([promtool, "check", "rules", *files], capture_output=True, text=True, timeout=60, check=False)
    assert 0 == run.returncode, run.stdout + run.stderr
    assert len(names[0]) == len(files)


def test_no_recording_has_a_name_twice_with_the_same_labels() -> None:
    """The second would overwrite the first."""
    recorded = [
        (rule.record, *sorted(rule.labels.items()))
        for group in groups(Thresholds.load())
        for rule in group.rules
        if isinstance(rule, Recording)
    ]
    assert len(recorded) == len(set(recorded))


def test_the_file_is_read_as_it_stands() -> None:
    """Its reasons are sentences, and its values those of the requirements."""
    told = Thresholds.load(FILE)
    assert (0.7, "5m") == (told["consensus_confidence_low"].value, told["consensus_confidence_low"].for_)
    assert (0.05, "2m") == (told["llm_provider_failing"].value, told["llm_provider_failing"].for_)
    assert (0.01, "1m") == (told["http_server_errors"].value, told["http_server_errors"].for_)
    assert (0.9, "30s") == (told["memory_near_limit"].value, told["memory_near_limit"].for_)
    assert (5, "5m") == (told["responses_slow"].value, told["responses_slow"].for_)
    assert (0.8, 10, 0.1) == tuple(
        told[name].value for name in ("budget_nearly_spent", "redis_connection_failures", "consensus_falling")
    )
    assert (0.5, 0.8) == tuple(told[name].value for name in ("request_volume_up", "cache_hits_low"))


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ("", "places.toml: got nothing; needed are runbooks, dashboards"),
        ('runbooks = "https://a"', "places.toml: got runbooks; needed are runbooks, dashboards"),
        (
            'runbooks = "https://a"\ndashboards = "grafana"',
            "places.toml: dashboards: got 'grafana'; a URL with http or https is needed",
        ),
    ],
)
def test_a_place_that_is_wrong_is_named(told: str, says: str, tmp_path: Path) -> None:
    """A link that leads nowhere would be found out at night."""
    file = tmp_path / "places.toml"
    file.write_text(told)
    with pytest.raises(PlacesError) as error:
        Places.load(file)
    assert says == str(error.value)


def test_a_slash_at_the_end_of_a_place_is_not_doubled(tmp_path: Path) -> None:
    """Both ways of writing it are usual."""
    file = tmp_path / "places.toml"
    file.write_text('runbooks = "https://a/"\ndashboards = "http://b/"')
    places = Places.load(file)
    assert ("https://a/X.md", "http://b/d/techsapo-y?z=1") == (places.runbook("X"), places.dashboard("y", "z=1"))
