"""What an SDK raised, as the conventions' `error.type`: a timeout, a status, a provider's code, or the class."""

from app_integration.llm.fields import field, text
from telemetry.contract.llm import FROM_CALL_ERROR

# Of Python's, every SDK's and HTTP client's: TimeoutError, httpx2.ReadTimeout, openai.APITimeoutError.
_TIMEOUT = "timeout"
# What the SDKs raise of an answer that has come and cannot be read, by name: of Python's, openai's and anthropic's,
# google-genai's.
_UNREADABLE = ("JSONDecodeError", "APIResponseValidationError", "UnknownApiResponseError")


def error_type_of(error: BaseException) -> str:
    """Return `timeout`, the HTTP status as text, what the body says, or the error's class, in this order.

    The status is what openai and anthropic keep in `status_code`, google-genai in `code`, and HTTP clients in the
    response. An error within a stream has the status of the answer, 200, or none: its body has a code (OpenAI,
    OpenRouter) or a type (Anthropic).
    """
    if _is_timeout(error):
        return _TIMEOUT
    try:
        return _told(error) or type(error).__qualname__
    except Exception:  # noqa: BLE001  # an error whose own attributes raise is one nevertheless
        return type(error).__qualname__


def _told(error: BaseException) -> str | None:
    for holder, name in ((error, "status_code"), (error, "code"), (getattr(error, "response", None), "status_code")):
        status = getattr(holder, name, None)
        # A member of http.HTTPStatus is one, too.
        if isinstance(status, int) and 400 <= status <= 599:
            return str(int(status))
    body = getattr(error, "body", None)
    if body is None:
        return None
    return text(error, "code") or text(field(body, "error"), "type") or text(body, "type")


def _is_timeout(error: BaseException) -> bool:
    return any(kind.__name__.endswith(("Timeout", "TimeoutError", "TimeoutException")) for kind in type(error).__mro__)


def is_of_an_answer(error: BaseException) -> bool:
    """Tell whether an answer has come, and the SDK cannot read it: it is paid for, whatever it is."""
    return any(kind.__name__ in _UNREADABLE for kind in type(error).__mro__)


def status_of(error: BaseException | None) -> str:
    """Return the status of a call that ended so, as the contract has it; None is an end without error."""
    if error is None:
        return FROM_CALL_ERROR.absent
    return FROM_CALL_ERROR.table.get(error_type_of(error), FROM_CALL_ERROR.otherwise)
