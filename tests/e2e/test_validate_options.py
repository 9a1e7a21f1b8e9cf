"""`techsapo-telemetry validate` with the real Collector: options that are wrong, and files that are none."""

from pathlib import Path

import pytest

from tests.conftest import NO_COLLECTOR
from tests.support.collector import COLLECTOR
from tests.support.validation import CONFIG, Validate, changed

POLICY = "processors.techsapo_policy"

pytestmark = pytest.mark.skipif(not COLLECTOR.exists(), reason=NO_COLLECTOR)


@pytest.fixture
def validate(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Validate:
    """The command with --json."""
    return Validate(monkeypatch, capsys)


@pytest.mark.parametrize(
    ("old", "new", "option", "sentence"),
    [
        (
            "instance_expiration",
            "instance_expire",
            f"{POLICY}.instance_expire",
            f"{POLICY}.instance_expire: no option is called that",
        ),
        (
            "        endpoint: ${env:TECHSAPO_COLLECTOR_OTLP_HTTP",
            "        endpont: ${env:TECHSAPO_COLLECTOR_OTLP_HTTP",
            "receivers.otlp.protocols.http.endpont",
            "receivers.otlp.protocols.http.endpont: no option is called that",
        ),
        (
            "instance_expiration: 90s",
            "instance_expiration: soon",
            f"{POLICY}.instance_expiration",
            f"{POLICY}.instance_expiration: got 'soon'; accepts a duration, such as 90s or 2m",
        ),
        (
            "instance_expiration: 90s",
            "max_instances: 0",
            f"{POLICY}.max_instances",
            f"{POLICY}.max_instances: got 0; accepts 1 or more",
        ),
        (
            "  nop:",
            "  nopp:",
            "exporters",
            "exporters: got nopp, which is not built in; accepts nop, otlp_http, otlphttp, prometheus",
        ),
        (
            "exporters: [prometheus]",
            "exporters: [debug]",
            "service.pipelines.metrics",
            "service.pipelines.metrics: got the exporter debug, which is not configured; accepts those under exporters",
        ),
        (
            "processors: [memory_limiter, techsapo_policy]\n      exporters: [prometheus]",
            "processors: [memory_limiter]\n      exporters: [prometheus]",
            "service.pipelines.metrics.processors",
            (
                "service.pipelines.metrics.processors: techsapo_policy is missing: "
                "what comes in goes out with personal data in it"
            ),
        ),
        (
            "        middlewares: [{id: techsapo_otlp_guard}]\n      http:",
            "      http:",
            "receivers.otlp.protocols.grpc.middlewares",
            (
                "receivers.otlp.protocols.grpc.middlewares: techsapo_otlp_guard is missing: "
                "a single request can end the Collector"
            ),
        ),
        (
            "translation_strategy: UnderscoreEscapingWithoutSuffixes",
            "translation_strategy: UnderscoreEscapingWithSuffixes",
            "exporters.prometheus.translation_strategy",
            (
                "exporters.prometheus.translation_strategy: got UnderscoreEscapingWithSuffixes; accepts "
                "UnderscoreEscapingWithoutSuffixes: names and labels are the contract's then"
            ),
        ),
        (
            "    without_scope_info: true",
            "    without_scope_info: true\n    send_timestamp: true",
            "exporters.prometheus.send_timestamp",
            "exporters.prometheus.send_timestamp: no option is called that",
        ),
        (
            "spike_limit_mib: 100",
            "spike_limit_mib: 500",
            "processors.memory_limiter.spike_limit_mib",
            (
                "processors.memory_limiter.spike_limit_mib: got '500'; "
                "accepts less than processors.memory_limiter.limit_mib"
            ),
        ),
    ],
)
def test_a_wrong_option_is_named_with_its_path(
    validate: Validate, tmp_path: Path, old: str, new: str, option: str, sentence: str
) -> None:
    """The Collector's nested errors become one sentence; what it lets pass and should not is told too."""
    told = validate(changed(tmp_path, old, new))
    assert (option, sentence) == (told.findings[0][1], told.only)


def test_what_is_no_yaml_is_told_with_the_file_and_about_where(validate: Validate, tmp_path: Path) -> None:
    """Of several files the one that is meant."""
    wrong = changed(tmp_path, "    protocols:", "\tprotocols:")
    assert f"{wrong} is no YAML: line 6 or the lines around it: found character that cannot start any token" == (
        validate(CONFIG, wrong).only
    )


def test_a_configuration_that_is_not_there_is_named(validate: Validate, tmp_path: Path) -> None:
    """A wrong path is a wrong configuration."""
    missing = tmp_path / "none.yaml"
    assert f"{missing} cannot be read (no such file or directory)" == validate(missing).only


def test_expirations_that_lose_figures_are_warnings(validate: Validate, tmp_path: Path) -> None:
    """A duration without its unit is nanoseconds, and an instance must not be forgotten before its series."""
    ((level, option, sentence),) = validate(
        changed(tmp_path, "metric_expiration: 90s", "metric_expiration: 90")
    ).findings
    assert ("warn", "exporters.prometheus.metric_expiration") == (level, option)
    assert sentence.endswith("got 9e-08 s: series vanish between two pushes of 15 s")
    ((level, option, sentence),) = validate(
        changed(tmp_path, "instance_expiration: 90s", "instance_expiration: 60s")
    ).findings
    assert ("warn", f"{POLICY}.instance_expiration") == (level, option)
    assert "got 60 s, less than exporters.prometheus.metric_expiration (90 s)" in sentence
