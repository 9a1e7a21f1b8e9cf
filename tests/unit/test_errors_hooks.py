"""Errors that nobody caught: each hook counts, calls what was there before, and is given back."""

import asyncio
import functools
import gc
import sys
import threading
import types
from collections.abc import Callable, Iterator

import pytest

from app_integration.errors import ErrorsInstrumentor, count_error
from app_integration.errors.hooks import Hook
from tests.support.measured import Measured

ERRORS = "techsapo_errors_total"


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The hooks that were there before, which say who was called; ours are over them."""
    called: list[str] = []

    def note(name: str) -> Callable[..., None]:
        return lambda *_: called.append(name)

    monkeypatch.setattr(sys, "excepthook", note("program"))
    monkeypatch.setattr(threading, "excepthook", note("thread"))
    monkeypatch.setattr(sys, "unraisablehook", note("unraisable"))
    monkeypatch.setattr(asyncio.BaseEventLoop, "call_exception_handler", note("loop"))
    ErrorsInstrumentor().instrument()
    yield called
    if ErrorsInstrumentor().is_instrumented_by_opentelemetry:
        ErrorsInstrumentor().uninstrument()


def end_a_program(error: BaseException) -> None:
    """Do what the interpreter does."""
    sys.excepthook(type(error), error, None)


def end_a_thread(error: BaseException) -> None:
    """Raise in a thread of its own."""

    def run() -> None:
        raise error

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()


def end_a_finalizer(error: BaseException) -> None:
    """Raise where nobody can catch."""

    class Ending:
        def __del__(self) -> None:
            raise error

    Ending()
    gc.collect()


def forget_a_task(error: BaseException) -> None:
    """Leave a task that fails, in a loop that is made now."""

    async def fail() -> None:
        raise error

    async def forget() -> None:
        forgotten = asyncio.ensure_future(fail())
        await asyncio.wait([forgotten])
        del forgotten

    asyncio.run(forget())
    gc.collect()


WAYS = {
    "program": (end_a_program, "critical", "main"),
    "thread": (end_a_thread, "critical", "thread"),
    "unraisable": (end_a_finalizer, "error", "unraisable"),
    "loop": (forget_a_task, "error", "asyncio"),
}


@pytest.mark.parametrize("way", WAYS)
def test_what_nobody_caught_counts_once(way: str, told: list[str], figures: Measured) -> None:
    """And what was there before them is told."""
    end, severity, service = WAYS[way]
    error = ValueError()
    end(error)
    assert told == [way]
    assert not count_error(error)
    assert figures.values(ERRORS) == {("ValueError", severity, service): 1}


@pytest.mark.parametrize("way", WAYS)
def test_after_uninstrument_nothing_counts(way: str, told: list[str], figures: Measured) -> None:
    """Everything is as it was."""
    ErrorsInstrumentor().uninstrument()
    WAYS[way][0](ValueError())
    assert told == [way]
    assert figures.values(ERRORS) == {}


@pytest.mark.parametrize("way", ["program", "thread", "unraisable"])
def test_an_end_on_purpose_is_no_error(way: str, told: list[str], figures: Measured) -> None:
    """The hooks are called for them all the same, but for a thread's SystemExit."""
    WAYS[way][0](KeyboardInterrupt())
    assert told == [way]
    assert figures.values(ERRORS) == {}


def test_a_loops_own_handler_is_called(figures: Measured) -> None:
    """With what it has always got."""
    contexts = []

    async def forget() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: contexts.append(context))
        asyncio.get_running_loop().call_soon(lambda: 1 // 0)
        await asyncio.sleep(0)

    ErrorsInstrumentor().instrument()
    try:
        asyncio.run(forget())
    finally:
        ErrorsInstrumentor().uninstrument()
    assert [type(context["exception"]) for context in contexts] == [ZeroDivisionError]
    assert figures.values(ERRORS) == {("ZeroDivisionError", "error", "asyncio"): 1}


def test_loops_of_uvloop_count_whenever_it_is_imported(monkeypatch: pytest.MonkeyPatch, figures: Measured) -> None:
    """They are of no class of asyncio's; a stand-in has the one method that matters."""
    called = []

    class Loop:
        def call_exception_handler(self, context: object) -> None:
            called.append(context)

    module = types.ModuleType("uvloop")
    module.Loop = Loop  # type: ignore[attr-defined]  # what the real one has
    monkeypatch.setitem(sys.modules, "uvloop", module)
    original = Loop.call_exception_handler
    context = {"message": "x", "exception": ValueError()}
    ErrorsInstrumentor().instrument()
    try:
        Loop().call_exception_handler(context)
    finally:
        ErrorsInstrumentor().uninstrument()
    assert called == [context]
    assert Loop.call_exception_handler is original
    assert figures.values(ERRORS) == {("ValueError", "error", "asyncio"): 1}


def test_a_hook_that_somebody_has_covered_rests(figures: Measured) -> None:
    """What is over it stays, still calls what was there, and nothing is counted."""
    called: list[object] = []
    owner = types.SimpleNamespace(hook=called.append)
    seen: list[object] = []
    hook = Hook(owner, "hook", seen.append)
    theirs = owner.hook = functools.partial(owner.hook)
    owner.hook(1)
    hook.give_back()
    owner.hook(2)
    assert (owner.hook, called, seen) == (theirs, [1, 2], [1])
    assert figures.values(ERRORS) == {}


def test_a_hook_that_was_inherited_is_inherited_again() -> None:
    """Nothing is left on the class."""

    class Base:
        def hook(self) -> str:
            return "base"

    class Derived(Base):
        pass

    seen: list[object] = []
    hook = Hook(Derived, "hook", seen.append)
    assert (Derived().hook(), len(seen)) == ("base", 1)
    hook.give_back()
    assert "hook" not in vars(Derived)
