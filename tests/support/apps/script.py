"""A script that counts three times and then does what its arguments say; `start` starts the telemetry in code."""

import os
import signal
import sys
import threading

import telemetry


def end(*_: object) -> None:
    """Handle a signal in the application's own way."""
    print("the handler that was there before", flush=True)
    sys.exit(7)


if __name__ == "__main__":
    if "own-handler" in sys.argv:
        signal.signal(signal.SIGTERM, end)
    if "start" in sys.argv:
        telemetry.start()

    from tests.support.apps.counting import count

    for _ in range(2):
        count()
    if "wait" in sys.argv:
        telemetry.force_flush()  # what begins with the first measurement has begun
    count()
    print("counted", flush=True)
    if "wait" in sys.argv:
        threading.Event().wait()
    if "raise" in sys.argv:
        message = "the script's own"
        raise LookupError(message)
    if "os-exit-after-shutdown" in sys.argv:
        telemetry.shutdown()
        telemetry.shutdown()
        os._exit(0)
