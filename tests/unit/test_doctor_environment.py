"""What `doctor` says of the settings: where metrics go and why, and what is not as one would want it."""

import pytest

from telemetry.cli.diagnosis import Finding, Level, check_environment
from telemetry.settings import Settings, SettingsError, describe

SALT = {"TECHSAPO_CLIENT_IP_SALT": "a salt for tests only"}


def findings(**environ: str) -> list[Finding]:
    """Return what is found in an environment."""
    shown = {name: value for name, value, _ in describe(environ) if value != "not set"}
    try:
        return check_environment(shown, Settings.from_environ(environ))
    except SettingsError as error:
        return check_environment(shown, error)


def one(about: str, **environ: str) -> Finding:
    """Return the one finding about a thing."""
    (finding,) = [each for each in findings(**environ) if each.about == about]
    return finding


@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        (
            {},
            (
                "Metrics are served at http://127.0.0.1:9464/metrics, "
                "as neither OTEL_METRICS_EXPORTER nor an OTLP endpoint is set"
            ),
        ),
        (
            {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318", **SALT},
            "Metrics are pushed to http://collector:4318/v1/metrics every 15 s, as OTEL_EXPORTER_OTLP_ENDPOINT is set",
        ),
        (
            {"TECHSAPO_OTLP_ENDPOINTS": "http://a:4318,http://b:4318", "OTEL_METRIC_EXPORT_INTERVAL": "500", **SALT},
            (
                "Metrics are pushed to http://a:4318/v1/metrics and http://b:4318/v1/metrics every 0.5 s, "
                "as TECHSAPO_OTLP_ENDPOINTS is set"
            ),
        ),
        (
            {"OTEL_METRICS_EXPORTER": "techsapo,console", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"},
            (
                "Metrics are served at http://127.0.0.1:9464/metrics, and given to the exporter console, "
                "as OTEL_METRICS_EXPORTER=techsapo,console says"
            ),
        ),
    ],
    ids=["nothing set", "endpoint", "two endpoints", "named"],
)
def test_the_chosen_exporter_is_told_with_the_reason(environ: dict[str, str], sentence: str) -> None:
    """Whoever wonders where the figures go reads which variable decided it."""
    assert (Level.OK, sentence) == (one("exporter", **environ).level, one("exporter", **environ).sentence)


def test_no_exporter_is_worth_a_look() -> None:
    """Measuring for nobody is allowed, and said."""
    finding = one("exporter", OTEL_METRICS_EXPORTER="none")
    assert (Level.WARN, "Metrics go nowhere, as OTEL_METRICS_EXPORTER=none says") == (finding.level, finding.sentence)


def test_the_stock_exporter_renames_the_cost_counter() -> None:
    """The one difference that breaks queries is told with the name that there will be."""
    _, warning = [each for each in findings(OTEL_METRICS_EXPORTER="prometheus") if each.about == "exporter"]
    assert Level.WARN is warning.level
    assert "appends _total to the cost counter" in warning.sentence
    assert "it is techsapo_wallbounce_cost_usd_total there" in warning.sentence


def test_a_wrong_setting_is_broken_and_named() -> None:
    """The sentence is the one with which an application would refuse to start."""
    finding = one("settings", OTEL_METRIC_EXPORT_INTERVAL="soon")
    assert Level.BROKEN is finding.level
    assert finding.sentence.startswith("OTEL_METRIC_EXPORT_INTERVAL: got 'soon'; accepts ")
    assert finding.remedy == ("Correct OTEL_METRIC_EXPORT_INTERVAL: an application would not start (exit status 2)")


def test_several_workers_have_no_page() -> None:
    """The page is for one process: the start would be refused, unless figures are pushed."""
    finding = one("workers", WEB_CONCURRENCY="4")
    assert Level.BROKEN is finding.level
    assert finding.sentence.startswith("WEB_CONCURRENCY=4 starts 4 workers")
    pushing = findings(WEB_CONCURRENCY="4", OTEL_EXPORTER_OTLP_ENDPOINT="http://collector:4318", **SALT)
    alone = findings(WEB_CONCURRENCY="1")
    assert [] == [each for each in (*pushing, *alone) if each.about == "workers"]


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "localhost"])
def test_a_page_on_loopback_needs_no_certificate(host: str) -> None:
    """Only who is on the machine can read it."""
    assert [] == [each for each in findings(OTEL_EXPORTER_PROMETHEUS_HOST=host) if each.about == "page"]


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.5", "app.internal"])
def test_a_page_for_everybody_is_worth_a_look(host: str) -> None:
    """Without client certificates whoever reaches the address can read it."""
    assert Level.WARN is one("page", OTEL_EXPORTER_PROMETHEUS_HOST=host).level


def test_a_random_salt_is_worth_a_look() -> None:
    """Buckets that move at each start make a history of little use."""
    assert Level.WARN is one("salt").level
    assert [] == [each for each in findings(**SALT) if each.about == "salt"]


def test_a_pushed_service_has_a_name() -> None:
    """The job's label comes from it; a page gets its job from the scraper."""
    endpoint = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318", **SALT}
    assert Level.WARN is one("service", **endpoint).level
    named = findings(**endpoint, OTEL_SERVICE_NAME="shop")
    assert [] == [each for each in (*named, *findings()) if each.about == "service"]


def test_disabled_is_said_and_nothing_else() -> None:
    """What is disabled is not looked at further."""
    (finding,) = findings(OTEL_SDK_DISABLED="true", WEB_CONCURRENCY="4")
    assert Level.WARN is finding.level
    assert finding.sentence.startswith("OTEL_SDK_DISABLED=true")


def test_another_distro_by_name_is_worth_a_look() -> None:
    """Naming another one is a decision, and the figures are gone with it."""
    assert Level.WARN is one("distro", OTEL_PYTHON_DISTRO="distro").level
    assert [] == [each for each in findings(OTEL_PYTHON_DISTRO="techsapo") if each.about == "distro"]


def test_no_finding_shows_a_secret() -> None:
    """Salt, headers and passwords of addresses stay where they are."""
    found = findings(
        OTEL_EXPORTER_OTLP_ENDPOINT="http://user:hunter2@collector:4318",
        OTEL_EXPORTER_OTLP_HEADERS="authorization=Bearer-abc",
        **SALT,
    )
    told = str(found)
    assert "http://***@collector:4318/v1/metrics" in told
    assert [] == [secret for secret in ("hunter2", "Bearer-abc", *SALT.values()) if secret in told]
