"""What the environment may say, what it means, and what is refused."""

from pathlib import Path

import pytest

from telemetry.settings import Settings, SettingsError, describe, opt_in_stable_conventions
from telemetry.variables import VARIABLES

SALT = "sixteen bytes or more"
PUSHING = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318", "TECHSAPO_CLIENT_IP_SALT": SALT}


def read(**variables: str) -> Settings:
    """Read settings from these variables only."""
    return Settings.from_environ(variables)


def refusal(**variables: str) -> str:
    """Return the message that these variables are refused with."""
    with pytest.raises(SettingsError) as caught:
        read(**variables)
    return str(caught.value)


def test_an_empty_environment_means_our_own_page_on_loopback() -> None:
    """Embedded is the default and needs nothing."""
    settings = read()

    assert ("techsapo",) == settings.exporters
    assert "http://127.0.0.1:9464/metrics" == settings.page.url
    assert settings.serves_page
    assert settings.salt is None
    assert 15.0 == settings.interval_seconds


def test_an_otlp_endpoint_alone_means_pushing() -> None:
    """One variable switches from the page to the Collector."""
    settings = read(**PUSHING)

    assert ("otlp",) == settings.exporters
    assert ("http://collector:4318/v1/metrics",) == settings.otlp.endpoints
    assert "http/protobuf" == settings.otlp.protocol
    assert SALT.encode() == settings.salt
    assert not settings.serves_page


@pytest.mark.parametrize(
    ("told", "exporters"),
    [
        ("none", ()),
        ("console", ("console",)),
        ("prometheus", ("prometheus",)),
        ("techsapo, otlp", ("techsapo", "otlp")),
        ("OTLP,otlp", ("otlp",)),
    ],
)
def test_the_exporter_variable_goes_before_the_endpoint(told: str, exporters: tuple[str, ...]) -> None:
    """OTEL_METRICS_EXPORTER decides wherever it is set."""
    assert exporters == read(OTEL_METRICS_EXPORTER=told, **PUSHING).exporters


def test_several_collectors_each_get_everything() -> None:
    """TECHSAPO_OTLP_ENDPOINTS goes before the standard variables and gets the path where it is missing."""
    told = "http://one:4318, http://two:4318/v1/metrics,http://one:4318/"
    settings = read(TECHSAPO_OTLP_ENDPOINTS=told, **PUSHING)

    assert ("http://one:4318/v1/metrics", "http://two:4318/v1/metrics") == settings.otlp.endpoints


def test_the_metrics_variables_go_before_the_general_ones() -> None:
    """The specification's order, for each pair; the metrics endpoint is taken as it is."""
    settings = read(
        OTEL_EXPORTER_OTLP_METRICS_ENDPOINT="https://metrics:1/custom",
        OTEL_EXPORTER_OTLP_HEADERS="a=general",
        OTEL_EXPORTER_OTLP_METRICS_HEADERS="a=one%2C,b=two",
        OTEL_EXPORTER_OTLP_TIMEOUT="3",
        OTEL_EXPORTER_OTLP_METRICS_TIMEOUT="2.5",
        OTEL_EXPORTER_OTLP_COMPRESSION="gzip",
        OTEL_EXPORTER_OTLP_METRICS_COMPRESSION="deflate",
        **PUSHING,
    )

    assert ("https://metrics:1/custom",) == settings.otlp.endpoints
    assert {"a": "one,", "b": "two"} == dict(settings.otlp.headers)
    assert 2.5 == settings.otlp.timeout_seconds
    assert "deflate" == settings.otlp.compression


def test_the_service_name_goes_before_the_resource_attribute() -> None:
    """OTEL_SERVICE_NAME wins; values are percent-decoded."""
    settings = read(
        OTEL_SERVICE_NAME="shop",
        OTEL_RESOURCE_ATTRIBUTES="service.name=other,service.version=1%2E2,deployment.environment.name=test",
    )

    expected = {"service.name": "shop", "service.version": "1.2", "deployment.environment.name": "test"}
    assert expected == dict(settings.resource_attributes)


@pytest.mark.parametrize(
    ("variables", "traces", "logs"),
    [
        ({}, (), ()),
        (PUSHING, ("otlp_proto_http",), ("otlp_proto_http",)),
        ({**PUSHING, "OTEL_TRACES_EXPORTER": "none"}, (), ("otlp_proto_http",)),
        ({"OTEL_TRACES_EXPORTER": "console,otlp"}, ("console", "otlp_proto_http"), ()),
        ({"OTEL_EXPORTER_OTLP_LOGS_ENDPOINT": "http://logs/v1/logs"}, (), ("otlp_proto_http",)),
        ({"TECHSAPO_OTLP_ENDPOINTS": "http://one", "TECHSAPO_CLIENT_IP_SALT": SALT}, (), ()),
    ],
)
def test_traces_and_logs_go_where_the_standard_says(
    variables: dict[str, str], traces: tuple[str, ...], logs: tuple[str, ...]
) -> None:
    """To their exporters where these are set, else over OTLP where an endpoint is set, else nowhere."""
    settings = read(**variables)

    assert traces == settings.traces_exporters
    assert logs == settings.logs_exporters


