"""Attempts, refusals, findings, caches, queues, connections, breakers: what an application tells of itself."""

import asyncio
import contextlib
import functools
import gc
import queue

import pybreaker
import pytest

from app_integration.cache import count_cache_request, watch_lru_cache
from app_integration.circuit_breaker import BreakerListener, record_breaker_state
from app_integration.connections import connection
from app_integration.queues import watch_queue
from app_integration.security import count_auth_attempt, count_rate_limit_hit, count_sanitized
from tests.support.measured import Measured

STATE = "techsapo_circuit_breaker_state"


def test_security_tells_by_the_labels_of_the_contract(figures: Measured) -> None:
    """Words that the contract does not have are `other`, and an address is a bucket."""
    count_auth_attempt("success", "jwt")
    count_auth_attempt("blocked", "smoke signals")  # type: ignore[arg-type]  # no such method
    count_rate_limit_hit("/items/{id}", "10.1.2.3")
    count_sanitized("pii", blocked=False)
    assert figures.values("techsapo_auth_attempts_total") == {("success", "jwt"): 1, ("blocked", "other"): 1}
    assert figures.values("techsapo_rate_limit_hits_total") == {("/items/{id}", "private"): 1}
    assert figures.values("techsapo_input_sanitization_total") == {("pii", "false"): 1}


def test_the_hit_ratio_comes_from_what_was_looked_up(figures: Measured) -> None:
    """Of counters, and of functools' own figures."""

    @functools.lru_cache
    def double(number: int) -> int:
        return number * 2

    watch_lru_cache("memory", double.cache_info)
    for number in (1, 1, 1, 2):
        double(number)
    count_cache_request("redis", hit=True)
    count_cache_request("redis", hit=False)
    assert figures.values("techsapo_cache_hit_ratio") == {("redis",): 0.5, ("memory",): 0.5}


def test_queues_are_asked_and_not_kept(figures: Measured) -> None:
    """Those of one name add up; one that is gone is empty."""
    first, second = queue.Queue[int](), asyncio.Queue[int]()
    watch_queue("archive", first)
    watch_queue("archive", second)
    watch_queue("other-queue", lambda: 7)
    first.put(1)
    second.put_nowait(1)
    assert figures.value("techsapo_queue_size", "archive") == 2
    del first
    gc.collect()
    assert figures.value("techsapo_queue_size", "archive") == 1
    assert figures.value("techsapo_queue_size", "other-queue") == 7


def test_a_connection_is_open_while_its_block_runs(figures: Measured) -> None:
    """However that ends."""
    with contextlib.suppress(ValueError), connection("smtp"):
        assert figures.value("techsapo_active_connections", "smtp") == 1
        raise ValueError
    assert figures.value("techsapo_active_connections", "smtp") == 0


def states(figures: Measured, service: str) -> dict[str, float]:
    """The three states of a breaker."""
    return {labels[1]: value for labels, value in figures.values(STATE).items() if labels[0] == service}


def test_of_a_breakers_states_one_holds(figures: Measured) -> None:
    """Closed from the beginning, and exactly one after each change."""
    breaker = pybreaker.CircuitBreaker(fail_max=1, reset_timeout=0, listeners=[BreakerListener("openai")])
    assert states(figures, "openai") == {"closed": 1, "open": 0, "half_open": 0}
    with pytest.raises(pybreaker.CircuitBreakerError):
        breaker.call(lambda: 1 / 0)
    assert states(figures, "openai") == {"closed": 0, "open": 1, "half_open": 0}
    breaker.half_open()
    assert states(figures, "openai") == {"closed": 0, "open": 0, "half_open": 1}
    breaker.call(lambda: 1)
    assert states(figures, "openai") == {"closed": 1, "open": 0, "half_open": 0}


def test_breakers_of_other_libraries_tell_by_a_function(figures: Measured) -> None:
    """Each by its name."""
    record_breaker_state("redis", "open")
    record_breaker_state("mysql", "closed")
    assert states(figures, "redis") == {"closed": 0, "open": 1, "half_open": 0}
    assert states(figures, "mysql") == {"closed": 1, "open": 0, "half_open": 0}
