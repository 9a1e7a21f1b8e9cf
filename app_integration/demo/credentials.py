"""Credentials of the demo's own: a key and a secret for tokens, made anew each time."""

import hashlib
import secrets
import time
from dataclasses import dataclass, field
from typing import Literal

import jwt

Method = Literal["api_key", "jwt"]

_TOKEN_SECONDS = 3_600


@dataclass(frozen=True, slots=True)
class Credentials:
    """What clients show, and what the application checks them by."""

    key: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    secret: str = field(default_factory=lambda: secrets.token_urlsafe(48), repr=False)

    def variables(self) -> dict[str, str]:
        """Return the application's settings for them."""
        digest = hashlib.sha256(self.key.encode()).hexdigest()
        return {"REFERENCE_APP_API_KEYS": f"demo:{digest}", "REFERENCE_APP_JWT_SECRET": self.secret}

    def headers(self, method: Method) -> dict[str, str]:
        """Return the headers of who is known."""
        if method == "api_key":
            return {"X-API-Key": self.key}
        claims = {"sub": "demo", "exp": int(time.time()) + _TOKEN_SECONDS}
        return {"Authorization": f"Bearer {jwt.encode(claims, self.secret, 'HS256')}"}

    @staticmethod
    def wrong_headers(method: Method) -> dict[str, str]:
        """Return the headers of who guesses."""
        guess = secrets.token_urlsafe(24)
        return {"X-API-Key": guess} if method == "api_key" else {"Authorization": f"Bearer {guess}"}
