"""`techsapo-telemetry validate` with the real Collector: variables, the policy, and how it tells."""

import json
import subprocess
from pathlib import Path

import pytest

from telemetry.contract import CONTRACT
from telemetry.render.policy import policy_version
from tests.conftest import NO_COLLECTOR
from tests.support.collector import COLLECTOR, ROOT
from tests.support.instrumented import BIN, environment
from tests.support.validation import CONFIG, FORWARD, SALT, TOKEN, Validate

POLICY = "processors.techsapo_policy"

pytestmark = pytest.mark.skipif(not COLLECTOR.exists(), reason=NO_COLLECTOR)


@pytest.fixture
def validate(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Validate:
    """The command with --json."""
    return Validate(monkeypatch, capsys)


@pytest.mark.parametrize(
    ("configs", "variables"),
    [
        ((), {}),
        ((CONFIG, FORWARD), {"TECHSAPO_COLLECTOR_FORWARD": "http://traces:4318"}),
        ((), {"TECHSAPO_COLLECTOR_OTLP_HTTP": "0.0.0.0:4318", "TECHSAPO_COLLECTOR_OTLP_TOKEN": TOKEN}),
    ],
    ids=["default", "forward", "token"],
)
def test_the_projects_configurations_are_as_they_should_be(
    validate: Validate, configs: tuple[Path, ...], variables: dict[str, str]
) -> None:
    """No finding, and the status 0."""
    told = validate(*configs, variables=variables)
    assert (0, []) == (told.status, told.findings)


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        (
            {"TECHSAPO_CLIENT_IP_SALT": ""},
            (
                "TECHSAPO_CLIENT_IP_SALT: got nothing; accepts 16 bytes or more, the same as the senders', "
                "or TECHSAPO_CLIENT_IP_SALT_FILE"
            ),
        ),
        (
            {"TECHSAPO_CLIENT_IP_SALT": "too short"},
            "TECHSAPO_CLIENT_IP_SALT: got 9 bytes; accepts 16 bytes or more, the same as the senders'",
        ),
        (
            {"TECHSAPO_CLIENT_IP_SALT_FILE": "no/such/file"},
            "TECHSAPO_CLIENT_IP_SALT: got a value beside TECHSAPO_CLIENT_IP_SALT_FILE; accepts one of the two",
        ),
        (
            {"TECHSAPO_CLIENT_IP_SALT": "", "TECHSAPO_CLIENT_IP_SALT_FILE": "no/such/file"},
            (
                "TECHSAPO_CLIENT_IP_SALT_FILE: got 'no/such/file'; accepts a file that can be read "
                "(no such file or directory)"
            ),
        ),
        ({"TECHSAPO_CLIENT_IP_SALT": "1234567890" * 2}, "A variable holds more digits than a number may have"),
        (
            {"TECHSAPO_CLIENT_IP_SALT": "twice$$the-dollar-sign"},
            (
                "TECHSAPO_CLIENT_IP_SALT: got a text with a $, which the Collector would expand; accepts one without, "
                "or TECHSAPO_CLIENT_IP_SALT_FILE"
            ),
        ),
        (
            {"TECHSAPO_COLLECTOR_OTLP_TOKEN": "short"},
            "TECHSAPO_COLLECTOR_OTLP_TOKEN: got a token of 5 bytes; accepts 16 bytes or more, without spaces",
        ),
        (
            {"TECHSAPO_COLLECTOR_OTLP_TOKEN": TOKEN, "TECHSAPO_COLLECTOR_OTLP_TOKEN_FILE": "tokens"},
            (
                "TECHSAPO_COLLECTOR_OTLP_TOKEN: got a value beside TECHSAPO_COLLECTOR_OTLP_TOKEN_FILE; "
                "accepts one of the two"
            ),
        ),
        ({"TECHSAPO_COLLECTOR_OTLP_GRPC": "4317"}, "TECHSAPO_COLLECTOR_OTLP_GRPC: got '4317'; accepts host:port"),
        (
            {"TECHSAPO_COLLECTOR_PROMETHEUS": "127.0.0.1:70000"},
            "TECHSAPO_COLLECTOR_PROMETHEUS: got '127.0.0.1:70000'; accepts a port from 1 to 65535",
        ),
        (
            {"TECHSAPO_COLLECTOR_TELEMETRY_PORT": "70000"},
            "TECHSAPO_COLLECTOR_TELEMETRY_PORT: got '70000'; accepts a port from 1 to 65535",
        ),
        (
            {"TECHSAPO_COLLECTOR_TELEMETRY_PORT": "eight"},
            "TECHSAPO_COLLECTOR_TELEMETRY_PORT: got 'eight', which is text; accepts a whole number",
        ),
        (
            {"TECHSAPO_COLLECTOR_HEALTH": "localhost"},
            "TECHSAPO_COLLECTOR_HEALTH: got 'localhost'; accepts host:port",
        ),
        (
            {"TECHSAPO_COLLECTOR_TELEMETRY_PORT": "4317"},
            (
                "TECHSAPO_COLLECTOR_TELEMETRY_PORT: got '4317', where the OTLP receiver (grpc) listens; "
                "accepts another port"
            ),
        ),
    ],
)
def test_a_wrong_variable_is_named_with_what_it_got_and_accepts(
    validate: Validate, variables: dict[str, str], sentence: str
) -> None:
    """One sentence, in which no secret is."""
    assert sentence == validate(variables=variables).only


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "accepts a file that can be read (no such file or directory)"),
        ("[", "which is no policy (unexpected end of JSON input); accepts what is rendered from the contract"),
        ('{"version": "1"}', "which is no policy (it has no version or no metrics)"),
        ("other version", f"of version 0123456789abcdef; accepts {policy_version(CONTRACT)}, that of the installed"),
        ("edited", "which was edited by hand"),
    ],
    ids=["missing", "broken", "empty", "other version", "edited"],
)
def test_the_policy_is_that_of_the_installed_contract(
    validate: Validate, tmp_path: Path, content: str | None, sentence: str
) -> None:
    """Missing, broken, of another version and edited by hand; the remedy is `make render`."""
    policy = tmp_path / "policy.json"
    rendered = (ROOT / "collector/config/policy.json").read_text()
    texts = {
        "other version": rendered.replace(policy_version(CONTRACT), "0123456789abcdef"),
        "edited": rendered.replace('"limit": 16', '"limit": 17'),
    }
    if content is not None:
        policy.write_text(texts.get(content, content))
    overlay = tmp_path / "overlay.yaml"
    overlay.write_text(f"processors:\n  techsapo_policy:\n    policy_file: {policy}\n")
    told = validate(CONFIG, overlay)
    assert told.only.startswith(f"{POLICY}.policy_file: got '{policy}'")
    assert sentence in told.only
    (finding,) = json.loads(told.output)["findings"]
    assert ("`make render`" in finding["remedy"], f"{overlay}:3") == (True, finding["place"])


