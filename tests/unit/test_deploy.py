"""What the stack is made of: pinned images, one version, locked packages, and secrets that become variables late."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COMPOSE = (ROOT / "docker-compose.yml").read_text()
DOCKERFILES = {name: (ROOT / name).read_text() for name in ("collector/Dockerfile", "deploy/app/Dockerfile")}
VERSION: str = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
START = ROOT / "deploy" / "app" / "start.py"

PINNED = re.compile(r"[a-z][a-z0-9./-]*:v?\d+\.\d+\.\d+(?:-[a-z]+)?")
ENTRY = re.compile(r"^([a-z0-9-]+==\S+)", re.MULTILINE)


def started(tmp_path: Path, **secrets: str) -> list[str]:
    """Return what the application's process finds in the variables that start.py makes."""
    files = {}
    for name, secret in secrets.items():
        (tmp_path / name).write_text(secret)
        files[name] = str(tmp_path / name)
    names = ("OTEL_EXPORTER_OTLP_HEADERS", "REFERENCE_APP_REDIS_URL", "REFERENCE_APP_MYSQL_URL")
    inherited = {name: value for name, value in os.environ.items() if name not in names}
    program = f"import os; [print(os.environ.get(name)) for name in {names}]"
    command = [sys.executable, str(START), sys.executable, "-c", program]
    done = subprocess.run(command, env=inherited | files, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_every_image_is_pinned_by_an_exact_version() -> None:
    """The same files give the same stack next year."""
    images = re.findall(r"^ +image: (\S+)", COMPOSE, re.MULTILINE)
    bases = [base for text in DOCKERFILES.values() for base in re.findall(r"^FROM (\S+)", text, re.MULTILINE)]
    assert len(images) == 6
    assert [image for image in [*images, *bases] if image != "scratch" and not PINNED.fullmatch(image)] == []


def test_the_images_of_our_own_have_the_version_of_the_project() -> None:
    """Distribution, images and labels are raised together."""
    tags = re.findall(r"image: techsapo-[a-z-]+:(\S+)", COMPOSE)
    labels = [found for text in DOCKERFILES.values() for found in re.findall(r'image\.version="([^"]+)"', text)]
    builder = re.findall(r"^  version: (\S+)", (ROOT / "collector" / "builder.yaml").read_text(), re.MULTILINE)
    assert [VERSION] * 5 == [*tags, *labels, *builder]


def test_every_published_port_is_on_loopback() -> None:
    """Nobody but this machine reaches the stack."""
    ports = re.findall(r"^ +ports: \[(.*)\]", COMPOSE, re.MULTILINE)
    assert len(ports) == 3 == COMPOSE.count("ports:")
    assert [port for port in ports if not re.fullmatch(r'"127\.0\.0\.1:\$\{STACK_[A-Z]+_PORT:-\d+\}:\d+"', port)] == []


def test_the_image_of_each_server_is_the_version_that_the_tests_run() -> None:
    """Rules and routes are tried on the very servers that the stack has."""
    # Prometheus 3.16.0 is the module's v0.316.0.
    modules = {"prometheus": r"v0\.(\d)(\d\d)\.(\d+)", "alertmanager": r"v(\d+)\.(\d+)\.(\d+)"}
    for name, version in modules.items():
        pins = (ROOT / "tools" / name / "go.mod").read_text()
        ((major, minor, patch),) = re.findall(rf"github.com/prometheus/{name} {version}", pins)
        assert f"image: prom/{name}:v{major}.{int(minor)}.{patch}\n" in COMPOSE


def test_the_collector_is_built_with_the_flags_of_make_collector() -> None:
    """The image's binary is the one that all other tests run."""
    build = (ROOT / "tools" / "build.py").read_text()
    for flag in ("-trimpath", "-mod=readonly", "-buildvcs=false"):
        assert flag in build
        assert flag in DOCKERFILES["collector/Dockerfile"]


@pytest.mark.parametrize("name", ["requirements.lock", "build.lock"])
def test_the_image_has_the_packages_that_the_tests_have(name: str) -> None:
    """Each version of the image's locks is that of requirements.lock; every one has a hash."""
    text = (ROOT / "deploy" / "app" / name).read_text()
    entries = ENTRY.findall(text)
    assert len(entries) > 4
    assert set(entries) - set(ENTRY.findall((ROOT / "requirements.lock").read_text())) == set()
    assert len(re.split(r"--hash=sha256:[0-9a-f]{64}\n(?=[a-z]|$)", text)) == len(entries) + 1


def test_secrets_in_files_become_variables_of_the_process(tmp_path: Path) -> None:
    """The token becomes a header, each password part of an address, percent-encoded; a final newline is no part."""
    made = started(tmp_path, OTLP_TOKEN_FILE="a,b=c\n", REDIS_PASSWORD_FILE="x:y", MYSQL_PASSWORD_FILE="p@ss/word\n")
    assert made == [
        "authorization=Bearer%20a%2Cb%3Dc",
        "redis://:x%3Ay@redis:6379/0",
        "mysql://techsapo:p%40ss%2Fword@mysql:3306/techsapo",
    ]


def test_without_files_no_variable_is_made(tmp_path: Path) -> None:
    """The image runs outside of the stack as well, with whatever variables it is given there."""
    assert started(tmp_path) == ["None", "None", "None"]


def test_the_page_says_what_each_container_may_have() -> None:
    """Memory, CPU and processes: who plans a machine reads them there."""
    bounds = re.findall(r"mem_limit: (\d+)([mg])\n +cpus: (\S+)\n +pids_limit: (\d+)", COMPOSE)
    page = (ROOT / "docs" / "collector.md").read_text()
    told = re.findall(r"^\| [A-Za-z][^|]* \| (\d+) ([MG])iB \| ([\d.]+) \| (\d+) \|$", page, re.MULTILINE)
    assert sorted((amount, unit.upper(), float(cpus), pids) for amount, unit, cpus, pids in bounds) == sorted(
        (amount, unit, float(cpus), pids) for amount, unit, cpus, pids in told
    )
    assert len(bounds) == 6
