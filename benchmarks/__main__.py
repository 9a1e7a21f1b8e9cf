"""Run all benchmarks and print one table. The figures are ratios of one run: these vary less than times do."""

import argparse
import sys

from benchmarks import memory, page, peers, record
from benchmarks.table import show


def main() -> int:
    """Print the table and the aims that were missed; exit status 1 with --strict when one was."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--strict", action="store_true", help="exit with 1 when an aim is missed")
    strict = parser.parse_args().strict
    rows = []
    for name, measured in (("records", record.rows), ("pages", page.rows), ("memory", memory.rows)):
        print(f"measuring {name} ...", file=sys.stderr, flush=True)
        rows += measured()
    print("Medians; in brackets: how many times more a peer takes. prometheus_client: labels(), generate_latest.")
    print("opentelemetry-sdk's page is that of opentelemetry-exporter-prometheus.\n")
    print(show(rows, (peers.SDK, peers.CLIENT, peers.CHILD, peers.WITHOUT)), end="\n\n")
    missed = [line for row in rows for line in row.missed()]
    print("\n".join(["Aims missed:", *missed]) if missed else "All aims reached.")
    return 1 if strict and missed else 0


if __name__ == "__main__":
    sys.exit(main())
