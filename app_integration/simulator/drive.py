"""Google Drive, as far as an archive needs it: tokens of service accounts, and files that are created.

Sources: RFC 7523 (the assertion that a service account gets its token by), Google Drive API v3, files.create with
`uploadType=multipart`, and its error bodies.
"""

import email
import email.policy
import json
import secrets
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qs

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

UPLOAD_PATH: Final = "/upload/drive/v3/files"
TOKEN_PATH: Final = "/token"  # noqa: S105  # a path
_GRANT: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
# Google's library names this one, wherever its tokens come from.
_AUDIENCE: Final = "https://oauth2.googleapis.com/token"
_REASONS: Final = {401: "authError", 403: "userRateLimitExceeded", 429: "rateLimitExceeded", 500: "backendError"}


@dataclass(frozen=True, slots=True)
class StoredFile:
    """What was uploaded: the file's metadata, and its content."""

    metadata: dict[str, object]
    content: bytes


@dataclass
class Drive:
    """A Drive with one service account. `failures` are the statuses that the next uploads get instead of a file."""

    account: str = "archive@simulator.iam.gserviceaccount.com"
    failures: list[int] = field(default_factory=list)
    files: dict[str, StoredFile] = field(default_factory=dict)
    uploads: int = 0

    def __post_init__(self) -> None:
        self._key = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
        self._tokens: set[str] = set()

    def key_file(self, url: str) -> str:
        """Return the account's key in the form that Google's console exports; this Drive is at `url`."""
        private = self._key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return json.dumps(
            {
                "type": "service_account",
                "project_id": "simulator",
                "private_key_id": "simulated",
                "private_key": private.decode(),
                "client_email": self.account,
                "token_uri": url.rstrip("/") + TOKEN_PATH,
            }
        )

    def app(self) -> Starlette:
        """Return the API as an ASGI application."""
        return Starlette(
            routes=[
                Route(TOKEN_PATH, self._token, methods=["POST"]),
                Route(UPLOAD_PATH, self._upload, methods=["POST"]),
            ]
        )

    async def _token(self, request: Request) -> JSONResponse:
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        try:
            claims = jwt.decode(
                form["assertion"], self._key.public_key(), algorithms=["RS256"], audience=_AUDIENCE, leeway=10
            )
        except (jwt.InvalidTokenError, KeyError) as error:
            return JSONResponse({"error": "invalid_grant", "error_description": type(error).__name__}, 400)
        if form.get("grant_type") != _GRANT or claims["iss"] != self.account:
            return JSONResponse({"error": "invalid_grant", "error_description": "another account"}, 400)
        token = secrets.token_urlsafe(24)
        self._tokens.add(token)
        return JSONResponse({"access_token": token, "expires_in": 3_600, "token_type": "Bearer"})

    async def _upload(self, request: Request) -> JSONResponse:
        self.uploads += 1
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or token not in self._tokens:
            return _refusal(401)
        if self.failures:
            return _refusal(self.failures.pop(0))
        kind = request.headers["content-type"]
        message = email.message_from_bytes(
            b"Content-Type: " + kind.encode() + b"\r\n\r\n" + await request.body(), policy=email.policy.HTTP
        )
        metadata, content = [bytes(part.get_payload(decode=True)) for part in message.iter_parts()]
        number = f"simulated-{len(self.files) + 1}"
        self.files[number] = StoredFile(json.loads(metadata), content)
        return JSONResponse({"id": number})


def _refusal(status: int) -> JSONResponse:
    reason = _REASONS.get(status, "backendError")
    errors = [{"domain": "global", "reason": reason, "message": reason}]
    return JSONResponse({"error": {"code": status, "message": reason, "errors": errors}}, status)
