"""`techsapo-telemetry doctor` as a user runs it: in the environment of an application, with real processes."""

import json
from pathlib import Path

import pytest

from tests.support import ports
from tests.support.doctor import doctor, run_doctor
from tests.support.instrumented import BIN, SALT, environment, under_instrument
from tests.support.otlp_sink import OtlpSink
from tests.support.processes import Server


def test_all_is_well_beside_an_application_that_runs(tmp_path: Path) -> None:
    """With an application under opentelemetry-instrument every finding is ok, and the status 0."""
    page, port = ports.free_port(), ports.free_port()
    env = environment(OTEL_EXPORTER_PROMETHEUS_PORT=str(page), TECHSAPO_CLIENT_IP_SALT=SALT)
    command = under_instrument(BIN / "uvicorn", "tests.support.apps.counting:app", "--port", str(port))
    with Server(
        command,
        output=tmp_path / "server.txt",
        ready=lambda: ports.is_listening(port) and ports.is_listening(page),
        env=env,
    ):
        told = run_doctor(["--json"], env)
    assert (0, {"ok"}) == (told.status, {each["level"] for each in told.findings})
    assert [("ok", f"http://127.0.0.1:{page}/metrics answers")] == told.of("page")
    assert [("ok", "Under opentelemetry-instrument the live meter provider is ours")] == told.of("provider")
    ((_, live),) = told.of("instrumentations")
    assert {"techsapo_http", "techsapo_mysql", "techsapo_redis"} <= set(live.removeprefix("Live: ").split(", "))


def test_people_read_aligned_lines(otlp_sink: OtlpSink) -> None:
    """Settings, packages and findings, with what to do below what is not as it should be; no secret in it."""
    told = doctor(
        "--prometheus",
        otlp_sink.endpoint,
        OTEL_EXPORTER_OTLP_ENDPOINT=otlp_sink.endpoint,
        OTEL_EXPORTER_OTLP_HEADERS="authorization=Bearer-abc",
        TECHSAPO_CLIENT_IP_SALT=SALT,
    )
    lines = told.output.splitlines()
    assert 1 == told.status
    assert ["Settings", "Packages", "Findings"] == [
        line for line in lines if line in {"Settings", "Packages", "Findings"}
    ]
    assert "  warn    service           The service has no name: its job will be unknown_service" in lines
    at = lines.index("  warn    service           The service has no name: its job will be unknown_service")
    assert "                          > Set OTEL_SERVICE_NAME" == lines[at + 1]
    assert f"  ok      otlp              {otlp_sink.endpoint}/v1/metrics takes metrics" in lines
    assert f"  broken  prometheus        No Prometheus answers at {otlp_sink.endpoint} (it answered" in told.output
    assert "1 broken, 2 warn" == lines[-1]
    assert [] == [secret for secret in (SALT, "Bearer-abc") if secret in told.output]
    assert max(map(len, lines)) <= 120


def test_programs_read_settings_packages_and_instrumentations() -> None:
    """The document of --json holds everything, what is not set included, and no secret."""
    told = doctor("--json", "--no-network", TECHSAPO_CLIENT_IP_SALT=SALT)
    document = json.loads(told.output)
    settings = {each["variable"]: each["value"] for each in document["settings"]}
    assert ("set", None) == (settings["TECHSAPO_CLIENT_IP_SALT"], settings["OTEL_SERVICE_NAME"])
    assert {"opentelemetry-sdk", "fastapi", "redis", "pymysql"} <= {each["name"] for each in document["packages"]}
    assert {"techsapo_http": True} == {
        each["name"]: each["live"] for each in document["instrumentations"] if each["name"] == "techsapo_http"
    }
    assert "telemetry.engine.provider.MeterProvider" == document["provider"]
    assert SALT not in told.output


def test_without_network_nobody_is_asked(otlp_sink: OtlpSink) -> None:
    """--no-network leaves the endpoints alone, and what is named beside it."""
    address = otlp_sink.endpoint
    told = doctor(
        *("--json", "--no-network", "--collector", address, "--prometheus", address),
        OTEL_EXPORTER_OTLP_ENDPOINT=address,
        TECHSAPO_CLIENT_IP_SALT=SALT,
    )
    assert (0, [], 0) == (told.status, told.of("otlp"), otlp_sink.arrivals)


def test_a_wrong_setting_is_found_and_seen_to_stop_a_start() -> None:
    """The reason is told twice: as the setting, and as what a started process said."""
    told = doctor("--json", OTEL_METRIC_EXPORT_INTERVAL="soon")
    assert (1, ["settings", "start"]) == (told.status, told.broken)
    ((_, setting),) = told.of("settings")
    ((_, start),) = told.of("start")
    assert f"A process started by opentelemetry-instrument ended with status 2: techsapo-telemetry: {setting}" == start


def test_an_endpoint_that_is_down_is_broken() -> None:
    """The status is 1, so that a script sees it."""
    endpoint = f"http://127.0.0.1:{ports.free_port()}"
    told = doctor("--json", OTEL_EXPORTER_OTLP_ENDPOINT=endpoint, TECHSAPO_CLIENT_IP_SALT=SALT)
    assert (1, True) == (told.status, "otlp" in told.broken)


