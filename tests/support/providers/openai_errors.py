"""Errors of OpenAI's API. Source: https://platform.openai.com/docs/guides/error-codes, and the SDK's types."""

from tests.support.providers.script import Json, bytes_of

_ERRORS = {
    400: ("Unsupported parameter.", "invalid_request_error", "unsupported_parameter"),
    401: ("Incorrect API key provided.", "invalid_request_error", "invalid_api_key"),
    404: ("The model does not exist or you do not have access to it.", "invalid_request_error", "model_not_found"),
    429: ("Rate limit reached on tokens per min (TPM).", "tokens", "rate_limit_exceeded"),
}
_OF_SERVER = ("The server had an error while processing your request.", "server_error", None)


def told(status: int) -> Json:
    """Return what is said of an error."""
    message, kind, code = _ERRORS.get(status, _OF_SERVER)
    return {"message": message, "type": kind, "param": None, "code": code}


def refusal(status: int) -> bytes:
    """Return the body of an answer with this status."""
    return bytes_of({"error": told(status)})
