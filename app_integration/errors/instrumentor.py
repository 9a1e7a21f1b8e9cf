"""Errors that nobody caught: of the program, of a thread, of a task that nobody awaited."""

import asyncio
import sys
import threading
from collections.abc import Callable, Collection
from types import TracebackType
from typing import Any, Final

from app_integration.errors.counting import Severity, count_error
from app_integration.instrumentor import Instrumentor

# What ends a program or a task on purpose.
_NO_ERRORS: Final = (KeyboardInterrupt, SystemExit, GeneratorExit, asyncio.CancelledError)

ExceptHook = Callable[[type[BaseException], BaseException, TracebackType | None], object]


class ErrorsInstrumentor(Instrumentor):
    """Counts what reaches `sys.excepthook`, `threading.excepthook` and the exception handler of asyncio's loops.

    What was there before is called afterwards, as ever. Errors that escape from an HTTP request are counted by
    `HttpInstrumentor`.
    """

    def instrumentation_dependencies(self) -> Collection[str]:
        """Nothing is needed but Python."""
        return ()

    def _instrument(self, **_: object) -> None:
        self._replaced_excepthook = (sys.excepthook, _excepthook(sys.excepthook))
        sys.excepthook = self._replaced_excepthook[1]
        self._replaced_threads = (threading.excepthook, _thread_excepthook(threading.excepthook))
        threading.excepthook = self._replaced_threads[1]
        self._replaced_loop = (asyncio.BaseEventLoop.call_exception_handler, _call_exception_handler)
        asyncio.BaseEventLoop.call_exception_handler = _call_exception_handler  # type: ignore[method-assign]  # loops have no hook for all of them

    def _uninstrument(self, **_: object) -> None:
        # What somebody put over ours stays.
        if sys.excepthook is self._replaced_excepthook[1]:
            sys.excepthook = self._replaced_excepthook[0]
        if threading.excepthook is self._replaced_threads[1]:
            threading.excepthook = self._replaced_threads[0]
        if asyncio.BaseEventLoop.call_exception_handler is self._replaced_loop[1]:
            asyncio.BaseEventLoop.call_exception_handler = self._replaced_loop[0]  # type: ignore[method-assign]  # gives back what was there


def _count(error: BaseException | None, severity: Severity, service: str) -> None:
    if error is not None and not isinstance(error, _NO_ERRORS):
        count_error(error, severity=severity, service=service)


def _excepthook(previous: ExceptHook) -> ExceptHook:
    def excepthook(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
        _count(error, "critical", "main")
        previous(kind, error, traceback)

    return excepthook


def _thread_excepthook(
    previous: Callable[[threading.ExceptHookArgs], object],
) -> Callable[[threading.ExceptHookArgs], object]:
    def excepthook(args: threading.ExceptHookArgs) -> None:
        _count(args.exc_value, "critical", "thread")
        previous(args)

    return excepthook


_original_call: Final = asyncio.BaseEventLoop.call_exception_handler


# Any: the type that asyncio itself gives to a context.
def _call_exception_handler(self: asyncio.BaseEventLoop, context: dict[str, Any]) -> None:
    error = context.get("exception")
    _count(error if isinstance(error, BaseException) else None, "error", "asyncio")
    _original_call(self, context)
