"""Grafana's published types, and the compiler that checks dashboards against them: grafana_types/."""

import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.support import npm

SOURCES = Path(__file__).parent / "grafana_types"
INSTALLED = Path(__file__).parents[2] / "build" / "grafana_types"


def install() -> None:
    """Install the types and the compiler."""
    npm.install(SOURCES, INSTALLED)


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