WRONG = [
    ("OTEL_SDK_DISABLED", "perhaps", "false or true"),
    ("OTEL_METRICS_EXPORTER", "graphite", "otlp"),
    ("OTEL_METRICS_EXPORTER", "none,otlp", "none alone"),
    ("OTEL_METRICS_EXPORTER", "techsapo,prometheus", "not both"),
    ("OTEL_METRICS_EXPORTER", ",", "none alone"),
    ("OTEL_TRACES_EXPORTER", "graphite", "otlp"),
    ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318", "http://host:port or https://host:port"),
    ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://", "http://host:port or https://host:port"),
    ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:99999", "http://host:port or https://host:port"),
    ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json", "http/protobuf or grpc"),
    ("OTEL_EXPORTER_OTLP_CERTIFICATE", "/nowhere/ca.pem", "a file that can be read (No such file or directory)"),
    ("OTEL_EXPORTER_OTLP_TIMEOUT", "10000", "seconds (as everywhere in Python) from 0.1 to 300"),
    ("OTEL_EXPORTER_OTLP_TIMEOUT", "soon", "seconds"),
    ("OTEL_EXPORTER_OTLP_COMPRESSION", "brotli", "none or gzip or deflate"),
    ("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "delta", "cumulative"),
    ("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "lowmemory", "cumulative"),
    ("OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION", "base2_exponential_bucket_histogram", "explicit"),
    ("OTEL_METRIC_EXPORT_INTERVAL", "0", "milliseconds from 10 to 3600000"),
    ("OTEL_METRIC_EXPORT_INTERVAL", "nan", "milliseconds from 10 to 3600000"),
    ("OTEL_METRIC_EXPORT_TIMEOUT", "-1", "milliseconds from 10 to 3600000"),
    ("OTEL_RESOURCE_ATTRIBUTES", "service.name", "name=value"),
    ("OTEL_EXPORTER_PROMETHEUS_PORT", "65536", "a port from 1 to 65535"),
    ("TECHSAPO_PAGE_TLS_KEY", "/nowhere/key.pem", "a file that can be read"),
    ("TECHSAPO_CLIENT_IP_SALT_FILE", "/nowhere/salt", "a file that can be read"),
    ("TECHSAPO_HTTP_INSTRUMENTATION", "mine", "auto or contrib"),
    ("TECHSAPO_PRICES_FILE", "/nowhere/prices.toml", "a file that can be read"),
    ("OTEL_CONFIG_FILE", "otel.yaml", "no value"),
]


@pytest.mark.parametrize(("variable", "got", "accepts"), WRONG)
def test_a_wrong_value_is_refused_in_one_line(variable: str, got: str, accepts: str) -> None:
    """The line names the variable, what it got and what it accepts."""
    message = refusal(**{variable: got})

    assert message.startswith(f"{variable}: got {got!r}; accepts ")
    assert accepts in message
    assert "\n" not in message


def test_a_wrong_endpoint_of_a_list_is_named_alone() -> None:
    """The others in the list are right: they are no part of the message."""
    message = refusal(TECHSAPO_OTLP_ENDPOINTS="http://one,two:4318")

    assert message.startswith("TECHSAPO_OTLP_ENDPOINTS: got 'two:4318'; accepts http://host:port")


def test_grpc_without_its_exporter_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is missing is told as what to install."""
    monkeypatch.setattr("telemetry.settings.entry_points", lambda **_: ())
    message = refusal(OTEL_EXPORTER_OTLP_PROTOCOL="grpc")

    expected = (
        "OTEL_EXPORTER_OTLP_PROTOCOL: got 'grpc'; "
        "accepts http/protobuf, and grpc once techsapo-telemetry[grpc] is installed"
    )
    assert expected == message


def test_pushing_needs_a_salt() -> None:
    """Without it the buckets of two processes would not agree; the message tells how to give one."""
    message = refusal(OTEL_METRICS_EXPORTER="otlp")

    assert message.startswith("TECHSAPO_CLIENT_IP_SALT: got nothing; accepts 16 bytes or more")
    assert "TECHSAPO_CLIENT_IP_SALT_FILE" in message


def test_a_disabled_sdk_needs_no_salt() -> None:
    """OTEL_SDK_DISABLED=true turns everything off, whatever else is set."""
    assert read(OTEL_SDK_DISABLED="TRUE", OTEL_METRICS_EXPORTER="otlp").disabled


def test_the_salt_comes_from_a_file_without_its_line_end(tmp_path: Path) -> None:
    """A secret in a file usually ends with a newline, which is no part of it."""
    path = tmp_path / "salt"
    path.write_bytes(b"0123456789abcdef\r\n")

    assert b"0123456789abcdef" == read(TECHSAPO_CLIENT_IP_SALT_FILE=str(path)).salt


def test_two_salts_are_refused(tmp_path: Path) -> None:
    """Nobody could tell which one holds."""
    path = tmp_path / "salt"
    path.write_text(SALT)
    message = refusal(TECHSAPO_CLIENT_IP_SALT=SALT, TECHSAPO_CLIENT_IP_SALT_FILE=str(path))

    assert "no value beside TECHSAPO_CLIENT_IP_SALT" in message
    assert SALT not in message


def test_a_salt_that_a_collector_would_read_as_another_is_refused(tmp_path: Path) -> None:
    """The same one from a file is taken as it is, on both sides."""
    salt = "twice $$ the dollar sign"
    message = refusal(TECHSAPO_CLIENT_IP_SALT=salt)
    assert message.startswith("TECHSAPO_CLIENT_IP_SALT: got a text with a $; accepts one without, or TECHSAPO_CLIENT")
    assert salt not in message
    path = tmp_path / "salt"
    path.write_text(salt)
    assert salt.encode() == read(TECHSAPO_CLIENT_IP_SALT_FILE=str(path)).salt


@pytest.mark.parametrize(
    ("variable", "secret"),
    [
        ("TECHSAPO_CLIENT_IP_SALT", "too short"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "authorization"),
        ("OTEL_EXPORTER_OTLP_METRICS_HEADERS", "=Bearer-abc"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "ftp://user:hunter2@collector"),
    ],
)
def test_no_secret_is_in_a_refusal(variable: str, secret: str) -> None:
    """Salt, headers and the password of an address stay out of messages."""
    message = refusal(**{variable: secret})

    assert secret not in message
    assert "hunter2" not in message


def test_no_secret_is_in_the_representation_or_the_description() -> None:
    """Settings may be logged and printed whole."""
    settings = read(
        TECHSAPO_CLIENT_IP_SALT=SALT,
        OTEL_EXPORTER_OTLP_HEADERS="authorization=Bearer-abc",
        OTEL_EXPORTER_OTLP_ENDPOINT="http://user:hunter2@collector",
    )
    told = str(settings.describe())

    assert [] == [secret for secret in (SALT, "Bearer-abc", "hunter2") if secret in told]
    assert [] == [secret for secret in (SALT, "Bearer-abc") if secret in repr(settings)]
    assert ("TECHSAPO_CLIENT_IP_SALT", "set") in {line[:2] for line in settings.describe()}
    assert ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://***@collector") in {line[:2] for line in settings.describe()}
    assert ("OTEL_SERVICE_NAME", "not set") in {line[:2] for line in settings.describe()}
    assert [variable.name for variable in VARIABLES] == [line[0] for line in settings.describe()]


def test_wrong_values_are_described_too() -> None:
    """What cannot be started with can still be looked at, without its secrets."""
    environ = {"OTEL_METRIC_EXPORT_INTERVAL": "soon", "TECHSAPO_CLIENT_IP_SALT": "short"}
    told = {name: value for name, value, _ in describe(environ) if value != "not set"}

    assert {"OTEL_METRIC_EXPORT_INTERVAL": "soon", "TECHSAPO_CLIENT_IP_SALT": "set"} == told


def test_page_certificates_come_together(tmp_path: Path) -> None:
    """A certificate without its key, or a client authority without TLS, is a mistake."""
    path = tmp_path / "file.pem"
    path.touch()

    assert refusal(TECHSAPO_PAGE_TLS_CERTIFICATE=str(path)).startswith("TECHSAPO_PAGE_TLS_KEY: got nothing")
    assert refusal(TECHSAPO_PAGE_TLS_CLIENT_CA=str(path)).startswith("TECHSAPO_PAGE_TLS_CERTIFICATE: got nothing")
    both = read(TECHSAPO_PAGE_TLS_CERTIFICATE=str(path), TECHSAPO_PAGE_TLS_KEY=str(path))
    assert "https://127.0.0.1:9464/metrics" == both.page.url


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "http,database"),
        ("gen_ai_latest_experimental", "gen_ai_latest_experimental,http,database"),
        ("http/dup, database", "http/dup,database"),
    ],
)
def test_stable_conventions_are_added_to_what_was_opted_in(before: str, after: str) -> None:
    """Nothing that the user opted in is lost."""
    environ = {"OTEL_SEMCONV_STABILITY_OPT_IN": before}
    opt_in_stable_conventions(environ)

    assert {"OTEL_SEMCONV_STABILITY_OPT_IN": after} == environ
