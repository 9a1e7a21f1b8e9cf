"""`python -m app_integration.simulator`: the simulated providers in a process of their own."""

import argparse
import os
import signal
import threading

from app_integration.simulator.behaviour import BehaviourError, behaviours
from app_integration.simulator.simulator import Simulator
from app_integration.simulator.thread import LOOPBACK, running

# Settings as `--set` takes them, separated by blanks; arguments come after them.
VARIABLE = "TECHSAPO_SIMULATOR"


def main() -> None:
    """Serve until SIGINT or SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m app_integration.simulator", description=__doc__)
    parser.add_argument("--port", type=int, default=9500, help="0: one that is free (default: 9500)")
    parser.add_argument("--host", default=LOOPBACK, help="(default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="other answers, other failures (default: 1)")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="PROVIDER.FIELD=VALUE",
        help=f"such as openai.error_rate=0.3; also in {VARIABLE}, separated by blanks",
    )
    arguments = parser.parse_args()
    try:
        simulator = Simulator(behaviours([*os.environ.get(VARIABLE, "").split(), *arguments.set]), arguments.seed)
    except BehaviourError as error:
        parser.error(str(error))
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    try:
        with running(simulator, arguments.host, arguments.port) as url:
            print(f"simulated providers at {url}", flush=True)
            stop.wait()
    except OSError as error:
        parser.error(f"--port {arguments.port}: {error.strerror}")


if __name__ == "__main__":
    main()
