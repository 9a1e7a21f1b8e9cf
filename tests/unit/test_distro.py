"""The distro: which instrumentors it loads, and what it names."""

import logging
import sys
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

import pytest

from telemetry import distro
from telemetry.distro import Configurator, Distro
from telemetry.settings import name_configurator

loaded: list[str] = []


class Instrumentor:
    """An instrumentor that only tells that it was loaded."""

    def instrument(self, **_: object) -> None:
        """Tell."""
        loaded.append("instrumented")


class Broken:
    """An instrumentor that raises."""

    def instrument(self, **_: object) -> None:
        """Raise."""
        message = "broken"
        raise LookupError(message)


class NotInstalled:
    """An instrumentor of a library that is not installed."""

    def instrument(self, **_: object) -> None:
        """Raise as such do."""
        raise ModuleNotFoundError(name="library")


def entry_point(name: str, kind: type) -> EntryPoint:
    """Return an entry point of this module."""
    return EntryPoint(name, f"{__name__}:{kind.__name__}", "opentelemetry_instrumentor")


def test_the_entry_points_are_found() -> None:
    """opentelemetry-instrument finds distro and configurator under the name techsapo."""
    found = [entry_points(group=f"opentelemetry_{what}", name="techsapo") for what in ("distro", "configurator")]

    assert [[Distro], [Configurator]] == [[point.load() for point in points] for points in found]


def test_the_configurator_is_named_where_none_is() -> None:
    """Without a name the first one found would win; one that the user named stays."""
    empty: dict[str, str] = {}
    named = {"OTEL_PYTHON_CONFIGURATOR": "mine"}
    name_configurator("techsapo", empty)
    name_configurator("techsapo", named)

    assert {"OTEL_PYTHON_CONFIGURATOR": "techsapo"} == empty
    assert {"OTEL_PYTHON_CONFIGURATOR": "mine"} == named


def test_an_instrumentor_that_raises_is_told_and_the_others_go_on(caplog: pytest.LogCaptureFixture) -> None:
    """opentelemetry-instrument would stop at it, and instrument nothing more."""
    loaded.clear()
    with caplog.at_level(logging.ERROR):
        Distro().load_instrumentor(entry_point("broken", Broken))
        Distro().load_instrumentor(entry_point("good", Instrumentor))

    assert ["Instrumenting broken failed, the others go on"] == [record.message for record in caplog.records]
    assert ["instrumented"] == loaded


def test_a_library_that_is_not_installed_is_left_to_the_caller() -> None:
    """It knows these and skips them quietly."""
    with pytest.raises(ModuleNotFoundError):
        Distro().load_instrumentor(entry_point("missing", NotInstalled))


@pytest.mark.parametrize("measures_itself", [True, False])
def test_contribs_middleware_is_left_out_where_fastapi_measures_itself(
    measures_itself: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request is counted once; others than FastAPI's are not touched."""
    loaded.clear()
    monkeypatch.setattr(distro, "fastapi_measures_itself", lambda: measures_itself)
    for name in ("fastapi", "starlette", "redis"):
        Distro().load_instrumentor(entry_point(name, Instrumentor))

    assert (1 if measures_itself else 3) == len(loaded)


@pytest.mark.parametrize(("with_telemetry", "expected"), [(True, True), (False, False)])
def test_fastapis_own_instrumentation_is_found_without_an_import(
    with_telemetry: bool, expected: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Importing FastAPI before the instrumentors have seen it would be too early."""
    package = tmp_path / "fastapi"
    package.mkdir()
    (package / "__init__.py").write_text("raise RuntimeError('imported')")
    if with_telemetry:
        (package / "telemetry.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "fastapi", raising=False)

    assert expected == distro.fastapi_measures_itself()
