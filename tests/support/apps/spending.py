"""A script that spends and ends: arguments are the file of the budget, and how the process that spends ends."""

import multiprocessing
import os
import sys
from pathlib import Path

from app_integration.budget import BudgetGuard, FileStore
from tests.support.spends import spend

# So seldom that nothing but the end of the process tells the store.
HOUR = 3_600.0


def spends(path: Path) -> None:
    """Start a guard, and have a call spent."""
    guard = BudgetGuard(10, store=FileStore(path), interval_seconds=HOUR)
    guard.start()
    spend(7)
    KEPT.append(guard)


KEPT: list[BudgetGuard] = []

if __name__ == "__main__":
    file, way = Path(sys.argv[1]), sys.argv[2]
    if way in {"fork", "spawn"}:
        multiprocessing.set_start_method(way)
        child = multiprocessing.Process(target=spends, args=(file,))
        child.start()
        child.join()
    elif way == "preload":
        spends(file)
        if (pid := os.fork()) == 0:
            spend(300)
            sys.exit()
        os.waitpid(pid, 0)
    else:
        spends(file)
        if way == "raise":
            raise LookupError
