"""The README, done as it says: its application, its commands, its figures."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest

from tests.support import ports
from tests.support.instrumented import BIN, ROOT, ask, environment
from tests.support.processes import Server

README = (ROOT / "README.md").read_text()
BLOCK = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.DOTALL | re.MULTILINE)


def block_with(text: str, language: str = "") -> str:
    """Return the one block of the README in a language that holds a text, without its indentation."""
    (found,) = [
        re.sub(rf"^{indent}", "", body, flags=re.MULTILINE)
        for indent, tag, body in BLOCK.findall(README)
        if tag == language and text in body
    ]
    return found


def shown(block: str) -> set[str]:
    """Return the lines of a block that is an excerpt of a page."""
    return set(block.splitlines())


def test_the_application_of_the_readme_shows_what_it_says(tmp_path: Path) -> None:
    """Its code, its command line, its requests: the page has the lines that are printed there."""
    (tmp_path / "app.py").write_text(block_with("FastAPI()", "python"))
    variable, command = block_with("opentelemetry-instrument uvicorn").splitlines()
    assert "export OTEL_PYTHON_DISTRO=techsapo" == variable
    requests, scrape = block_with("localhost:9464").splitlines()
    port, page = ports.free_port(), ports.free_port()
    with Server(
        [*shlex.split(command), "--port", str(port)],
        output=tmp_path / "server.txt",
        ready=lambda: ports.is_listening(port) and ports.is_listening(page),
        env=environment(OTEL_EXPORTER_PROMETHEUS_PORT=str(page)),
        cwd=tmp_path,
    ):
        for url in re.findall(r"localhost:8000(\S+)", requests):
            ask(port, url)
        (path,) = re.findall(r"localhost:9464(\S+)", scrape)
        lines = set(ask(page, path).splitlines())
    assert set() == shown(block_with('route="unmatched"')) - lines


@pytest.mark.parametrize(
    ("recorded", "printed"),
    [("techsapo.cache.requests", "techsapo_cache_hit_ratio{"), ("wallbounce import", "agreement_score_sum{")],
)
def test_the_code_of_the_readme_shows_what_it_says(recorded: str, printed: str, tmp_path: Path) -> None:
    """What an application records by those lines is on the page as printed, from code without a wrapper."""
    start, record = block_with("telemetry.start()", "python"), block_with(recorded, "python")
    page = ports.free_port()
    (tmp_path / "script.py").write_text(f"{start}\n{record}\nprint(flush=True)\ninput()\n")
    with subprocess.Popen(
        [BIN / "python", "script.py"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=tmp_path,
        env=environment(OTEL_EXPORTER_PROMETHEUS_PORT=str(page)),
    ) as process:
        try:
            assert process.stdout is not None
            assert b"\n" == process.stdout.readline()
            lines = set(ask(page, "/metrics").splitlines())
        finally:
            process.communicate(b"\n", timeout=20)
    assert 0 == process.returncode
    assert set() == shown(block_with(printed)) - lines


def test_the_scrape_configuration_of_the_readme_is_one(promtool: Path, tmp_path: Path) -> None:
    """Prometheus takes it as it is, here and in docs/operations.md."""
    file = tmp_path / "prometheus.yml"
    file.write_text(block_with("scrape_configs", "yaml"))
    checked = subprocess.run(
        [promtool, "check", "config", file], capture_output=True, text=True, timeout=60, check=False
    )
    assert 0 == checked.returncode, checked.stdout + checked.stderr
    assert file.read_text() in (ROOT / "docs" / "operations.md").read_text()
