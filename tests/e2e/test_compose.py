"""docker-compose.yml on a real Docker engine, started by `make up` as a user starts it."""

import json
import re
import stat
import tarfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import cast

import pytest

from monitoring.model import Alert
from monitoring.rules import groups
from monitoring.thresholds import Thresholds
from tests.support import docker_engine, ports, stand_ins, wait
from tests.support.compose_stack import PORTS, Stack, at, in_layers, listener, make, networks, text
from tests.support.docker_engine import DockerEngine

# Building images and starting five services takes minutes; the first test that runs pays for all.
pytestmark = pytest.mark.timeout(1200)

SERVICES = {"alertmanager", "app", "collector", "mysql", "prometheus", "redis"}
SECRETS = {"client_ip_salt", "mysql_password", "mysql_root_password", "otlp_token", "redis_password"}
# A push and a scrape, each every 15 s, and as much again for a machine that is busy.
FIGURES_SECONDS = 90.0


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The stack, healthy; all of it is gone afterwards."""
    if reason := docker_engine.missing():
        pytest.skip(reason)
    directory = tmp_path_factory.mktemp("stack")
    secrets, published = directory / "secrets", {service: ports.free_port() for service in PORTS}
    with DockerEngine(directory / "engine") as engine:
        stand_ins.make(engine)
        printed = make(engine, secrets, published, "up")
        yield Stack(engine, secrets, published, printed)


def test_a_request_is_counted_in_prometheus(stack: Stack) -> None:
    """What the application was asked is what Prometheus has, no more and no less."""
    for number in range(7):
        body = json.dumps({"question": f"what is {number}?"})
        assert "Verdict" in stack.engine.fetch(f"{stack.url('app')}/analyses", body)
    counted = 'techsapo_http_requests_total{job="reference-app",method="POST",route="/analyses",status_code="201"}'
    wait.until(lambda: stack.query(counted) == 7, FIGURES_SECONDS, "the count of the requests")
    stored = 'techsapo_mysql_queries_total{job="reference-app",query_type="insert",status="success"}'
    assert stack.query(stored) == 7
    asked = 'techsapo_cache_requests_total{job="reference-app",cache_type="redis",result="miss"}'
    assert stack.query(asked) == 7
    # Two simulated providers are asked for each.
    calls = 'sum(techsapo_llm_requests_total{job="reference-app",status="success",task_type="basic"})'
    assert stack.query(calls) == 14
    assert (stack.query('count(techsapo_wallbounce_cost_usd{job="reference-app"} > 0)') or 0) >= 2


def test_prometheus_scrapes_the_collector_and_itself(stack: Stack) -> None:
    """Every target is up; the Collector's own figures are there."""
    wait.until(lambda: stack.query("sum(up)") == 4, FIGURES_SECONDS, "the first scrape of all targets")
    assert stack.query('count(otelcol_process_uptime{job="collector"} or otelcol_process_uptime_total)') == 1


def test_prometheus_watches_every_alert(stack: Stack) -> None:
    """The rules are those of this project, and none fails."""
    answer = json.loads(stack.engine.fetch(f"{stack.url('prometheus')}/api/v1/rules?type=alert"))
    found = [rule for group in answer["data"]["groups"] for rule in group["rules"]]
    named = [rule.name for group in groups(Thresholds.load()) for rule in group.rules if isinstance(rule, Alert)]
    assert sorted(named) == sorted(rule["name"] for rule in found)
    assert [] == [rule["lastError"] for rule in found if rule["health"] == "err"]


def test_an_alert_reaches_whom_a_file_of_a_secret_names(stack: Stack) -> None:
    """The watchdog goes from Prometheus through Alertmanager to an address that came later; no log tells it."""
    key = "key-of-" + "watchdog"
    failed = 'sum(alertmanager_notifications_failed_total{job="alertmanager",integration="webhook"})'
    wait.until(lambda: stack.query(failed), FIGURES_SECONDS, "the failure for want of the file")
    with listener(stack.engine, "techsapo_alerts") as host:
        file = stack.secrets / "alertmanager" / "watchdog_url"
        file.write_text(f"http://{host}:8080/{key}\n")
        file.chmod(0o444)
        wait.until(lambda: "Watchdog" in printed(stack, host), FIGURES_SECONDS, "the watchdog")
        path, _, body = printed(stack, host).splitlines()[0].partition(" ")
    assert f"/{key}" == path
    assert "watchdog" == json.loads(body)["receiver"]
    assert key not in printed(stack, stack.containers()["alertmanager"])


