"""Grafana's published types, and the compiler that checks dashboards against them: grafana_types/."""

import fcntl
import hashlib
import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

SOURCES = Path(__file__).parent / "grafana_types"
INSTALLED = Path(__file__).parents[2] / "build" / "grafana_types"
MISSING = "Node.js or npm is not installed: apt-get install nodejs npm"

_FILES = ("package.json", "package-lock.json")


def installed() -> bool:
    """Return whether there is what installs and runs the compiler."""
    return bool(shutil.which("node") and shutil.which("npm"))


def install() -> None:
    """Install what package-lock.json pins, once for all runs."""
    INSTALLED.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256(b"\0".join((SOURCES / name).read_bytes() for name in _FILES)).hexdigest()
    stamp = INSTALLED / "stamp"
    with (INSTALLED / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text() != digest:
            for name in _FILES:
                shutil.copyfile(SOURCES / name, INSTALLED / name)
            # No package needs its install script to be read.
            command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
            subprocess.run(command, cwd=INSTALLED, check=True, timeout=300, stdin=subprocess.DEVNULL)
            stamp.write_text(digest)


def errors(directory: Path, pages: Mapping[str, object]) -> str:
    """Return what the compiler has against values that are to be of the type `Page`, each a file; "" where nothing.

    Raises:
        FileNotFoundError: `install` was not called.
    """
    for name in ("check.ts", "tsconfig.json"):
        shutil.copyfile(SOURCES / name, directory / name)
    (directory / "node_modules").symlink_to(INSTALLED / "node_modules")
    for name, page in pages.items():
        told = json.dumps(page, indent=2)
        (directory / f"{name}.ts").write_text(
            f'import type {{ Page }} from "./check";\n\nexport const page: Page = {told};\n'
        )
    compiler = INSTALLED / "node_modules" / "typescript" / "bin" / "tsc"
    command: list[str | Path] = [shutil.which("node") or "node", compiler, "--project", directory, "--preserveSymlinks"]
    run = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert run.returncode == 0 or run.stdout, run.stderr
    return run.stdout
