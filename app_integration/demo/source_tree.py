"""What the demo takes from the project's source tree: programs that are built there, and the Collector's files."""

from pathlib import Path

from app_integration.demo.processes import DemoError

ROOT = Path(__file__).parents[2]

_SIGN = Path("collector", "config", "collector.yaml")


def programs(names: tuple[str, ...], root: Path = ROOT) -> list[Path]:
    """Return where programs are that `make tools` builds. Raises DemoError: they, or the tree, are not there."""
    if not (root / _SIGN).exists():
        msg = f"the Collector's files are not beside the installed package ({_SIGN}): use a clone of the repository"
        raise DemoError(msg)
    if missing := [f"build/{name}" for name in names if not (root / "build" / name).exists()]:
        msg = f"{' and '.join(missing)} {'are' if len(missing) > 1 else 'is'} not there: make tools"
        raise DemoError(msg)
    return [root / "build" / name for name in names]