def printed(stack: Stack, container: str) -> str:
    """Return a container's log."""
    return stack.engine.docker("logs", container).stdout.decode()


def test_every_service_is_healthy(stack: Stack) -> None:
    """Each service tells its own health, and `make up` has waited for it."""
    states = {
        service: text(stack.engine.inspect(container)[0], "State", "Health", "Status")
        for service, container in stack.containers().items()
    }
    assert dict.fromkeys(SERVICES, "healthy") == states


def test_nothing_runs_as_root(stack: Stack) -> None:
    """No process of any container has the user id of root."""
    for service, container in stack.containers().items():
        users = stack.engine.docker("top", container, "-eo", "uid,pid").stdout.decode().splitlines()[1:]
        assert {line.split()[0] for line in users} & {"0"} == set(), service
        assert users, service


def test_every_container_is_locked_down(stack: Stack) -> None:
    """The root file system is read-only, no capability is left, nothing gains any, and everything has a limit."""
    for service, container in stack.containers().items():
        host = cast("dict[str, object]", at(stack.engine.inspect(container)[0], "HostConfig"))
        limits = {name: int(cast("int", host[name])) for name in ("Memory", "NanoCpus", "PidsLimit")}
        assert min(limits.values()) > 0, (service, limits)
        expected = {
            "ReadonlyRootfs": True,
            "Privileged": False,
            "CapAdd": None,
            "CapDrop": ["ALL"],
            "SecurityOpt": ["no-new-privileges:true"],
        }
        assert expected == {name: host[name] for name in expected}, service


def test_the_root_file_system_cannot_be_written_to(stack: Stack) -> None:
    """The kernel refuses what the settings forbid."""
    write = ["python", "-c", "open('/srv/app/written', 'w')"]
    refused = stack.engine.docker("exec", stack.containers()["app"], *write, check=False)
    assert refused.returncode == 1
    assert "Read-only file system" in refused.stdout.decode()


def test_the_collector_has_no_shell(stack: Stack) -> None:
    """Its image is the binary, its configuration and the certificate authorities."""
    collector = stack.containers()["collector"]
    for program in ("sh", "/bin/sh", "/busybox/sh"):
        assert stack.engine.docker("exec", collector, program, "-c", "true", check=False).returncode != 0
    exported = stack.engine.docker("export", collector).stdout
    with tarfile.open(fileobj=BytesIO(exported)) as tar:
        # Docker puts empty files where it mounts secrets and the like.
        programs = {member.name for member in tar if member.isfile() and member.size > 0 and member.mode & 0o111}
    assert {"techsapo-collector"} == programs


def test_no_port_but_the_three_is_reached_and_on_loopback_alone(stack: Stack) -> None:
    """Of the machine's addresses only these ports of loopback are listened on."""
    assert {("127.0.0.1", port) for port in stack.ports.values()} == stack.engine.listening()


def test_the_stores_and_the_receivers_are_out_of_reach_of_the_others(stack: Stack) -> None:
    """Who has nothing to say to a service cannot even find it."""
    named = {
        network: {text(each, "Name") for each in members.values()}
        for network, members in networks(stack.engine).items()
    }
    expected = {
        "techsapo_alerts": {"techsapo-alertmanager-1", "techsapo-prometheus-1"},
        "techsapo_outside": {"techsapo-app-1", "techsapo-prometheus-1"},
        "techsapo_pushes": {"techsapo-app-1", "techsapo-collector-1"},
        "techsapo_scrapes": {"techsapo-collector-1", "techsapo-prometheus-1"},
        "techsapo_stores": {"techsapo-app-1", "techsapo-mysql-1", "techsapo-redis-1"},
    }
    assert expected == named


