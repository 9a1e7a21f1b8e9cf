"""Check and test the Collector's Go modules: `go vet`, staticcheck, tests under the race detector, fuzz targets.

`make test` runs all of it, each fuzz target for a bounded number of inputs. `--fuzz` only fuzzes: each target for a
time (10m) or a number of inputs (1000000x). Other arguments go to `go test` (`-run Limit -v`), and nothing is fuzzed.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.build import BUILD, PINNED, TOOLS, BuildError, build, find_go, go_environment, only_one, say

COLLECTOR = TOOLS.parent / "collector"
MODULES = tuple(sorted(path.parent for path in COLLECTOR.glob("*/go.mod")))
# Inputs for each fuzz target in `make test`: some seconds each. `make fuzz` gives them as long as they are told.
INPUTS = "20000x"
COMPILERS = ("gcc", "clang", "cc")


@dataclass(frozen=True)
class Target:
    """A fuzz target: the folder of its module, its package from there, its name."""

    module: Path
    package: str
    name: str


@dataclass(frozen=True)
class Go:
    """A Go, and the compiler for C that its race detector needs, where there is one."""

    path: Path
    compiler: str | None

    def run(self, module: Path, *arguments: str, race: bool = False) -> bool:
        """Run Go in a module; tell whether it was content."""
        own = {"CGO_ENABLED": "1", "CC": self.compiler} if race and self.compiler else {}
        return succeeds([self.path, *arguments], module, own)

    def staticcheck(self, module: Path) -> bool:
        """Run all checks of staticcheck, which asks Go for the packages, in a module; tell whether it was content."""
        path = os.pathsep.join([str(self.path.parent), os.environ.get("PATH", os.defpath)])
        return succeeds([BUILD / "staticcheck", "-checks", "all", "./..."], module, {"PATH": path})


def succeeds(command: Sequence[str | Path], module: Path, own: dict[str, str]) -> bool:
    """Run a command as the Collector is built, but for what is `own`; tell whether its exit status is 0."""
    return subprocess.run(command, cwd=module, env=go_environment() | own, check=False).returncode == 0


def find_compiler() -> str | None:
    """Return the C compiler of CC, else the first that is there with the C library's headers; None without one."""
    for name in filter(None, (os.environ.get("CC"), *COMPILERS)):
        if shutil.which(name) is None:
            continue
        try_it = [name, "-x", "c", "-fsyntax-only", "-"]
        if subprocess.run(try_it, input=b"#include <stdlib.h>\n", capture_output=True, check=False).returncode == 0:
            return name
    return None


def targets(modules: Sequence[Path] = MODULES) -> Iterator[Target]:
    """Yield every fuzz target, in the order of the files."""
    for module in modules:
        for path in sorted(module.rglob("*_test.go")):
            for name in re.findall(r"^func (Fuzz\w+)\(", path.read_text(), re.MULTILINE):
                yield Target(module, f"./{path.parent.relative_to(module)}", name)


def has_tests(module: Path) -> bool:
    """Tell whether a module has tests: without one the race detector would be built into all it needs for nothing."""
    return any(module.rglob("*_test.go"))


def fuzz(go: Go, amount: str) -> bool:
    """Fuzz every target, whether or not one before it has failed; tell whether none did.

    What is worth keeping is kept without being made as short as can be: that takes a minute each.
    """
    shared = ["-run=^$", f"-fuzztime={amount}", "-fuzzminimizetime=10x"]
    found = [
        each.name
        for each in targets()
        if not go.run(each.module, "test", *shared, f"-fuzz=^{each.name}$", each.package)
    ]
    for name in found:
        say(f"{name} has found something, or did not run")
    return not found


def check(go: Go, arguments: Sequence[str], modules: Sequence[Path] = MODULES) -> bool:
    """Vet, check and test modules, the cheapest first; tell whether all is well."""
    race = ["-race"] if go.compiler else []
    if not race:
        say("no C compiler with its headers: the Go tests run without the race detector")
    return (
        all(go.run(module, "vet", "./...") for module in modules)
        and all(go.staticcheck(module) for module in modules)
        and all(
            go.run(module, "test", *race, *arguments, "./...", race=True) for module in modules if has_tests(module)
        )
    )


def prepare() -> Go:
    """Return a Go that takes the modules, with staticcheck built.

    Raises:
        BuildError: there is no such Go, or staticcheck did not build.
    """
    pinned = {tool.module: tool for tool in PINNED}
    with only_one():
        if not pinned["staticcheck"].is_built():
            build(pinned["staticcheck"])
        return Go(find_go(pinned["collector"].needs()), find_compiler())


def main() -> int:
    """Return 0 when all is well."""
    parser = argparse.ArgumentParser(description="Check and test the Collector's Go modules.")
    parser.add_argument("--fuzz", metavar="AMOUNT", help="only fuzz, each target for a time (10m) or inputs (1000000x)")
    told, arguments = parser.parse_known_args()
    try:
        go = prepare()
    except BuildError as error:
        say(str(error))
        return 1
    if told.fuzz:
        return 0 if fuzz(go, told.fuzz) else 1
    return 0 if check(go, arguments) and (arguments or fuzz(go, INPUTS)) else 1


if __name__ == "__main__":
    sys.exit(main())
