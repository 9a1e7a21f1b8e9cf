"""Check and test the Collector's policy processor: `go vet`, then `go test`, with a Go that is new enough.

Arguments go to `go test` (`-race`, `-run Limit`); `--fuzz 10m` fuzzes each target for that long instead.
"""

import argparse
import re
import subprocess
import sys
from pathlib import Path

from tools.build import BUILD, PINNED, TOOLS, find_go, go_environment

PROCESSOR = TOOLS.parent / "collector" / "policyprocessor"


def fuzz_targets() -> list[tuple[str, str]]:
    """Return the package and the name of each fuzz target."""
    return [
        (f"./{path.parent.relative_to(PROCESSOR)}", name)
        for path in sorted(PROCESSOR.rglob("fuzz_test.go"))
        for name in re.findall(r"^func (Fuzz\w+)", path.read_text(), re.MULTILINE)
    ]


def run(go: Path, *arguments: str) -> int:
    """Run Go in the processor's module and return its exit status."""
    # The race detector needs a C compiler; everything else is built as the Collector is.
    environment = go_environment() | ({"CGO_ENABLED": "1"} if "-race" in arguments else {})
    return subprocess.run([go, *arguments], cwd=PROCESSOR, env=environment, check=False).returncode


def main() -> int:
    """Return 0 when all is well."""
    parser = argparse.ArgumentParser(description="Check and test the Collector's policy processor.")
    parser.add_argument("--fuzz", metavar="DURATION", help="fuzz each target for that long, as Go writes it: 30s, 10m")
    told, arguments = parser.parse_known_args()
    BUILD.mkdir(exist_ok=True)
    go = find_go(next(tool for tool in PINNED if tool.module == "collector").needs())
    if told.fuzz:
        return max(
            run(go, "test", "-run=^$", f"-fuzz=^{name}$", f"-fuzztime={told.fuzz}", package)
            for package, name in fuzz_targets()
        )
    return run(go, "vet", "./...") or run(go, "test", *arguments, "./...")


if __name__ == "__main__":
    sys.exit(main())