def test_a_sender_without_the_token_is_refused(stack: Stack) -> None:
    """The token that the application sends is asked for."""
    program = (
        "from urllib.request import Request, urlopen\n"
        "from urllib.error import HTTPError\n"
        "try: urlopen(Request('http://collector:4318/v1/metrics', b'', {'Content-Type': 'application/x-protobuf'}))\n"
        "except HTTPError as error: print(error.code)\n"
    )
    assert stack.engine.docker("exec", stack.containers()["app"], "python", "-c", program).stdout == b"401\n"


def test_secrets_are_for_their_owner_only(stack: Stack) -> None:
    """The directory admits nobody else; the files in it are readable to the containers' users."""
    assert stat.S_IMODE(stack.secrets.stat().st_mode) == 0o700
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in stack.secret_files()}
    assert dict.fromkeys(SECRETS, 0o444) == modes
    assert len({path.read_text() for path in stack.secret_files()}) == len(SECRETS)


def test_no_secret_shows_anywhere(stack: Stack) -> None:
    """No description of a container or image, no log, no layer and no word of `make up` has one."""
    containers = stack.containers()
    engine = stack.engine
    images = engine.docker("images", "--filter=reference=techsapo-*", "--quiet").stdout.decode().split()
    assert len(images) == 2
    shown = {
        "make up": stack.printed.encode(),
        "inspect": engine.docker("inspect", *containers.values(), *images).stdout,
    }
    shown |= {f"history of {image}": engine.docker("history", "--no-trunc", image).stdout for image in images}
    shown |= {f"log of {service}": engine.docker("logs", each).stdout for service, each in containers.items()}
    assert all(shown[f"log of {service}"] for service in SERVICES)
    for path in stack.secret_files():
        secret = path.read_bytes()
        assert len(secret) == 64
        assert [place for place, text in shown.items() if secret in text] == [], path.name
    assert in_layers(engine, stack.secret_files()) == ""


def test_the_build_context_has_what_the_images_are_made_of_and_nothing_else(stack: Stack) -> None:
    """Secrets, history and whatever lies about in the project's folder reach no image."""
    name = "context-of-the-tests"
    stack.engine.docker("build", f"--tag={name}", "--file=-", ".", stdin=b'FROM scratch\nCOPY . /context/\nCMD ["/"]\n')
    container = stack.engine.docker("create", name).stdout.decode().strip()
    exported = stack.engine.docker("export", container).stdout
    stack.engine.docker("rm", container)
    with tarfile.open(fileobj=BytesIO(exported)) as tar:
        parts = [Path(member).parts for member in tar.getnames()]
    top = {path[1] for path in parts if len(path) > 1 and path[0] == "context"}
    assert {"LICENSE", "README.md", "app_integration", "collector", "deploy", "pyproject.toml", "telemetry"} == top


def test_make_up_prints_the_addresses(stack: Stack) -> None:
    """A user has something to click on."""
    addresses = re.findall(r"http://\S+", stack.printed)
    assert addresses == [stack.url(service) for service in PORTS]


def test_a_second_start_keeps_secrets_and_data(stack: Stack) -> None:
    """Buckets of client addresses stay comparable, the database opens, and what was counted is still there."""
    before = {path.name: path.read_bytes() for path in stack.secret_files()}
    kept = json.loads(stack.engine.fetch(f"{stack.url('app')}/analyses", json.dumps({"question": "will this stay?"})))
    assert "stays" in stack.make("down")
    assert stack.containers() == {}
    assert stack.engine.listening() == set()
    stack.make("up")
    assert before == {path.name: path.read_bytes() for path in stack.secret_files()}
    found = json.loads(stack.engine.fetch(f"{stack.url('app')}/analyses/{kept['id']}"))
    assert found["question"] == "will this stay?"


def test_make_down_removes_the_data_when_told_to(stack: Stack) -> None:
    """VOLUMES=1 leaves no container, network or volume behind."""
    stack.make("down", "VOLUMES=1")
    for kind in ("container", "network", "volume"):
        listed = stack.engine.docker(kind, "ls", "--filter=name=techsapo", "--quiet").stdout
        assert listed == b"", kind