def test_a_port_that_something_else_has_is_broken(otlp_sink: OtlpSink) -> None:
    """A web server of another kind at the page's port."""
    told = doctor("--json", OTEL_EXPORTER_PROMETHEUS_PORT=str(otlp_sink.port))
    assert (1, ["page"]) == (told.status, told.broken)


def test_several_workers_are_broken_before_they_start() -> None:
    """What the start would refuse is found beforehand."""
    told = doctor("--json", "--no-network", WEB_CONCURRENCY="4")
    assert (1, ["workers"]) == (told.status, told.broken)


def test_what_is_disabled_is_not_called_broken() -> None:
    """OTEL_SDK_DISABLED is a decision."""
    told = doctor("--json", OTEL_SDK_DISABLED="true")
    assert (0, [("ok", "Nothing is live, as OTEL_SDK_DISABLED=true says")]) == (told.status, told.of("provider"))


def test_an_instrumentation_that_is_left_out_is_told() -> None:
    """Whoever misses Redis' figures finds the variable that took them away."""
    told = doctor("--json", "--no-network", OTEL_PYTHON_DISABLED_INSTRUMENTATIONS="techsapo_redis")
    assert ("warn", "techsapo_redis is left out, as OTEL_PYTHON_DISABLED_INSTRUMENTATIONS says") in (
        told.of("instrumentations")
    )
    assert 0 == told.status


OTHER_DISTRO = '''
"""A distro of somebody else's, which sets the stock SDK's meter provider."""

from opentelemetry import metrics
from opentelemetry.instrumentation.distro import BaseDistro
from opentelemetry.sdk.metrics import MeterProvider


class Distro(BaseDistro):
    def _configure(self, **kwargs):
        metrics.set_meter_provider(MeterProvider())


class Configurator:
    def configure(self, **kwargs):
        pass
'''


@pytest.fixture
def other_distro(tmp_path: Path) -> Path:
    """A folder with another distro's package in it, to be put first on the path."""
    (tmp_path / "other_distro.py").write_text(OTHER_DISTRO)
    info = tmp_path / "other_distro-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: other-distro\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[opentelemetry_distro]\nother = other_distro:Distro\n"
        "[opentelemetry_configurator]\nother = other_distro:Configurator\n"
    )
    return tmp_path


def with_path(folder: Path) -> dict[str, str]:
    """Return an environment with a folder before everything else on the path."""
    env = environment()
    return {**env, "PYTHONPATH": f"{folder}:{env['PYTHONPATH']}"}


def test_another_distro_that_comes_first_is_broken(other_distro: Path) -> None:
    """The first one found wins: the remedy is the variable that names ours."""
    env = {name: value for name, value in with_path(other_distro).items() if name != "OTEL_PYTHON_DISTRO"}
    told = run_doctor(["--json", "--no-network"], env)
    assert (1, ["provider"]) == (told.status, told.broken)
    (provider,) = [each for each in told.findings if each["about"] == "provider"]
    assert (
        "Under opentelemetry-instrument the live meter provider is opentelemetry.sdk.metrics._internal.MeterProvider, "
        "not ours"
    ) in provider["sentence"]
    assert "Set OTEL_PYTHON_DISTRO=techsapo and unset OTEL_PYTHON_CONFIGURATOR" == provider["remedy"]
    assert [
        ("warn", "Another distro is installed (other): opentelemetry-instrument may start that one"),
    ] == told.of("distro")
    assert [
        ("warn", "OTEL_SEMCONV_STABILITY_OPT_IN lacks http and database: instrumentations use older names")
    ] == told.of("conventions")


def test_naming_our_distro_mends_it(other_distro: Path) -> None:
    """The remedy is right: with it, the other one is left alone."""
    told = run_doctor(["--json", "--no-network"], {**with_path(other_distro), "OTEL_PYTHON_DISTRO": "techsapo"})
    assert (0, []) == (told.status, told.of("distro"))
    assert [("ok", "Under opentelemetry-instrument the live meter provider is ours")] == told.of("provider")


def test_a_package_of_the_application_that_hides_ours_is_broken(tmp_path: Path) -> None:
    """A folder `telemetry` of the application is imported in our place, and nothing starts."""
    (tmp_path / "telemetry").mkdir()
    (tmp_path / "telemetry" / "__init__.py").touch()
    told = run_doctor(["--json", "--no-network"], environment(), cwd=tmp_path)
    assert (1, ["packages", "start"]) == (told.status, told.broken)
    ((_, sentence),) = told.of("packages")
    assert f"{tmp_path}/telemetry/__init__.py hides the package telemetry of techsapo-telemetry" in sentence


def test_versions_that_do_not_fit_are_broken(tmp_path: Path) -> None:
    """What a package needs and does not get is told with the command that mends it."""
    info = tmp_path / "opentelemetry_api-1.2.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: opentelemetry-api\nVersion: 1.2.0\n")
    told = run_doctor(["--json", "--no-network"], with_path(tmp_path))
    assert 1 == told.status
    ours = [each for each in told.findings if each["sentence"].startswith("techsapo-telemetry")]
    assert ["broken"] == [each["level"] for each in ours]
    assert "needs opentelemetry-api<2,>=1.45, and 1.2.0 is installed" in ours[0]["sentence"]
    assert "pip install 'opentelemetry-api<2,>=1.45'" == ours[0]["remedy"]
