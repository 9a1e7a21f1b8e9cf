"""Who may ask: an API key (`X-API-Key`) or a JWT (`Authorization: Bearer …`, HS256), each attempt counted.

After some failures in a row an address is not even heard for a while, which makes trying keys pointless.
"""

import hashlib
import hmac
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

import jwt

from app_integration.security import count_auth_attempt

Method = Literal["api_key", "jwt"]

_ALGORITHM: Final = "HS256"
_SECRET_BYTES_MIN: Final = 32
# Addresses whose failures are remembered; past it the oldest are forgotten.
_MOST_REMEMBERED: Final = 10_000


class UnauthenticatedError(Exception):
    """Nobody that is known. `retry_after_seconds` where the address is blocked."""

    def __init__(self, reason: str, retry_after_seconds: int | None = None) -> None:
        super().__init__(reason)
        self.retry_after_seconds = retry_after_seconds


@dataclass(frozen=True, slots=True)
class Identity:
    """Who asks, and how that was shown."""

    name: str
    method: Method


class Authentication:
    """Checks credentials. With neither keys nor a secret everybody may ask.

    `keys` are the SHA-256 digests of API keys, in hex, by the name of who has them. `failures` in `seconds` block an
    address until the oldest of them is that old; `clock` is monotonic, in seconds.

    Raises:
        ValueError: a digest or the secret is none.
    """

    def __init__(
        self,
        keys: Mapping[str, str],
        jwt_secret: str = "",
        *,
        failures: int = 10,
        seconds: int = 60,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        for name, digest in keys.items():
            if len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):
                msg = f"the API key of {name!r}: got {len(digest)} characters; a SHA-256 digest has 64 of 0-9a-f"
                raise ValueError(msg)
        if jwt_secret and len(jwt_secret.encode()) < _SECRET_BYTES_MIN:
            got = len(jwt_secret.encode())
            msg = f"the JWT secret: got {got} bytes; {_ALGORITHM} needs {_SECRET_BYTES_MIN} or more"
            raise ValueError(msg)
        self._keys = dict(keys)
        self._secret = jwt_secret
        self._blocked = _Failures(failures, seconds, clock)

    @property
    def required(self) -> bool:
        """Whether anybody is asked for anything."""
        return bool(self._keys or self._secret)

    def identify(self, headers: Mapping[str, str], client_address: str) -> Identity | None:
        """Return who asks, None where nothing is required.

        Raises:
            UnauthenticatedError: no credentials, wrong ones, or too many wrong ones from this address.
        """
        if not self.required:
            return None
        key, (scheme, _, token) = headers.get("x-api-key"), headers.get("authorization", "").partition(" ")
        if key is None and scheme.lower() != "bearer":
            raise UnauthenticatedError("an API key (X-API-Key) or a bearer token is needed")
        method: Method = "jwt" if key is None else "api_key"
        if (wait := self._blocked.seconds_left(client_address)) > 0:
            count_auth_attempt("blocked", method)
            raise UnauthenticatedError("too many failures: try again later", wait)
        name = self._of_token(token) if key is None else self._of_key(key)
        if name is None:
            count_auth_attempt("failure", method)
            self._blocked.add(client_address)
            raise UnauthenticatedError("the API key is unknown" if method == "api_key" else "the token is not valid")
        count_auth_attempt("success", method)
        self._blocked.forget(client_address)
        return Identity(name, method)

    def _of_key(self, key: str) -> str | None:
        digest = hashlib.sha256(key.encode()).hexdigest()
        # All of them, so that the time it takes tells nothing.
        found = [name for name, known in self._keys.items() if hmac.compare_digest(known, digest)]
        return found[0] if found else None

    def _of_token(self, token: str) -> str | None:
        if not self._secret:
            return None
        try:
            claims = jwt.decode(token, self._secret, algorithms=[_ALGORITHM], options={"require": ["exp", "sub"]})
        except jwt.InvalidTokenError:
            return None
        return str(claims["sub"])


class _Failures:
    """When the last failures of each address were."""

    def __init__(self, most: int, seconds: int, clock: Callable[[], float]) -> None:
        self._most = most
        self._seconds = seconds
        self._clock = clock
        self._times: OrderedDict[str, list[float]] = OrderedDict()

    def seconds_left(self, address: str) -> int:
        """Return how long an address is not heard, 0 where it is."""
        times = self._recent(address)
        if len(times) < self._most:
            return 0
        return max(1, round(times[0] + self._seconds - self._clock()))

    def add(self, address: str) -> None:
        """Note a failure."""
        self._times[address] = [*self._recent(address), self._clock()][-self._most :]
        self._times.move_to_end(address)
        while len(self._times) > _MOST_REMEMBERED:
            self._times.popitem(last=False)

    def forget(self, address: str) -> None:
        """Begin anew: somebody there knows their key."""
        self._times.pop(address, None)

    def _recent(self, address: str) -> list[float]:
        since = self._clock() - self._seconds
        return [then for then in self._times.get(address, ()) if then > since]
