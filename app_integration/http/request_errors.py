"""Errors of requests: those that escape from the application, and those that it answers with 500 or more.

The latter pass no middleware. Starlette's ExceptionMiddleware, and the routes within, send the answer, an
HTTPException's or that of a handler of the application's, while they handle the exception: it is looked for there.
"""

import sys
from collections.abc import Awaitable
from typing import TYPE_CHECKING, Final

from app_integration.errors import count_error, is_counted

if TYPE_CHECKING:
    from starlette.types import Message, Send

# What an error of a request is counted under.
_SERVICE: Final = "api"
# Starlette's, by name: this module does without it.
_CLIENT_HAS_GONE: Final = frozenset({"ClientDisconnect", "WebSocketDisconnect"})


def count_request_error(error: BaseException) -> None:
    """Count an error, unless it has been counted or is the client's leaving."""
    if isinstance(error, BaseExceptionGroup):
        for member in error.exceptions:
            count_request_error(member)
    elif isinstance(error, Exception) and type(error).__name__ not in _CLIENT_HAS_GONE:
        count_error(error, service=_SERVICE)


def noticing(send: "Send") -> "Send":
    """Return a `send` that counts the exception which is being answered with 500 or more. Answers below are none."""
    outer = sys.exception()  # the server may have been started while one was handled

    def noticed(message: "Message") -> Awaitable[None]:
        if message["type"] == "http.response.start" and message["status"] >= 500:
            error = sys.exception()
            if error is not None and error is not outer and not _answers_a_counted_one(error):
                count_request_error(error)
        return send(message)

    return noticed


def _answers_a_counted_one(error: BaseException) -> bool:
    """Tell whether an HTTPException was raised while an error was handled that has been counted.

    Elsewhere that makes two errors, but an exception that carries the status of its answer is only the answer.
    """
    handled = error.__context__
    return handled is not None and hasattr(error, "status_code") and is_counted(handled)
