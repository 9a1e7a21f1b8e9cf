"""The packages that matter: their versions, and what of their requirements is not met."""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, distributions, entry_points
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

import telemetry
from telemetry.cli.diagnosis.environment import DISTRO
from telemetry.cli.diagnosis.finding import Finding, broken, ok, warn

OURS = "techsapo-telemetry"
_SERVERS = ("fastapi", "starlette", "uvicorn", "gunicorn")
_CLIENTS = ("redis", "pymysql", "openai", "anthropic", "google-genai", "pybreaker")
_MATTER = frozenset({OURS, "prometheus-client", *_SERVERS, *_CLIENTS})
_NAMES_OF_OURS = ("telemetry", "app_integration")


@dataclass(frozen=True, slots=True)
class Package:
    """An installed package that has to do with the telemetry."""

    name: str
    version: str


def packages() -> list[Package]:
    """Return OpenTelemetry's packages, ours, and those that we measure, by name."""
    installed = _installed()
    return [
        Package(name, installed[name].version)
        for name in sorted(installed)
        if name in _MATTER or name.startswith("opentelemetry-")
    ]


def check_packages(distro_named: str | None, folder: Path) -> list[Finding]:
    """Return what does not fit together among what is installed.

    `distro_named` is what OTEL_PYTHON_DISTRO says; `folder` is where applications are started from.
    """
    found = [*_unmet(), *_other_distros(distro_named), *_hidden(folder)]
    return found or [ok("packages", "What is installed fits together")]


def _installed() -> dict[str, Distribution]:
    found: dict[str, Distribution] = {}
    for distribution in distributions():
        # The first one on the path is the one that is imported. A broken installation may have no name.
        if name := distribution.metadata["Name"]:
            found.setdefault(canonicalize_name(name), distribution)
    return found


def _unmet() -> Iterator[Finding]:
    installed = _installed()
    for package in packages():
        for text in installed[package.name].requires or ():
            try:
                wanted = Requirement(text)
            except InvalidRequirement:
                continue
            if wanted.marker is not None and not wanted.marker.evaluate({"extra": ""}):
                continue
            yield from _unmet_requirement(package, wanted, installed.get(canonicalize_name(wanted.name)))


def _unmet_requirement(package: Package, wanted: Requirement, there: Distribution | None) -> Iterator[Finding]:
    if there is not None and wanted.specifier.contains(there.version, prereleases=True):
        return
    got = "it is not installed" if there is None else f"{there.version} is installed"
    needs = f"{wanted.name}{wanted.specifier}"
    remedy = f"pip install '{needs}'"
    yield broken("packages", f"{package.name} {package.version} needs {needs}, and {got}", remedy)


def _other_distros(named: str | None) -> Iterator[Finding]:
    others = [point.name for point in entry_points(group="opentelemetry_distro") if point.name != DISTRO]
    if others and named is None:
        sentence = f"Another distro is installed ({', '.join(others)}): opentelemetry-instrument may start that one"
        yield warn("distro", sentence, f"Set OTEL_PYTHON_DISTRO={DISTRO}")


def _hidden(folder: Path) -> Iterator[Finding]:
    """Find what an application started from `folder` would import in our place."""
    ours = Path(telemetry.__file__).resolve().parent.parent
    if folder.resolve() == ours:
        return
    for name in _NAMES_OF_OURS:
        for path in (folder / name / "__init__.py", folder / f"{name}.py"):
            if path.exists():
                sentence = f"{path} hides the package {name} of {OURS} from an application started in {folder}"
                yield broken("packages", sentence, f"Give {path.name if path.stem == name else name} another name")
