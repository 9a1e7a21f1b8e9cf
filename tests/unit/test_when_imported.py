"""What is measured of a library waits until an application imports it."""

import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from app_integration.instrumentor import WhenImported


@pytest.fixture
def name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> str:
    """A module that can be imported, of a name of its own."""
    module = f"a_library_{abs(hash(request.node.name))}"
    (tmp_path / f"{module}.py").write_text("answer = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    return module


def doubled(module: ModuleType) -> "Restore":
    """Double a module's answer."""
    vars(module)["answer"] *= 2
    return Restore(module)


class Restore:
    """Gives back what was there."""

    def __init__(self, module: ModuleType) -> None:
        self._module = module

    def __call__(self) -> None:
        """Halve it."""
        vars(self._module)["answer"] //= 2


def imported(name: str) -> ModuleType:
    """Import a module."""
    __import__(name)
    return sys.modules[name]


def test_it_waits_for_the_import(name: str) -> None:
    """And gives back what was there."""
    waiting = WhenImported(name, doubled)
    assert name not in sys.modules
    module = imported(name)
    assert module.answer == 2
    waiting.undo()
    assert module.answer == 1


def test_what_is_imported_already_is_replaced_at_once(name: str) -> None:
    """Whichever comes first."""
    module = imported(name)
    waiting = WhenImported(name, doubled)
    assert module.answer == 2
    waiting.undo()


def test_what_is_undone_before_the_import_stays_undone(name: str) -> None:
    """And can begin anew."""
    WhenImported(name, doubled).undo()
    module = imported(name)
    assert module.answer == 1
    again = WhenImported(name, doubled)
    assert module.answer == 2
    again.undo()


def test_an_error_does_not_break_the_applications_import(name: str, caplog: pytest.LogCaptureFixture) -> None:
    """It is logged."""

    def broken(_: ModuleType) -> Restore:
        raise KeyError

    WhenImported(name, broken)
    assert imported(name).answer == 1
    assert "is not measured" in caplog.text


def test_sdks_that_nobody_uses_are_not_imported() -> None:
    """Each would take half a second and 40 MB or more."""
    script = (
        "import sys, app_integration; app_integration.instrument();"
        "print(sorted({'openai', 'anthropic', 'google.genai'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"
