"""Prices from the start to the figure: what a file says is what the page and the push tell, and a wrong one stops."""

import os
import urllib.request
from pathlib import Path

import pytest

from tests.support import ports, wait
from tests.support.instrumented import ROOT, environment, pushing, under_instrument
from tests.support.otlp_sink import OtlpSink
from tests.support.processes import Server

ASKING = under_instrument("python", "-m", "tests.support.apps.asking")
COST = "techsapo_wallbounce_cost_usd"
UNPRICED = "techsapo_llm_unpriced_calls_total"
OWN = (
    'date = 2026-11-25\n[[price]]\nprovider = "openai"\nmodels = ["gpt-5"]\nsource = "our contract"\n'
    "input = 1\noutput = 7.5\n"
)


def priced(directory: Path) -> str:
    """Offer the weight as an installed distribution does, and return the path that finds it."""
    info = directory / "offered" / "prices_of_tests-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: prices-of-tests\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[techsapo_telemetry_weights]\nmodel_price = app_integration.llm.prices:weight\n"
    )
    return os.pathsep.join([str(ROOT), str(info.parent)])


def page_of(port: int) -> str:
    """Return the embedded page; nothing while it is not there."""
    try:
        with urllib.request.urlopen(f"http://{ports.LOOPBACK}:{port}/metrics", timeout=10.0) as answer:
            return str(answer.read().decode())
    except OSError:
        return ""


@pytest.mark.parametrize(("own", "usd"), [(False, "11.25"), (True, "8.5")])
def test_the_page_tells_what_the_prices_in_force_make_of_the_tokens(own: bool, usd: str, tmp_path: Path) -> None:
    """Packaged prices without a variable, the operator's with it; a model without price is counted apart."""
    port = ports.free_port()
    (tmp_path / "prices.toml").write_text(OWN)
    variables = {"TECHSAPO_PRICES_FILE": str(tmp_path / "prices.toml")} if own else {}
    env = environment(OTEL_EXPORTER_PROMETHEUS_PORT=str(port), PYTHONPATH=priced(tmp_path), **variables)
    with Server(ASKING, output=tmp_path / "log", env=env, ready=None):
        wait.until(lambda: UNPRICED in page_of(port), 30, "the figures on the page")
        page = page_of(port)
    assert f'{COST}{{provider="openai",task_type="other"}} {usd}' in page
    assert f'{UNPRICED}{{provider="openai",model="unheard-of"}} 1' in page


def test_a_push_tells_the_same(tmp_path: Path) -> None:
    """The price is taken in the process: a Collector knows none."""
    with (
        OtlpSink() as sink,
        Server(
            ASKING,
            output=tmp_path / "log",
            env=pushing(sink.endpoint, PYTHONPATH=priced(tmp_path)),
            ready=None,
        ),
    ):
        wait.until(lambda: COST in sink.metric_names(), 30, "the cost at the endpoint")
        assert sink.total(COST) == 11.25
        assert sink.total(UNPRICED) == 1


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("input = 1\n", "input = -1\n", "got -1 at price 1 (openai: gpt-5), input of "),
        ("input = 1\n", "", "got nothing at price 1 (openai: gpt-5), input of "),
        ("output =", "outptu =", "got a key that has no meaning here at price 1, 'outptu' of "),
        ("output = 7.5", "output = ", "got 'Invalid value"),
    ],
)
def test_a_wrong_file_stops_the_start(right: str, wrong: str, said: str, tmp_path: Path) -> None:
    """Exit status 2, and one line that names the variable, the file, the entry, what it got and what is right."""
    path = tmp_path / "prices.toml"
    path.write_text(OWN.replace(right, wrong))
    port = str(ports.free_port())
    env = environment(OTEL_EXPORTER_PROMETHEUS_PORT=port, PYTHONPATH=priced(tmp_path), TECHSAPO_PRICES_FILE=str(path))
    with Server(ASKING, output=tmp_path / "log", env=env, ready=None) as process:
        status = process.wait()
    (line,) = process.output.splitlines()
    assert status == 2
    assert line.startswith(f"techsapo-telemetry: TECHSAPO_PRICES_FILE: {said}")
    assert str(path) in line
    assert "; accepts " in line
