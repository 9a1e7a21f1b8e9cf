"""What an SDK raised, as `error.type` and as the status of a call."""

import asyncio
from http import HTTPStatus

import anthropic
import httpx2
import openai
import pytest

from app_integration.llm.errors import error_type_of, status_of
from telemetry.contract.domains import OTHER

REQUEST = httpx2.Request("POST", "http://127.0.0.1/v1")


def answered(status: int) -> httpx2.Response:
    """A response of this status."""
    return httpx2.Response(status, request=REQUEST)


def anthropics(status: int, kind: str) -> anthropic.APIStatusError:
    """What Anthropic's SDK makes of an error, in an answer or in a stream."""
    body = {"type": "error", "error": {"type": kind, "message": "no"}}
    return anthropic.APIStatusError("no", response=answered(status), body=body)


class Unreadable(Exception):  # noqa: N818  # a name that tells nothing
    """An error whose own attributes raise."""

    @property
    def status_code(self) -> int:
        """There is none, and asking is a mistake."""
        raise RuntimeError


class Coded(Exception):  # noqa: N818  # as above
    """An error that keeps a status where google-genai's do."""

    def __init__(self, code: int) -> None:
        self.code = code


CASES: list[tuple[BaseException, str, str]] = [
    (TimeoutError(), "timeout", "timeout"),
    (openai.APITimeoutError(request=REQUEST), "timeout", "timeout"),
    (anthropic.APITimeoutError(request=REQUEST), "timeout", "timeout"),
    (httpx2.ReadTimeout("slow"), "timeout", "timeout"),
    (httpx2.PoolTimeout("slow"), "timeout", "timeout"),
    (openai.APIStatusError("no", response=answered(408), body=None), "408", "timeout"),
    (openai.RateLimitError("no", response=answered(429), body=None), "429", "rate_limited"),
    (openai.APIStatusError("no", response=answered(503), body={"code": "rate_limit_exceeded"}), "503", "error"),
    (anthropics(429, "rate_limit_error"), "429", "rate_limited"),
    (anthropics(529, "overloaded_error"), "529", "error"),
    (openai.APIConnectionError(request=REQUEST), "APIConnectionError", "error"),
    (httpx2.RemoteProtocolError("cut"), "RemoteProtocolError", "error"),
    (ValueError("malformed"), "ValueError", "error"),
    (httpx2.HTTPStatusError("no", request=REQUEST, response=answered(429)), "429", "rate_limited"),
    (httpx2.HTTPStatusError("no", request=REQUEST, response=answered(200)), "HTTPStatusError", "error"),
    (Coded(HTTPStatus.GATEWAY_TIMEOUT), "504", "timeout"),
    (Unreadable("no"), "Unreadable", "error"),
    (asyncio.CancelledError(), "CancelledError", OTHER),
    # Within a stream: the status is the answer's.
    (anthropics(200, "overloaded_error"), "overloaded_error", "error"),
    (anthropics(200, "rate_limit_error"), "rate_limit_error", "rate_limited"),
    (anthropics(200, "timeout_error"), "timeout_error", "timeout"),
    (openai.APIError("no", REQUEST, body={"code": 429}), "429", "rate_limited"),
    (openai.APIError("no", REQUEST, body={"code": "rate_limit_exceeded"}), "rate_limit_exceeded", "rate_limited"),
    (openai.APIError("no", REQUEST, body={"type": "server_error"}), "server_error", "error"),
    (openai.APIError("no", REQUEST, body="no"), "APIError", "error"),
]


@pytest.mark.parametrize(("raised", "error_type", "status"), CASES, ids=[repr(case[0])[:60] for case in CASES])
def test_what_was_raised_has_a_type_and_a_status(raised: BaseException, error_type: str, status: str) -> None:
    """Whichever SDK raised it, for a refusal, a silence, or in the midst of a stream."""
    assert (error_type_of(raised), status_of(raised)) == (error_type, status)


def test_no_error_is_a_success() -> None:
    """A call that ended without one."""
    assert status_of(None) == "success"
