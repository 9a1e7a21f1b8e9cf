"""The reference app's rate limiter in memory."""

import asyncio

from app_integration.reference_app.cache import MemoryRateLimiter

# Everything below happens in one window.
FOREVER = 10**9


def admitted(limiter: MemoryRateLimiter, *clients: str) -> list[bool]:
    """Ask for each client in turn."""

    async def ask() -> list[bool]:
        return [await limiter.admit("/analyses", client) for client in clients]

    return asyncio.run(ask())


def test_each_client_has_its_own_count() -> None:
    """Up to the limit, and no further."""
    limiter = MemoryRateLimiter(2, FOREVER)
    assert admitted(limiter, "a", "a", "b", "a") == [True, True, True, False]


def test_so_many_clients_are_remembered_and_no_more() -> None:
    """Who has many addresses does not fill the memory: the oldest client begins anew."""
    limiter = MemoryRateLimiter(1, FOREVER)
    others = [f"2001:db8::{number:x}" for number in range(10_000)]
    assert admitted(limiter, "a", *others[1:], "a")[-1] is False
    assert admitted(limiter, others[0], "a")[-1] is True
