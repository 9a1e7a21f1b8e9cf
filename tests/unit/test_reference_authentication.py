"""Who may ask the reference app, and what is counted of it."""

import hashlib
import time

import jwt
import pytest

from app_integration.reference_app import authentication
from app_integration.reference_app.authentication import Authentication, Identity, UnauthenticatedError

KEY = "key-" + "of-alice"
KEYS = {"alice": hashlib.sha256(KEY.encode()).hexdigest()}
SECRET = "a secret of " + "thirty-two bytes or more"
ADDRESS = "203.0.113.9"

Counted = list[tuple[str, str]]


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counted:
    """The attempts that were counted: status and method."""
    attempts: Counted = []
    monkeypatch.setattr(authentication, "count_auth_attempt", lambda *attempt: attempts.append(attempt))
    return attempts


def token(**claims: object) -> str:
    """A token of Bob's, good for a minute unless told otherwise."""
    return jwt.encode({"sub": "bob", "exp": time.time() + 60, **claims}, SECRET, algorithm="HS256")


def test_a_key_and_a_token_tell_who_asks(counted: Counted) -> None:
    """Both ways, each counted as its own."""
    known = Authentication(KEYS, SECRET)
    assert known.identify({"x-api-key": KEY}, ADDRESS) == Identity("alice", "api_key")
    assert known.identify({"authorization": f"Bearer {token()}"}, ADDRESS) == Identity("bob", "jwt")
    assert counted == [("success", "api_key"), ("success", "jwt")]


@pytest.mark.parametrize(
    ("headers", "method"),
    [
        ({"x-api-key": "another"}, "api_key"),
        ({"x-api-key": ""}, "api_key"),
        ({"authorization": "Bearer none"}, "jwt"),
        ({"authorization": f"Bearer {token(exp=1)}"}, "jwt"),
        ({"authorization": f"Bearer {token(sub=None)}"}, "jwt"),
        ({"authorization": "Bearer " + jwt.encode({"sub": "bob", "exp": 2**40}, SECRET + "!", "HS256")}, "jwt"),
        ({"authorization": "Bearer " + jwt.encode({"sub": "bob", "exp": 2**40}, "", "none")}, "jwt"),
    ],
)
def test_wrong_credentials_are_a_failure(headers: dict[str, str], method: str, counted: Counted) -> None:
    """An unknown key, no token, one that is too old, without a subject, of another secret, or unsigned."""
    with pytest.raises(UnauthenticatedError):
        Authentication(KEYS, SECRET).identify(headers, ADDRESS)
    assert counted == [("failure", method)]


def test_nothing_shown_is_no_attempt(counted: Counted) -> None:
    """Who shows nothing is told what is needed."""
    with pytest.raises(UnauthenticatedError, match="an API key"):
        Authentication(KEYS).identify({"authorization": "Basic YTpi"}, ADDRESS)
    assert counted == []


def test_without_keys_and_secret_everybody_may_ask(counted: Counted) -> None:
    """An application that is tried out needs no credentials."""
    assert Authentication({}).identify({"x-api-key": "any"}, ADDRESS) is None
    assert counted == []


def test_an_address_that_fails_often_is_not_heard(counted: Counted) -> None:
    """Not even with the right key, until its failures are old; others are heard all the while."""
    now = [100.0]
    known = Authentication(KEYS, failures=2, seconds=30, clock=lambda: now[0])
    for _ in range(2):
        with pytest.raises(UnauthenticatedError):
            known.identify({"x-api-key": "wrong"}, ADDRESS)
    with pytest.raises(UnauthenticatedError) as raised:
        known.identify({"x-api-key": KEY}, ADDRESS)
    assert raised.value.retry_after_seconds == 30
    assert known.identify({"x-api-key": KEY}, "203.0.113.10")
    now[0] += 30
    assert known.identify({"x-api-key": KEY}, ADDRESS)
    assert [status for status, _ in counted] == ["failure", "failure", "blocked", "success", "success"]


def test_failures_of_many_addresses_do_not_fill_the_memory(counted: Counted, monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest are forgotten."""
    monkeypatch.setattr(authentication, "_MOST_REMEMBERED", 3)
    known = Authentication(KEYS, failures=1)
    for host in range(5):
        with pytest.raises(UnauthenticatedError):
            known.identify({"x-api-key": "wrong"}, f"203.0.113.{host}")
    assert known.identify({"x-api-key": KEY}, "203.0.113.0")
    with pytest.raises(UnauthenticatedError, match="too many"):
        known.identify({"x-api-key": KEY}, "203.0.113.4")
    assert len(counted) == 7


@pytest.mark.parametrize(
    ("keys", "secret", "told"),
    [
        ({"alice": "short"}, "", "the API key of 'alice': got 5 characters"),
        ({}, "short", "the JWT secret: got 5 bytes"),
    ],
)
def test_wrong_settings_are_refused(keys: dict[str, str], secret: str, told: str) -> None:
    """The error names what, and what would be right."""
    with pytest.raises(ValueError, match=told):
        Authentication(keys, secret)
