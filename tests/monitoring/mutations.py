"""Makes the rules wrong in one place after the other, and tells which errors no case finds.

`make mutations`; it takes about an hour. A mutant that is no error is listed in `equivalent.py` with its reason.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from monitoring.model import Group
from monitoring.rules import groups
from monitoring.thresholds import Thresholds
from tests.monitoring.cases import SCENES
from tests.monitoring.equivalent import EQUIVALENT
from tests.monitoring.events import events, quotients
from tests.monitoring.figures import figures, sum_of_history
from tests.monitoring.mutants import Mutant, mutants
from tests.monitoring.promtool import Case, Rule, said_against
from tests.support.prometheus import PROMTOOL

# Cases that are tried in one run of promtool; the cheap ones come first, and the first that fails is enough.
BATCH: Final = 8


@dataclass(frozen=True)
class Known:
    """A case, with the rules that it is about where they are right."""

    case: Case
    rules: Sequence[Rule]
    cost: float


def known(right: Sequence[Group]) -> list[Known]:
    """Return all cases that are about a rule at all, the cheap ones first."""
    found = []
    cases: tuple[Case, ...] = (*SCENES, *figures(), *events(), *quotients(), sum_of_history())
    for case in cases:
        rules = [rule for group in case.needed(right) for rule in group.rules]
        found.append(Known(case, rules, case.lasts / case.every * sum(1 for _ in case.told())))
    return sorted((each for each in found if each.rules), key=lambda each: each.cost)


def finds(mutant: Mutant, right: Sequence[Group], cases: Sequence[Known]) -> bool:
    """Tell whether a case finds it."""
    wrong = {id(rule) for old, new in zip(right, mutant.groups, strict=True) for rule in _without(old, new)}
    concerned = [each.case for each in cases if any(id(rule) in wrong for rule in each.rules)]
    for start in range(0, len(concerned), BATCH):
        with tempfile.TemporaryDirectory() as directory:
            if said_against(concerned[start : start + BATCH], mutant.groups, PROMTOOL, Path(directory)):
                return True
    return False


def _without(old: Group, new: Group) -> Iterator[Rule]:
    """Give the rules that are there no more as they were."""
    if old != new:
        yield from (rule for rule in old.rules if rule not in new.rules)


def main() -> int:
    """Return 1 where a mutant survives that should not, or one is called equivalent that is not."""
    parser = argparse.ArgumentParser(prog="python -m tests.monitoring.mutations", description=__doc__)
    parser.add_argument("--only", default="", metavar="TEXT", help="only mutants whose name has this in it")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="how many at once (2)")
    options = parser.parse_args()
    right = groups(Thresholds.load())
    cases = known(right)
    chosen = [mutant for mutant in mutants() if options.only in mutant.name]
    print(f"{len(chosen)} mutants of the rules, {len(cases)} cases", flush=True)
    started, survivors, wrongly = time.monotonic(), [], []
    with ThreadPoolExecutor(options.jobs) as pool:
        results = pool.map(lambda mutant: finds(mutant, right, cases), chosen)
        for number, (mutant, found) in enumerate(zip(chosen, results, strict=True), 1):
            if not found and mutant.name not in EQUIVALENT:
                survivors.append(mutant.name)
                print(f"survives: {mutant.name}", flush=True)
            if found and mutant.name in EQUIVALENT:
                wrongly.append(mutant.name)
                print(f"found, though it is called equivalent: {mutant.name}", flush=True)
            if number % 100 == 0:
                print(f"{number} of {len(chosen)} after {time.monotonic() - started:.0f} s", flush=True)
    gone = [] if options.only else sorted(set(EQUIVALENT) - {mutant.name for mutant in chosen})
    for name in gone:
        print(f"no such mutant any more: {name}")
    equivalent = len(set(EQUIVALENT) & {mutant.name for mutant in chosen})
    print(
        f"{len(chosen)} mutants, {len(survivors)} survive, {equivalent} are equivalent; "
        f"{time.monotonic() - started:.0f} s"
    )
    return 1 if survivors or wrongly or gone else 0


if __name__ == "__main__":
    sys.exit(main())
