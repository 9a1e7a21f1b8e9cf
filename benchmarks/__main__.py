"""Run the benchmarks and print their tables. The figures are ratios of one run: these vary less than times do."""

import argparse
import sys

from benchmarks import memory, page, peers, record, runtime
from benchmarks.collector import comparison, measure
from benchmarks.table import show

PARTS = ("engine", "runtime", "collector")


def main() -> int:
    """Print a table a part, and the aims that were missed; exit status 1 with --strict when one was."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("part", nargs="?", choices=PARTS, help="run this part alone")
    parser.add_argument("--strict", action="store_true", help="exit with 1 when an aim is missed")
    parser.add_argument(
        "--quick", action="store_true", help="try runtime and collector out: their figures mean nothing"
    )
    told = parser.parse_args()
    missed = []
    if told.part in (None, "engine"):
        missed += _engine()
    if told.part in (None, "runtime"):
        missed += _runtime(quick=told.quick)
    if told.part in (None, "collector"):
        missed += _collector(measure.QUICK if told.quick else measure.FULL)
    print("\n".join(["Aims missed:", *missed]) if missed else "All aims reached.")
    return 1 if told.strict and missed else 0


def _engine() -> list[str]:
    rows = []
    for name, measured in (("records", record.rows), ("pages", page.rows), ("memory", memory.rows)):
        print(f"measuring {name} ...", file=sys.stderr, flush=True)
        rows += measured()
    print("Medians; in brackets: how many times more a peer takes. prometheus_client: labels(), generate_latest.")
    print("opentelemetry-sdk's page is that of opentelemetry-exporter-prometheus.\n")
    print(show(rows, (peers.SDK, peers.CLIENT, peers.CHILD, peers.WITHOUT)), end="\n\n")
    return [line for row in rows for line in row.missed()]


def _runtime(*, quick: bool) -> list[str]:
    print("measuring the figures of the process ...", file=sys.stderr, flush=True)
    found = runtime.cost(1.0, 1) if quick else runtime.cost()
    rounds = len(found.bare.rounds)
    print(
        f"Medians of {rounds} rounds of {runtime.SECONDS:g} s, one collection of the figures in each; % of one core.\n"
    )
    print(found.show(), end="\n\n")
    return [] if found.reached else [found.missed()]


def _collector(size: measure.Size) -> list[str]:
    rows = measure.rows(size)
    print(
        "Plain: the same binary and configuration without the policy; both are loaded in turn. CPU a record: user and"
    )
    print(f"system time of the process, less what it takes idle; medians of {size.rounds} rounds; nobody scrapes.")
    print("Metrics end in the Prometheus exporter; traces and logs are forwarded as forward.yaml has it, or dropped.\n")
    print(comparison.show(rows), end="\n\n")
    return [row.missed() for row in rows if not row.reached]


if __name__ == "__main__":
    sys.exit(main())
