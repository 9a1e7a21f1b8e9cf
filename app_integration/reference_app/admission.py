"""Who may ask, and how often; and what is passed on of what they ask."""

from typing import Annotated

from fastapi import Depends, HTTPException
from redis.exceptions import RedisError
from starlette.requests import HTTPConnection

from app_integration.client_address import network_of
from app_integration.errors import count_error
from app_integration.reference_app.authentication import Identity, UnauthenticatedError
from app_integration.reference_app.sanitizer import RefusedInputError, sanitized
from app_integration.reference_app.services import FromServices
from app_integration.security import count_rate_limit_hit


def identified(connection: HTTPConnection, services: FromServices) -> Identity | None:
    """Return who asks; None where everybody may. Answers 401, and 429 to who was wrong too often."""
    client = network_of(services.proxies.client_address(connection.scope))
    try:
        return services.authentication.identify(connection.headers, client)
    except UnauthenticatedError as error:
        if error.retry_after_seconds is not None:
            raise HTTPException(429, str(error), {"Retry-After": str(error.retry_after_seconds)}) from error
        raise HTTPException(401, str(error), {"WWW-Authenticate": "Bearer"}) from error


# What a route declares that not everybody may call.
Identified = Annotated[Identity | None, Depends(identified)]


async def admit(connection: HTTPConnection, services: FromServices, route: str) -> None:
    """Count a request against the limit of its client. Answers 429 past it."""
    address = services.proxies.client_address(connection.scope)
    try:
        admitted = await services.limiter.admit(route, network_of(address))
    except RedisError as error:
        # Without its limiter the application goes on.
        count_error(error, severity="warning", service="rate-limiter")
        return
    if not admitted:
        count_rate_limit_hit(route, address)
        retry_after = {"Retry-After": str(services.settings.rate_window_seconds)}
        raise HTTPException(429, "too many analyses: try again later", retry_after)


def passed_on(question: str) -> str:
    """Return a question as it may be passed on. Answers 400 where it looks like an attack."""
    try:
        kept = sanitized(question)
    except RefusedInputError as error:
        raise HTTPException(400, str(error)) from error
    if not kept:
        raise HTTPException(400, "nothing is left of the question without its markup")
    return kept
