"""The breakers before the providers, around asynchronous calls."""

import asyncio

import pytest

from app_integration.reference_app.breakers import Breakers, CircuitBreakerError


async def fail(breakers: Breakers) -> None:
    """Call a service that fails."""
    with breakers.guarding("openai"):
        await asyncio.sleep(0)
        raise ConnectionError


async def opened(seconds: float) -> Breakers:
    """A breaker that two failures have opened."""
    breakers = Breakers(["openai"], failures=2, seconds=seconds)
    for _ in range(2):
        with pytest.raises(ConnectionError):
            await fail(breakers)
    return breakers


def test_failures_in_a_row_open_it() -> None:
    """The call that opens it fails for its own reason, the next one is not even tried."""

    async def run() -> None:
        breakers = await opened(3_600)
        with pytest.raises(CircuitBreakerError):
            await fail(breakers)

    asyncio.run(run())


def test_a_trial_that_is_given_up_has_shown_nothing() -> None:
    """It leaves the breaker open; one that succeeds closes it."""

    async def run() -> None:
        breakers = await opened(0)

        async def hang() -> None:
            with breakers.guarding("openai"):
                await asyncio.Event().wait()

        trial = asyncio.create_task(hang())
        await asyncio.sleep(0)
        trial.cancel()
        await asyncio.gather(trial, return_exceptions=True)
        assert breakers._breakers["openai"].current_state == "open"
        with breakers.guarding("openai"):
            await asyncio.sleep(0)
        assert breakers._breakers["openai"].current_state == "closed"

    asyncio.run(run())
