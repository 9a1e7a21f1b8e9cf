"""`techsapo-telemetry demo`: the command, found by its entry point."""

import asyncio
import importlib.util
import io
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace, RawDescriptionHelpFormatter
from collections.abc import Sequence

from telemetry.cli.command import CommandError, Subparsers

MODES = ("embedded", "otlp", "collector", "stack")
# As scenarios.py has them, and the alerts of P0 and P1 that each brings; --help works without what that needs.
USUAL = "usual"
SCENARIOS_BRING = {
    USUAL: (),
    "provider-outage": ("LlmProviderFailing",),
    "total-outage": ("LlmProviderFailing", "HttpServerErrors", "SloBudgetBurns"),
    "low-consensus": ("ConsensusConfidenceLow", "ConsensusFalling"),
    "budget": ("BudgetNearlySpent",),
    "redis-down": ("RedisConnectionFailures",),
    "slow-history": ("ResponsesSlow",),
    "memory": ("MemoryNearLimit",),
    "cache-cold": (),
    "attack": (),
}
SCENARIO_NAMES = tuple(SCENARIOS_BRING)

_NEEDED = (
    *("anthropic", "cryptography", "fastapi", "google.genai", "googleapiclient", "httpx", "jwt", "openai"),
    *("pybreaker", "pymysql", "redis", "rich", "uvicorn", "websockets"),
)
_MOST_REQUESTS_A_SECOND = 1_000.0
# What is made for 15 seconds: Prometheus' shortest sensible interval is one.
_FASTEST = 15.0
_INTERRUPTED = 130

_DESCRIPTION = """Run the reference app under real HTTP traffic and show its figures live:
embedded, with a page to scrape; otlp, pushing to a receiver; collector,
pushing to the Collector, with a Prometheus that scrapes it and is asked for
the figures; or stack, with the rules and Alertmanager besides, and
VictoriaMetrics, whose pages draw the dashboards (make tools builds all of
them). Redis and MariaDB are started for it where they are installed; the LLM
providers and Google Drive are simulated. At the end what was sent, served and
answered is compared with what was counted: exit status 1 if they differ, or
if a metric did not move; an alert is no failure."""
_WIDEST = max(map(len, SCENARIO_NAMES))
_EPILOG = "\n".join(
    [
        "scenarios, each in the middle half of --seconds (without it from 30 to 90 s",
        "in mode stack), and the alerts of P0 and P1 that it brings there:",
        *(f"  {name:<{_WIDEST}}  {', '.join(brings) or 'none'}" for name, brings in SCENARIOS_BRING.items()),
    ]
)


def register(subparsers: Subparsers) -> None:
    """Add the command's parser."""
    parser: ArgumentParser = subparsers.add_parser(
        "demo", help="the reference app under traffic, live", description=_DESCRIPTION
    )
    parser.epilog, parser.formatter_class = _EPILOG, RawDescriptionHelpFormatter
    parser.add_argument("--seconds", type=_positive, metavar="N", help="end after so long (default: until Ctrl-C)")
    parser.add_argument("--mode", default=MODES[0], help=f"{_listed('or')} (default: {MODES[0]})")
    parser.add_argument("--scenario", default=USUAL, metavar="NAME", help=f"what goes wrong (default: {USUAL})")
    parser.add_argument("--rate", type=_rate, default=50.0, metavar="R", help="requests a second (default: 50)")
    parser.add_argument(
        "--pace",
        type=_pace,
        default=_FASTEST,
        metavar="N",
        help=f"mode stack: divide all times of figures, rules and alerts, 1 to {_FASTEST:g} (default: {_FASTEST:g})",
    )
    parser.add_argument("--json", action="store_true", help="the comparison as one object, progress on standard error")
    parser.add_argument("--verbose", action="store_true", help="compare series by series")
    parser.set_defaults(run=run)


def run(arguments: Namespace) -> int:
    """Run the demo: 0 if what was counted is what was sent, 1 if not, 130 when stopped before there was anything.

    Raises:
        CommandError: there is no such mode, something is not installed, or the application did not run.
    """
    if arguments.mode not in MODES:
        msg = f"demo: there is no mode {arguments.mode!r}; there are {_listed('and')}"
        raise CommandError(msg)
    if arguments.scenario not in SCENARIO_NAMES:
        msg = f"demo: there is no scenario {arguments.scenario!r}; there are {_listed('and', SCENARIO_NAMES)}"
        raise CommandError(msg)
    if missing := [name for name in _NEEDED if not _is_there(name)]:
        msg = f"demo: {', '.join(missing)} not installed: pip install 'techsapo-telemetry[demo]'"
        raise CommandError(msg)
    # Only now: the other commands must work without what the demo needs.
    from rich.console import Console

    from app_integration.demo.options import Options
    from app_integration.demo.processes import DemoError, Interrupted
    from app_integration.demo.session import run as run_session
    from app_integration.demo.views import JsonDocument, Lines, Terminal, View

    if isinstance(sys.stdout, io.TextIOWrapper):
        # A terminal that has no such character gets a question mark instead of a traceback.
        sys.stdout.reconfigure(errors="replace")
    console = Console()
    view: View
    if arguments.json:
        view = JsonDocument()
    else:
        view = (Terminal if console.is_terminal else Lines)(console, verbose=arguments.verbose)
    options = Options(arguments.mode, arguments.scenario, arguments.seconds, arguments.rate, arguments.pace)
    try:
        outcome = asyncio.run(run_session(options, view))
    except Interrupted:
        view.progress("stopped before the traffic began")
        view.end()
        return _INTERRUPTED
    except DemoError as error:
        msg = f"demo: {error}"
        raise CommandError(msg) from error
    view.conclude(outcome)
    return 0 if outcome.equal else 1


def _listed(conjunction: str, names: Sequence[str] = MODES) -> str:
    return f"{', '.join(names[:-1])} {conjunction} {names[-1]}"


def _is_there(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:  # not even its parent
        return False


def _positive(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if 0 < number < float("inf"):
        return number
    msg = f"{text!r} is not a number above 0"
    raise ArgumentTypeError(msg)


def _rate(text: str) -> float:
    if (rate := _positive(text)) <= _MOST_REQUESTS_A_SECOND:
        return rate
    msg = f"at most {_MOST_REQUESTS_A_SECOND:g} requests a second"
    raise ArgumentTypeError(msg)


def _pace(text: str) -> float:
    if 1 <= (pace := _positive(text)) <= _FASTEST:
        return pace
    msg = f"{text!r} is not a number from 1 to {_FASTEST:g}"
    raise ArgumentTypeError(msg)
