"""The Collector's error output taken apart, and the place of an option in its files."""

from pathlib import Path

import pytest

from telemetry.cli.diagnosis import Level
from telemetry.cli.diagnosis.configuration import place_of
from telemetry.cli.diagnosis.configuration.errors import Fault, faults
from telemetry.cli.diagnosis.configuration.listeners import Listener, check_listeners
from telemetry.cli.diagnosis.configuration.sentences import Sentences

NESTED = """\
Error: failed to get config: cannot unmarshal the configuration: decoding failed due to the following error(s):

'receivers' error reading configuration for "otlp": decoding failed due to the following error(s):

'protocols.grpc' decoding failed due to the following error(s):

'configgrpc.ServerConfig' has invalid keys: endpont, tsl
'service.telemetry.metrics' decoding failed due to the following error(s):

'readers[0].pull.exporter.prometheus.port' expected type 'int', got unconvertible type 'string'
'otelcol.configSettings' has invalid keys: extension
"""


def test_nested_errors_become_the_path_of_each_option() -> None:
    """Go's types are no places; what stands at the top again begins anew."""
    assert [
        Fault("receivers.otlp.protocols.grpc.endpont", "has invalid keys"),
        Fault("receivers.otlp.protocols.grpc.tsl", "has invalid keys"),
        Fault(
            "service.telemetry.metrics.readers[0].pull.exporter.prometheus.port",
            "expected type 'int', got unconvertible type 'string'",
        ),
        Fault("extension", "has invalid keys"),
    ] == faults(NESTED)


def test_each_line_of_a_validation_is_an_error() -> None:
    """The option is told behind the component, or is not told."""
    told = (
        "Error: processors::techsapo_policy: max_instances: 0 is less than 1\n"
        "extensions::health_check::config: http endpoint required\n"
        "empty configuration file\n"
    )
    assert [
        Fault("processors.techsapo_policy.max_instances", "0 is less than 1"),
        Fault("extensions.health_check", "http endpoint required"),
        Fault("", "empty configuration file"),
    ] == faults(told)


def test_what_cannot_be_built_is_told_of_its_component() -> None:
    """The kind in the singular becomes the section."""
    told = (
        'Error: failed to build pipelines: failed to create "prometheus" exporter for data type "metrics": '
        "expecting a non-blank address to run the Prometheus metrics handler\n"
    )
    assert [
        Fault("exporters.prometheus", "expecting a non-blank address to run the Prometheus metrics handler")
    ] == faults(told)


def test_what_is_no_error_holds_none() -> None:
    """Other output is not taken for one; the hint to the help does not belong to it."""
    assert [] == faults("2026-11-25 info everything is ready")
    assert [Fault("", 'unknown command "validat"')] == faults(
        "Error: unknown command \"validat\"\nRun 'techsapo-collector --help' for usage.\n"
    )


def test_an_unknown_error_is_told_in_the_collectors_words_without_passwords() -> None:
    """A newer Collector may say something else."""
    say = Sentences([], {})
    finding = say.finding(Fault("exporters.otlp_http", "cannot use https://user:hunter2@host: nonsense"))
    assert (Level.BROKEN, "exporters.otlp_http: cannot use https://***@host: nonsense") == (
        finding.level,
        finding.sentence,
    )


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A configuration with comments, a list of mappings and a variable."""
    file = tmp_path / "collector.yaml"
    file.write_text(
        "# comment: no option\n"
        "receivers:\n"
        "  otlp:\n"
        "    protocols:\n"
        "      grpc:\n"
        "        endpoint: ${env:LISTEN:-127.0.0.1:4317}  # where\n"
        "      http:\n"
        "        endpoint: 127.0.0.1:4318\n"
        "service:\n"
        "  telemetry:\n"
        "    readers:\n"
        "      - pull:\n"
        "          port: ${env:PORT}\n"
    )
    return file


@pytest.mark.parametrize(
    ("option", "line", "variable"),
    [
        ("receivers.otlp.protocols.grpc.endpoint", 6, "LISTEN"),
        ("receivers.otlp.protocols.http.endpoint", 8, None),
        ("receivers.otlp", 3, None),
        ("service.telemetry.readers[0].pull.port", 13, "PORT"),
    ],
)
def test_an_option_is_found_with_its_line_and_variable(
    config: Path, option: str, line: int, variable: str | None
) -> None:
    """What a person has to change, and where."""
    place = place_of(option, [config])
    assert place is not None
    assert (f"{config}:{line}", variable) == (str(place), variable)


def test_the_last_file_that_sets_an_option_counts(config: Path, tmp_path: Path) -> None:
    """As in the Collector; a file that sets nothing of it, or is not there, changes nothing."""
    later, option = tmp_path / "later.yaml", "receivers.otlp.protocols.grpc.endpoint"
    later.write_text("receivers:\n  otlp:\n    protocols:\n      grpc:\n        endpoint: 127.0.0.1:1\n")
    assert f"{later}:5" == str(place_of(option, [config, later, tmp_path / "none.yaml"]))
    assert f"{config}:8" == str(place_of("receivers.otlp.protocols.http.endpoint", [config, later]))
    assert place_of("receivers.otlp.protocols.udp", [config, later]) is None


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("127.0.0.1:4317", ("127.0.0.1", 4317)),
        ("[::1]:4317", ("::1", 4317)),
        (":4317", ("", 4317)),
        ("collector:4317", ("collector", 4317)),
        ("4317", None),
        ("127.0.0.1", None),
        ("::1:4317", None),
        ("127.0.0.1:http", None),
        ("http://127.0.0.1:4317", None),
        ("", None),
    ],
)
def test_addresses_of_listeners_are_told_from_what_is_none(address: str, expected: tuple[str, int] | None) -> None:
    """A scheme is one of the usual mistakes; IPv6 needs brackets."""
    assert expected == Listener("it", "option", address).host_and_port


@pytest.mark.parametrize(
    ("one", "other", "collide"),
    [
        ("127.0.0.1:1", "127.0.0.1:1", True),
        ("0.0.0.0:1", "127.0.0.1:1", True),
        ("127.0.0.1:1", ":1", True),
        ("[::]:1", "127.0.0.1:1", True),
        ("127.0.0.1:1", "127.0.0.2:1", False),
        ("127.0.0.1:1", "127.0.0.1:2", False),
        ("nonsense", "nonsense", False),
    ],
)
def test_two_listeners_collide_where_one_takes_the_others_port(one: str, other: str, collide: bool) -> None:
    """One that listens on all addresses takes the port of each."""
    listeners = [Listener("the one", "a", one, guarded=True), Listener("the other", "b", other, guarded=True)]
    found = [each.sentence for each in check_listeners(listeners, Sentences([], {}))]
    assert collide == (f"b: got {other!r}, where the one listens; accepts another port" in found)
