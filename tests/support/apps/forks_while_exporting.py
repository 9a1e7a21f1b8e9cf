"""Forks while a push hangs in the network; the child counts 3 and ends; the parent counts 2 before and 4 after."""

import os
import signal

from tests.support.apps.counting import count

if __name__ == "__main__":
    for _ in range(2):
        count()
    # The test sends SIGUSR1 as soon as the first push hangs at the receiver.
    signal.signal(signal.SIGUSR1, lambda *_: None)
    print("waiting", flush=True)
    signal.pause()
    child = os.fork()
    if child == 0:
        for _ in range(3):
            count()
        raise SystemExit(0)
    print(f"forked {child}", flush=True)
    os.waitpid(child, 0)
    for _ in range(4):
        count()
