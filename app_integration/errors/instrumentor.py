"""Errors that nobody caught: of the program, of a thread, of a task that nobody awaited, of a finalizer."""

import asyncio
import sys
import threading
from collections.abc import Callable, Collection, Mapping
from types import ModuleType, TracebackType

from app_integration.errors.counting import count_error
from app_integration.errors.hooks import Hook
from app_integration.instrumentor import Instrumentor, WhenImported


class ErrorsInstrumentor(Instrumentor):
    """Counts what reaches `sys.excepthook`, `threading.excepthook`, `sys.unraisablehook` and asyncio's loops.

    What was there before is called afterwards, as ever, and so is the exception handler of a loop. Loops count whenever
    they were made, uvloop's too. Errors that escape from an HTTP request are counted by `HttpInstrumentor`.
    """

    def instrumentation_dependencies(self) -> Collection[str]:
        """Nothing is needed but Python."""
        return ()

    def _instrument(self, **_: object) -> None:
        self._hooks = (
            Hook(sys, "excepthook", _see_program),
            Hook(threading, "excepthook", _see_thread),
            # Of a finalizer or a callback of the garbage collector: nobody can catch it, and Python only prints it.
            Hook(sys, "unraisablehook", _see_unraisable),
            # Of the class, since loops have no hook for all of them.
            Hook(asyncio.BaseEventLoop, "call_exception_handler", _see_loop),
        )
        # uvicorn takes it where it is installed; its loops are of no class of asyncio's.
        self._uvloop = WhenImported("uvloop", _hook_uvloop)

    def _uninstrument(self, **_: object) -> None:
        self._uvloop.undo()
        for hook in self._hooks:
            hook.give_back()


def _hook_uvloop(module: ModuleType) -> Callable[[], None]:
    return Hook(module.Loop, "call_exception_handler", _see_loop).give_back


def _see_program(kind: object, error: BaseException, traceback: TracebackType | None = None) -> None:
    del kind, traceback
    count_error(error, severity="critical", service="main")


def _see_thread(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None:
        count_error(args.exc_value, severity="critical", service="thread")


def _see_unraisable(args: "sys.UnraisableHookArgs") -> None:
    if args.exc_value is not None:
        count_error(args.exc_value, severity="error", service="unraisable")


def _see_loop(loop: asyncio.AbstractEventLoop, context: Mapping[str, object]) -> None:
    del loop
    error = context.get("exception")
    if isinstance(error, BaseException):
        count_error(error, severity="error", service="asyncio")
