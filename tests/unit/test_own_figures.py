"""Attempts, refusals, findings, caches, queues, connections: what an application tells of itself."""

import asyncio
import contextlib
import functools
import gc
import queue
import weakref

import pytest
from opentelemetry.metrics import CallbackOptions

from app_integration.cache import count_cache_request, watch_lru_cache
from app_integration.connections import connection, watch_connections
from app_integration.queues import watch_queue
from app_integration.security import count_auth_attempt, count_rate_limit_hit, count_sanitized
from app_integration.watched import Watched
from tests.support.measured import Measured

LOOK_UPS = "techsapo_cache_requests_total"
CONNECTIONS = "techsapo_active_connections"
SIZE = "techsapo_queue_size"


def test_security_tells_by_the_labels_of_the_contract(figures: Measured) -> None:
    """Words that the contract does not have are `other`, and an address is a bucket."""
    count_auth_attempt("success", "jwt")
    count_auth_attempt("blocked", "smoke signals")  # type: ignore[arg-type]  # no such method
    count_rate_limit_hit("/items/{id}", "10.1.2.3")
    count_sanitized("pii", blocked=False)
    assert figures.values("techsapo_auth_attempts_total") == {("success", "jwt"): 1, ("blocked", "other"): 1}
    assert figures.values("techsapo_rate_limit_hits_total") == {("/items/{id}", "private"): 1}
    assert figures.values("techsapo_input_sanitization_total") == {("pii", "false"): 1}


@pytest.mark.parametrize("word", ["", "SUCCESS ", None, 7, ["success"], object(), "jane@example.com"])
def test_security_breaks_nothing_whatever_it_is_told(word: object, figures: Measured) -> None:
    """Each is counted, under `other` and its like."""
    count_auth_attempt(word, word)  # type: ignore[arg-type]  # what an untyped caller may give
    count_rate_limit_hit(word, word)  # type: ignore[arg-type]  # as above
    count_sanitized(word, blocked=word)  # type: ignore[arg-type]  # as above
    assert figures.values("techsapo_auth_attempts_total") == {("other", "other"): 1}
    assert figures.values("techsapo_rate_limit_hits_total") == {("unmatched", "invalid"): 1}
    assert figures.values("techsapo_input_sanitization_total") == {("other", "true" if word else "false"): 1}


def test_a_client_that_cannot_be_told_is_counted_all_the_same(figures: Measured) -> None:
    """One behind a Unix socket, and one that a header's mistake hides."""
    for address in ("", "unknown", "2001:db8::1, 10.0.0.1"):
        count_rate_limit_hit("/", address)
    assert figures.values("techsapo_rate_limit_hits_total") == {("/", "invalid"): 3}


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


def test_caches_of_one_type_add_up(figures: Measured) -> None:
    """Two functions, one of which is cleared, and what the application counts itself."""
    first, second = functools.lru_cache(abs), functools.lru_cache(abs)
    for function in (first, second):
        watch_lru_cache("response", function.cache_info)
    for function in (first, first, second):
        function(1)
    count_cache_request("response", hit=True)
    assert figures.value(LOOK_UPS, "response", "hit") == 2
    assert figures.value(LOOK_UPS, "response", "miss") == 2
    first.cache_clear()
    assert figures.value(LOOK_UPS, "response", "hit") == 2
    first(1)
    assert figures.value(LOOK_UPS, "response", "miss") == 3


def test_queues_are_asked_and_not_kept(figures: Measured) -> None:
    """Those of one name add up; one that is gone is empty."""
    first, second = queue.Queue[int](), asyncio.Queue[int]()
    watch_queue("archive", first)
    watch_queue("archive", second)
    watch_queue("other-queue", lambda: 7)
    first.put(1)
    second.put_nowait(1)
    assert figures.value(SIZE, "archive") == 2
    del first
    gc.collect()
    assert figures.value(SIZE, "archive") == 1
    assert figures.value(SIZE, "other-queue") == 7
    del second
    gc.collect()
    assert figures.values(SIZE)[("archive",)] == 0


def test_a_method_is_asked_while_its_object_lives(figures: Measured) -> None:
    """It does not keep it."""
    waiting = queue.Queue[int]()
    watch_queue("methods", waiting.qsize)
    waiting.put(1)
    assert figures.value(SIZE, "methods") == 1
    gone = weakref.ref(waiting)
    del waiting
    gc.collect()
    assert (gone(), figures.value(SIZE, "methods")) == (None, 0)


def test_a_watch_ends_where_it_is_ended(figures: Measured) -> None:
    """Once, and only that one of its name."""
    endings = [watch_queue("ended", lambda: 1), watch_queue("ended", lambda: 2)]
    assert figures.value(SIZE, "ended") == 3
    endings[0]()
    endings[0]()
    assert figures.value(SIZE, "ended") == 2


def test_a_queue_that_cannot_be_asked_silences_no_other(figures: Measured) -> None:
    """Before it or after it; its own name is not told, rather than in part."""
    failing = [True]

    def fails() -> int:
        if failing:
            raise NotImplementedError
        return 5

    watch_queue("a-sound", lambda: 1)
    watch_queue("broken", fails)
    watch_queue("broken", lambda: 1)
    watch_queue("sound", lambda: 2)
    assert figures.value(SIZE, "a-sound") == 1
    assert figures.value(SIZE, "sound") == 2
    assert ("broken",) not in figures.values(SIZE)
    failing.clear()
    assert figures.value(SIZE, "broken") == 6


class RoomlessQueue:
    """A queue that no reference can be made to."""

    __slots__ = ()

    def qsize(self) -> int:
        """Return what waits."""
        return 3


def test_what_comes_and_goes_fills_no_memory(figures: Measured) -> None:
    """A queue a request, under one name; names are bounded, too."""
    watched = Watched("queue_name", lambda _: None)
    for _ in range(1_000):
        watched.watch("requests", queue.Queue())
    gc.collect()
    watched.watch("requests", RoomlessQueue())
    assert len(watched._asked["requests"]) <= 2
    assert [each.value for each in watched._observe("requests", CallbackOptions())] == [3]
    for number in range(1_000):
        watched.watch(f"queue-{number}", lambda: 1)()
    assert len(watched._asked) == 100
    assert figures.value(SIZE, "requests") == 0


def test_a_connection_is_open_while_its_block_runs(figures: Measured) -> None:
    """However that ends."""
    with contextlib.suppress(ValueError), connection("smtp"):
        assert figures.value(CONNECTIONS, "smtp") == 1
        raise ValueError
    assert figures.value(CONNECTIONS, "smtp") == 0


def test_pools_are_asked_for_their_connections(figures: Measured) -> None:
    """They add up with those that are counted."""
    ends = [watch_connections("ldap", lambda: 3), watch_connections("ldap", lambda: 4)]
    with connection("ldap"):
        assert figures.value(CONNECTIONS, "ldap") == 8
    ends[1]()
    assert figures.value(CONNECTIONS, "ldap") == 3