@pytest.mark.parametrize(
    ("variables", "option", "sentence"),
    [
        (
            {"TECHSAPO_COLLECTOR_OTLP_HTTP": "0.0.0.0:4318"},
            "receivers.otlp.protocols.http.endpoint",
            (
                "TECHSAPO_COLLECTOR_OTLP_HTTP: got '0.0.0.0:4318': whoever reaches that address can send figures, "
                "as no token is asked for"
            ),
        ),
        (
            {"TECHSAPO_COLLECTOR_PROMETHEUS": ":8889"},
            "exporters.prometheus.endpoint",
            "TECHSAPO_COLLECTOR_PROMETHEUS: got ':8889': whoever reaches that address can read the page for Prometheus",
        ),
        (
            {"TECHSAPO_COLLECTOR_FORWARD": "http://user:hunter2@traces:4318"},
            "exporters.otlp_http",
            (
                "TECHSAPO_COLLECTOR_FORWARD: got 'http://***@traces:4318', and no pipeline exports OTLP: "
                "traces and logs are dropped"
            ),
        ),
    ],
)
def test_what_works_and_is_worth_a_look_is_a_warning(
    validate: Validate, variables: dict[str, str], option: str, sentence: str
) -> None:
    """The status stays 0."""
    told = validate(variables=variables)
    assert (0, [("warn", option, sentence)]) == (told.status, told.findings)


def test_forwarding_needs_an_address(validate: Validate) -> None:
    """Unset, and set to what is none, which the Collector itself takes."""
    accepts = "accepts http://host:port or https://host:port"
    assert f"TECHSAPO_COLLECTOR_FORWARD: got nothing; {accepts}" == validate(CONFIG, FORWARD).only
    assert f"TECHSAPO_COLLECTOR_FORWARD: got 'traces'; {accepts}" == (
        validate(CONFIG, FORWARD, variables={"TECHSAPO_COLLECTOR_FORWARD": "traces"}).only
    )


def test_several_things_that_are_wrong_are_all_told(validate: Validate) -> None:
    """What the Collector finds, and what is found beyond it."""
    told = validate(
        variables={
            "TECHSAPO_CLIENT_IP_SALT": "",
            "TECHSAPO_COLLECTOR_HEALTH": "nowhere",
            "TECHSAPO_COLLECTOR_OTLP_HTTP": "[::]:4318",
        }
    )
    assert {
        ("broken", f"{POLICY}.client_ip_salt"),
        ("broken", "extensions.health_check.endpoint"),
        ("warn", "receivers.otlp.protocols.http.endpoint"),
    } == {(level, option) for level, option, _ in told.findings}


def test_people_read_the_sentence_and_the_line_of_the_file(validate: Validate) -> None:
    """And how many there are; nothing but a line where all is well."""
    _, output = validate.run([], {"TECHSAPO_CLIENT_IP_SALT": "too short"})
    number = next(number for number, line in enumerate(CONFIG.read_text().splitlines(), 1) if "client_ip_salt:" in line)
    assert [
        "  broken  TECHSAPO_CLIENT_IP_SALT: got 9 bytes; accepts 16 bytes or more, the same as the senders'",
        f"          at {POLICY}.client_ip_salt, {CONFIG}:{number}",
        "1 broken",
    ] == output.splitlines()
    assert f"{CONFIG}: as it should be\n" == validate.run([], {"TECHSAPO_CLIENT_IP_SALT": SALT})[1]


def test_what_cannot_be_run_is_status_2(tmp_path: Path) -> None:
    """A binary that is missing, and one that is no Collector: in one line, with what to do."""
    command: list[str | Path] = [BIN / "techsapo-telemetry", "validate", "--root", ROOT, "--collector"]
    told = [
        subprocess.run([*command, binary], env=environment(), capture_output=True, text=True, timeout=60, check=False)
        for binary in (tmp_path / "none", Path("/bin/false"))
    ]
    assert [(2, ""), (2, "")] == [(each.returncode, each.stdout) for each in told]
    assert told[0].stderr.endswith("none is not there: make collector, or name one by --collector\n")
    assert told[1].stderr.endswith("/bin/false validate ended with status 1 and told no error\n")
