"""A circuit breaker for each provider: who fails again and again is not asked for a while."""

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from pybreaker import STATE_CLOSED, CircuitBreaker, CircuitBreakerError

from app_integration.circuit_breaker import BreakerListener

__all__ = ["Breakers", "CircuitBreakerError"]


class Breakers:
    """One for each of `services`: it opens after `failures` in a row, and lets a call through after `seconds`."""

    def __init__(self, services: Iterable[str], failures: int, seconds: float) -> None:
        self._breakers = {
            service: CircuitBreaker(
                name=service,
                fail_max=failures,
                reset_timeout=seconds,
                # An analysis that is given up is no failure of its providers.
                exclude=[asyncio.CancelledError],
                listeners=[BreakerListener(service)],
                # The call that opens it has failed for a reason of its own.
                throw_new_error_on_trip=False,
            )
            for service in services
        }

    @contextmanager
    def guarding(self, service: str) -> Iterator[None]:
        """Watch over a call of a service.

        Raises:
            CircuitBreakerError: the breaker is open; the block is not entered.
        """
        breaker = self._breakers[service]
        is_trial = breaker.current_state != STATE_CLOSED
        try:
            with breaker.calling():
                yield
        except asyncio.CancelledError:
            # pybreaker takes what it excludes for a success: a trial that was given up has shown nothing.
            if is_trial:
                breaker.open()
            raise
